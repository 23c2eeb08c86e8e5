import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MODES, type Mode } from '../domain/decision.ts'
import type { Standing } from '../domain/safety.ts'
import { learned, modeOf, type StandingPolicy } from './standing.ts'

const FROM_BELOW: StandingPolicy = { start: 'observe', promoteAfter: { observe: 3, suggest: 2, approve: 2 } }
const FROM_CEILING: StandingPolicy = { ...FROM_BELOW, start: 'ceiling' }

/** How a rule stands after decisions of which each turned out right or wrong. */
function standingAfter(outcomes: readonly boolean[], ceiling: Mode, policy = FROM_BELOW): Standing | undefined {
  let standing: Standing | undefined
  for (const [at, right] of outcomes.entries()) {
    standing = learned(standing, { rule: 'memory', group: 'node', ceiling, right }, policy, at)
  }
  return standing
}

const right = (count: number) => Array<boolean>(count).fill(true)

describe('a rule in a group', () => {
  it('earns its way up by right decisions', () => {
    expect(standingAfter(right(2), 'auto')).toMatchObject({ mode: 'observe', right: 2, since: 0 })
    expect(standingAfter(right(3), 'auto')).toMatchObject({ mode: 'suggest', right: 0, since: 2 })
    expect(standingAfter(right(3 + 2), 'auto')).toMatchObject({ mode: 'approve' })
    expect(standingAfter(right(3 + 2 + 2), 'auto')).toMatchObject({ mode: 'auto' })
  })

  it('loses a mode, and what it gathered, by one wrong decision', () => {
    expect(standingAfter([false], 'auto', FROM_CEILING)).toMatchObject({ mode: 'approve', right: 0, since: 0 })
    expect(standingAfter([false, true, false], 'auto', FROM_CEILING)).toMatchObject({ mode: 'suggest', right: 0 })
    expect(standingAfter([...right(2), false, ...right(2)], 'auto')).toMatchObject({
      mode: 'observe',
      right: 2,
      wrong: 1,
    })
  })

  it('begins where the policy says, or at what its file allows', () => {
    expect(modeOf('approve', undefined, FROM_BELOW)).toBe('observe')
    expect(modeOf('approve', undefined, FROM_CEILING)).toBe('approve')
  })

  it('stays where it is when nothing but a person may promote it', () => {
    const never = { ...FROM_BELOW, promoteAfter: { observe: 0, suggest: 0, approve: 0 } }

    expect(standingAfter(right(50), 'auto', never)).toMatchObject({ mode: 'observe', right: 50 })
  })

  it('never stands above what its file allows, whatever happens and whatever it stood at before', () => {
    const rank = (mode: Mode) => MODES.indexOf(mode)
    const mode = fc.constantFrom(...MODES)

    fc.assert(
      fc.property(fc.array(fc.boolean()), mode, mode, (outcomes, before, ceiling) => {
        const standing = standingAfter(outcomes, before)
        const decision = { rule: 'memory', group: 'node', ceiling, right: true }
        const next = learned(standing, decision, FROM_BELOW, 99)
        return rank(next.mode) <= rank(ceiling) && rank(modeOf(ceiling, standing, FROM_BELOW)) <= rank(ceiling)
      }),
    )
  })

  it('never moves by more than one mode at a time', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1 }), (outcomes) => {
        const before = modeOf('auto', standingAfter(outcomes.slice(0, -1), 'auto'), FROM_BELOW)
        return Math.abs(MODES.indexOf(standingAfter(outcomes, 'auto')!.mode) - MODES.indexOf(before)) <= 1
      }),
    )
  })
})
