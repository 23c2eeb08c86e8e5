import { describe, expect, it } from 'vitest'
import { GUARDS, type GuardName } from '../../domain/decision.ts'
import { actionOf, begunBefore, MINUTE, NOON, proposalOf, situationOf } from '../testing/situation.ts'
import { askGuards } from './ask.ts'
import type { Situation } from './guard.ts'

const fresh = situationOf().data

/** For each guard what makes it object, and nothing else. */
const OBJECTIONABLE: Readonly<Record<GuardName, Partial<Situation>>> = {
  kill_switch: { freeze: { by: 'api:alice', reason: 'deploy', at: NOON } },
  protected: { protectedBy: 'it is Homeostat itself' },
  selector: { selector: { ok: false, reason: 'no mapping names it' } },
  fresh_data: { data: { ...fresh, newestSampleAt: NOON - MINUTE } },
  recovered: { unwell: false },
  maintenance: { maintenance: 'silenced by alice until 13:00' },
  soak: { heldCycles: 1 },
  flap: { stateChanges: 4 },
  fleet_breaker: { groupHealth: { size: 20, unhealthy: 5 } },
  self_stop: {
    actions: [1, 2, 3, 4, 5].map((i) => begunBefore(i * 70 * MINUTE, { target: `t${i}`, state: 'FAILED' })),
  },
  attempts: { actions: [5, 25, 55].map((i) => begunBefore(i * MINUTE, { action: 'throttle' })) },
  cooldown: { actions: [begunBefore(9 * MINUTE)] },
  concurrency: { actions: [actionOf({ target: 'web-2@node', state: 'STARTED', startedAt: NOON - 2 * MINUTE })] },
  rate: { actions: [1, 2, 3, 4, 5, 6].map((i) => begunBefore(i * 9000, { target: `t${i}`, group: `g${i}` })) },
}

describe('the guards', () => {
  it('let a sound proposal pass', () => {
    expect(askGuards(situationOf())).toBeUndefined()
  })

  it.each(GUARDS)('%s says no by itself, with a reason', (guard) => {
    const objection = askGuards(situationOf(OBJECTIONABLE[guard]))

    expect(objection).toMatchObject({ guard, reason: expect.stringMatching(/\w/) })
  })

  it('answer in order: the first no is the one that people see', () => {
    for (const [i, first] of GUARDS.entries()) {
      const all = Object.assign(
        {},
        ...GUARDS.slice(i)
          .map((name) => OBJECTIONABLE[name])
          .reverse(),
      )

      expect(askGuards(situationOf(all))?.guard).toBe(first)
    }
  })

  it('let people be told whatever holds for acting, except maintenance, soak and cooldown', () => {
    const telling = (guard: GuardName) => {
      return askGuards(situationOf({ ...OBJECTIONABLE[guard], proposal: proposalOf({ action: 'alert' }) }))?.guard
    }

    expect(GUARDS.filter((guard) => telling(guard) === guard)).toEqual(['recovered', 'maintenance', 'soak'])
    const actions = [begunBefore(9 * MINUTE, { action: 'alert' })]
    expect(askGuards(situationOf({ actions, proposal: proposalOf({ action: 'alert' }) }))?.guard).toBe('cooldown')
  })

  it('spare a person only the questions whether the target is really unwell', () => {
    const manual = proposalOf({ rule: 'manual' })
    const spared = GUARDS.filter((guard) => !askGuards(situationOf({ ...OBJECTIONABLE[guard], proposal: manual })))

    expect(spared).toEqual(['recovered', 'soak', 'flap'])
  })
})
