import { describe, expect, it } from 'vitest'
import type { Reading } from '../../pipeline/push.ts'
import { loadKernel } from '../kernel.ts'
import { configOf } from '../testing/effects-of.ts'
import { loopOf, NOON } from '../testing/loop-of.ts'
import { createPushDoor } from './door.ts'

const WELL = { cpu_percent: 30, memory_percent: 48, request_latency_ms: 80, error_rate_percent: 1, restarts: 0 }
const ILL = { ...WELL, cpu_percent: 95, request_latency_ms: 450 }

/** A door before the loop as the daemon builds it; its only rule restarts what is unwell. */
async function doorOf(options: { config?: string; mode?: 'auto' | 'observe' } = {}) {
  const { loop, clock, ...rest } = await loopOf(options.mode ?? 'auto')
  const config = configOf(options.config ?? '')
  const dependencies = {
    fleet: loop.fleet,
    responder: loop.responder,
    rules: loop.book.rules,
    clock,
    kernel: loadKernel(),
    budgetOf: () => 1,
  }
  const door = createPushDoor(config, dependencies)
  let readings = 0

  const push = (metrics: Readonly<Record<string, number>>, changes: Partial<Reading> = {}) => {
    // A little noise, so that readings are not all alike.
    const noise = (readings++ % 5) / 10
    const noisy = Object.entries(metrics).map(([name, value]): [string, number] => [name, value + noise])
    return door.receive({
      service: 'checkout',
      at: clock.now(),
      labels: { tier: 'web' },
      metrics: new Map(noisy),
      ...changes,
    })
  }
  /** So many readings, one every 3 s; what came of the last one. */
  async function series(count: number, metrics: Readonly<Record<string, number>>) {
    for (let i = 1; i < count; i++) {
      await push(metrics)
      await clock.advance(3000)
    }
    const answer = await push(metrics)
    await clock.advance(3000)
    if (!answer.ok) throw new Error(answer.text)
    return answer.judgement
  }
  return { ...rest, loop, clock, door, push, series, open: () => createPushDoor(config, dependencies) }
}

