import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { actionOf, begunBefore, MINUTE, NOON, proposalOf, situationOf } from '../testing/situation.ts'
import { attempts } from './attempts.ts'
import { concurrency } from './concurrency.ts'
import { cooldown, cooledDownAt } from './cooldown.ts'
import { fleetBreaker } from './fleet-breaker.ts'
import { freshData } from './fresh-data.ts'
import { DEFAULT_LIMITS } from './guard.ts'
import { rate } from './rate.ts'
import { selector } from './selector.ts'
import { failuresInARow, selfStop } from './self-stop.ts'

const HOUR = 60 * MINUTE

describe('the fleet breaker', () => {
  const health = (size: number, unhealthy: number) => {
    const quiet = { size: 100_000, unhealthy: 0 }
    const trips = (situation: object) => fleetBreaker.objection(situationOf(situation)) !== undefined
    return {
      inGroup: trips({ groupHealth: { size, unhealthy }, fleetHealth: quiet }),
      inFleet: trips({ groupHealth: quiet, fleetHealth: { size, unhealthy } }),
    }
  }

  it('trips at a fifth and one more, for every size from 5 to 10,000', () => {
    for (let size = 5; size <= 10_000; size++) {
      const fifth = (size - (size % 5)) / 5
      if (health(size, fifth).inGroup || !health(size, fifth + 1).inGroup) expect.fail(`group of ${size}`)
      if (health(size, fifth).inFleet || !health(size, fifth + 1).inFleet) expect.fail(`fleet of ${size}`)
    }
  })

  it('stays tripped however many more are unhealthy', () => {
    const sizes = fc.integer({ min: 5, max: 10_000 }).chain((size) => {
      return fc.tuple(fc.constant(size), fc.integer({ min: Math.floor(size / 5) + 1, max: size }))
    })

    fc.assert(fc.property(sizes, ([size, unhealthy]) => health(size, unhealthy).inGroup))
  })

  it('holds everything back where nobody knows the size of the group or of the fleet', () => {
    expect(fleetBreaker.objection(situationOf({ groupHealth: undefined }))).toMatch(/nobody knows/)
    expect(fleetBreaker.objection(situationOf({ fleetHealth: undefined }))).toMatch(/nobody knows/)
    expect(fleetBreaker.objection(situationOf({ truncated: true }))).toMatch(/left alerts out/)
  })

  it('lets small groups act on one target at a time, however many are unhealthy', () => {
    const small = { groupHealth: { size: 4, unhealthy: 4 } }
    const elsewhere = actionOf({ target: 'web-2@node', state: 'SUCCEEDED' })

    expect(fleetBreaker.objection(situationOf(small))).toBeUndefined()
    expect(fleetBreaker.objection(situationOf({ ...small, actions: [elsewhere] }))).toMatch(/another action/)
    expect(fleetBreaker.objection(situationOf({ ...small, actions: [{ ...elsewhere, group: 'db' }] }))).toBeUndefined()
  })
})

describe('the cooldown', () => {
  const { cooldown: limits } = DEFAULT_LIMITS

  it('doubles with each action up to the hour', () => {
    const waits: number[] = []
    const begun: ReturnType<typeof begunBefore>[] = []
    let at = NOON
    for (let i = 0; i < 6; i++) {
      begun.unshift(begunBefore(NOON - at))
      const next = cooledDownAt(begun, limits)
      waits.push((next - at) / MINUTE)
      at = next
    }

    expect(waits).toEqual([10, 20, 40, 60, 60, 60])
  })

  it('begins anew after a pause of twice the maximum', () => {
    const long = [begunBefore(0), begunBefore(2 * HOUR + 1)]

    expect(cooledDownAt(long, limits) - NOON).toBe(10 * MINUTE)
    expect(cooledDownAt([begunBefore(0), begunBefore(2 * HOUR)], limits) - NOON).toBe(20 * MINUTE)
  })

  it('is never shorter than the base and never longer than the maximum', () => {
    const times = fc.array(fc.integer({ min: 0, max: 24 * HOUR }), { minLength: 1, maxLength: 30 })

    fc.assert(
      fc.property(times, (ago) => {
        const wait =
          cooledDownAt(
            ago.map((ms) => begunBefore(ms)),
            limits,
          ) -
          (NOON - Math.min(...ago))
        return wait >= limits.baseMs && wait <= limits.maxMs
      }),
    )
  })

  it('is counted by target and action, and not by what was only planned or takes something back', () => {
    const objects = (changes: object) =>
      cooldown.objection(situationOf({ actions: [begunBefore(MINUTE, changes)] })) !== undefined

    expect(objects({})).toBe(true)
    expect(objects({ target: 'web-2@node' })).toBe(false)
    expect(objects({ action: 'throttle' })).toBe(false)
    expect(objects({ startedAt: undefined, state: 'REFUSED' })).toBe(false)
    expect(objects({ key: 'undo:a0' })).toBe(false)
  })

  it('tells commands and requests apart by their names', () => {
    const proposal = proposalOf({ action: 'http', parameters: { request: 'scale-up' } })
    const objects = (request: string) => {
      const before = begunBefore(MINUTE, { action: 'http', parameters: { request } })
      return cooldown.objection(situationOf({ proposal, actions: [before] })) !== undefined
    }

    expect(objects('scale-up')).toBe(true)
    expect(objects('restart')).toBe(false)
  })
})

describe('fresh data', () => {
  const data = situationOf().data
  const objection = (changes: object) => freshData.objection(situationOf({ data: { ...data, ...changes } }))

  it('must be younger than a minute', () => {
    expect(objection({ newestSampleAt: NOON - MINUTE + 1 })).toBeUndefined()
    expect(objection({ newestSampleAt: NOON - MINUTE })).toBe('the newest sample is 60 s old')
    expect(objection({ newestSampleAt: Number.NEGATIVE_INFINITY })).toBe('nothing is heard of the target')
  })

  it('need two full cycles and no warning', () => {
    expect(objection({ cleanCycles: 1 })).toMatch(/1 of 2 full cycles/)
    expect(objection({ cleanCycles: Number.NaN })).toMatch(/full cycles/)
    expect(objection({ warnings: ['query timed out'] })).toMatch(/query timed out/)
  })

  it('are the alert itself where only alerts speak of the target', () => {
    expect(objection({ newestSampleAt: Number.NaN })).toBeUndefined()
  })
})

describe('nothing means nothing', () => {
  it('refuses an empty target, whatever the mapping says', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\s*$/), (target) => selector.objection(situationOf({ target })) !== undefined),
    )
  })
})

describe('attempts', () => {
  it('lock a target out after three within the hour, and let it go when the hour is over', () => {
    const actions = [begunBefore(20 * MINUTE), begunBefore(40 * MINUTE), begunBefore(HOUR)]

    expect(attempts.objection(situationOf({ actions }))).toBeUndefined()
    expect(attempts.objection(situationOf({ actions, at: NOON - 1 }))).toMatch(/3 attempts within 60 min/)
  })

  it('do not count telling people, nor taking something back', () => {
    const actions = [1, 2, 3].flatMap((i) => [
      begunBefore(i * MINUTE, { action: 'alert' }),
      begunBefore(i * MINUTE, { key: `undo:${i}` }),
    ])

    expect(attempts.objection(situationOf({ actions }))).toBeUndefined()
  })
})

describe('self-stop', () => {
  const states = (...list: ReturnType<typeof actionOf>['state'][]) => {
    return list.map((state, i) => begunBefore(i * MINUTE, { state }))
  }

  it('counts failed, unknown and unhelpful actions until the newest that helped', () => {
    expect(failuresInARow(states('FAILED', 'UNKNOWN', 'ESCALATED', 'VERIFIED', 'FAILED'), 0)).toBe(3)
    expect(failuresInARow(states('VERIFIED', 'FAILED', 'FAILED'), 0)).toBe(0)
  })

  it('passes over what is not finished, refused or only told', () => {
    const actions = [
      actionOf({ state: 'STARTED', startedAt: NOON }),
      actionOf({ state: 'REFUSED' }),
      begunBefore(0, { action: 'alert', state: 'VERIFIED' }),
      ...states('FAILED', 'SUCCEEDED', 'FAILED'),
    ]

    expect(failuresInARow(actions, 0)).toBe(2)
  })

  it('forgets what lies before a person unfroze', () => {
    const actions = states('FAILED', 'FAILED', 'FAILED', 'FAILED', 'FAILED')

    expect(selfStop.objection(situationOf({ actions }))).toMatch(/last 5 actions/)
    expect(selfStop.objection(situationOf({ actions, trustedSince: NOON - 2 * MINUTE }))).toBeUndefined()
  })
})

describe('concurrency and rate', () => {
  const underWay = (i: number) => actionOf({ id: `a${i}`, target: `t${i}`, group: `g${i}` })

  it('allow five at a time in all', () => {
    const actions = [1, 2, 3, 4].map(underWay)

    expect(concurrency.objection(situationOf({ actions }))).toBeUndefined()
    expect(concurrency.objection(situationOf({ actions: [...actions, underWay(5)] }))).toBe('5 under way in all')
  })

  it('do not count what waits for a person', () => {
    const waiting = actionOf({ target: 'web-2@node', state: 'AWAITING_APPROVAL' })

    expect(concurrency.objection(situationOf({ actions: [waiting] }))).toBeUndefined()
  })

  it('hold every window that is set', () => {
    const rates = [
      { count: 2, windowMs: HOUR, scope: 'rule' },
      { count: 3, windowMs: 24 * HOUR, scope: 'group' },
    ] as const
    const limits = { ...DEFAULT_LIMITS, rates }
    const others = [1, 2, 3].map((i) => begunBefore(i * MINUTE, { rule: 'other' }))
    const own = [1, 2].map((i) => begunBefore(i * MINUTE, { group: 'db' }))

    expect(rate.objection(situationOf({ limits, actions: own }))).toBe('2 within 60 min by the rule')
    expect(rate.objection(situationOf({ limits, actions: others }))).toBe('3 within 24 h in the group')
    expect(rate.objection(situationOf({ limits, actions: [own[0], others[0]] }))).toBeUndefined()
  })

  it('never let more than the rate begin within any window', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 20, maxLength: 60 })

    fc.assert(
      fc.property(gaps, (between) => {
        const begun: ReturnType<typeof actionOf>[] = []
        let at = NOON
        for (const [i, gap] of between.entries()) {
          at += gap
          const proposal = proposalOf()
          if (rate.objection(situationOf({ at, proposal, actions: begun })) !== undefined) continue
          begun.unshift(actionOf({ id: `a${i}`, state: 'VERIFIED', startedAt: at, finishedAt: at }))
        }
        const starts = begun.map(({ startedAt }) => startedAt!)
        return starts.every((start) => starts.filter((other) => other <= start && start - other < MINUTE).length <= 6)
      }),
    )
  })
})