describe('the door for pushed readings', () => {
  it('warms up, then judges each reading, and answers by rule and guard when a service falls ill', async () => {
    const { series, heal, effects } = await doorOf()

    const [first, well] = [await series(1, WELL), await series(30, WELL)]
    const ill = await series(1, ILL)
    const again = await series(1, ILL)
    await heal()
    const acting = await series(1, ILL)

    expect([first.verdict.state, well.verdict.state, well.verdict.detected]).toEqual(['warming_up', 'fresh', false])
    expect(well).not.toHaveProperty('decision')
    expect(ill.verdict.detected).toBe(true)
    expect(ill.decision).toMatchObject({
      rule: 'unwell',
      action: 'restart',
      severity: 'high',
      verdict: 'refuse',
      guard: 'soak',
    })
    expect(again.decision).toMatchObject({ rule: 'unwell', verdict: 'execute' })
    expect(again.action).toMatchObject({ target: 'checkout@push', action: 'restart', state: 'PLANNED' })
    expect(acting.action).toMatchObject({ state: 'SUCCEEDED' })
    expect(effects.done).toHaveLength(1)
  })

  it('opens one incident with the labels that came along, and ends it', async () => {
    const { series, incidents, heal } = await doorOf()
    await series(30, WELL)
    await series(2, ILL)
    await heal()

    await series(12, WELL)
    await heal()

    const { items } = await incidents.list({ limit: 10 })
    expect(items).toHaveLength(1)
    expect(items[0]).toMatchObject({ target: 'checkout@push', state: 'recovered' })
    expect(items[0].labels).toEqual({ instance: 'checkout', job: 'push', tier: 'web' })
  })

  it('hears each service by itself, whatever metrics it has', async () => {
    const { push, clock, door } = await doorOf()
    const { cpu_percent, memory_percent } = WELL

    for (let i = 0; i < 10; i++) {
      await push(WELL)
      await push({ cpu_percent, memory_percent, queue_length: 3 }, { service: 'mailer' })
      await clock.advance(3000)
    }

    expect([...door.verdicts()].map(({ target, state }) => [target.id, state])).toEqual([
      ['checkout@push', 'fresh'],
      ['mailer@push', 'fresh'],
    ])
    expect(
      door
        .detail('mailer@push')
        ?.features.map(({ feature }) => feature)
        .sort(),
    ).toEqual(['cpu_percent', 'memory_percent', 'queue_length'])
    expect(door.detail('other@push')).toBeUndefined()
  })

  it('warms up again with a metric that is new, and goes on without one that is missing', async () => {
    const { series } = await doorOf()
    await series(30, WELL)
    const { restarts: _, ...fewer } = WELL

    const missing = await series(1, fewer)
    const more = await series(1, { ...WELL, queue_length: 3 })

    expect([missing.verdict.state, more.verdict.state]).toEqual(['fresh', 'warming_up'])
  })

  it('takes no reading twice, none that is older, and none from the future', async () => {
    const { push } = await doorOf()
    await push(WELL)

    const answers = [await push(WELL), await push(WELL, { at: NOON - 1 }), await push(WELL, { at: NOON + 301_000 })]

    expect(answers.map((one) => !one.ok && one.why)).toEqual(['older', 'older', 'future'])
  })

  it('keeps to the number of services and metrics that it may remember', async () => {
    const { push } = await doorOf({ config: 'push: { max_services: 1 }' })
    await push(WELL)
    const wide = Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`m${i}`, i]))

    const answers = [await push(WELL, { service: 'other' }), await push(wide, { at: NOON + 3000 })]

    expect(answers.map((one) => !one.ok && one.why)).toEqual(['full', 'too_many_metrics'])
  })

  it('calls a silent service stale, then forgets it, and takes it back anew', async () => {
    const { series, clock, door, loop, push } = await doorOf()
    await series(10, WELL)

    await clock.advance(91_000)
    door.age()
    const stale = [...door.verdicts()].map(({ state }) => state)
    const guarded = loop.fleet.data('checkout@push', clock.now()).cleanCycles
    await clock.advance(3_600_000)
    door.age()
    const gone = [...door.verdicts()]
    const back = await push(WELL)

    expect([stale, guarded, gone]).toEqual([['stale'], 0, []])
    expect(back.ok && back.judgement.verdict.state).toBe('warming_up')
  })

  it('does not ask the store about a service that is well', async () => {
    const { series, journal, cycles } = await doorOf()
    await cycles(1, 'well')
    await series(10, WELL)
    let asked = 0
    const { transaction } = journal
    journal.transaction = (work) => {
      asked++
      return transaction(work)
    }

    await series(20, WELL)

    expect(asked).toBe(0)
  })

  it('goes on after a restart with what was kept, and takes no reading from before it', async () => {
    const { series, clock, door, open } = await doorOf()
    await series(40, WELL)
    const next = open()
    next.recall(door.keep())
    const reading = (at: number) => ({
      service: 'checkout',
      at,
      labels: {},
      metrics: new Map(Object.entries(ILL)),
    })

    const older = await next.receive(reading(clock.now() - 60_000))
    const ill = await next.receive(reading(clock.now()))

    expect(older).toMatchObject({ ok: false, why: 'older' })
    expect(ill.ok && ill.judgement.verdict).toMatchObject({ state: 'fresh', detected: true })
    expect(ill.ok && ill.judgement.verdict.detectors.isolation_forest).toBeGreaterThan(0)
  })

  it('begins anew with a service that was silent for too long, or has other metrics', async () => {
    const { series, clock, door, open } = await doorOf()
    await series(40, WELL)
    const kept = door.keep()
    const [late, other] = [open(), open()]
    late.recall(kept)
    other.recall(kept)
    const reading = { service: 'checkout', labels: {}, metrics: new Map(Object.entries(WELL)) }

    const more = await other.receive({
      ...reading,
      at: clock.now(),
      metrics: new Map([...reading.metrics, ['queue_length', 3]]),
    })
    await clock.advance(3_700_000)
    const back = await late.receive({ ...reading, at: clock.now() })

    expect([more, back].map((one) => one.ok && one.judgement.verdict.state)).toEqual(['warming_up', 'warming_up'])
  })

  it('keeps what was kept of a service that is silent since, and forgets it once it is gone', async () => {
    const { series, clock, door, open } = await doorOf()
    await series(40, WELL)
    const next = open()
    next.recall(door.keep())

    const soon = [...next.keep().services.keys()]
    await clock.advance(3_700_000)
    const late = [...next.keep().services.keys()]

    expect([soon, late]).toEqual([['checkout'], []])
  })

  it('goes on with what the door before it remembers', async () => {
    const { series, door, open } = await doorOf()
    await series(30, WELL)

    const next = open()
    next.takeOver(door)

    expect([...next.verdicts()].map(({ state }) => state)).toEqual(['fresh'])
  })
})
