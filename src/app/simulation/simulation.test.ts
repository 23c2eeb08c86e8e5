import { describe, expect, it } from 'vitest'
import type { Clock } from '../../platform/clock.ts'
import { campaign } from '../../simulate/campaign.ts'
import { SHOP } from '../../simulate/service.ts'
import { createWorld, type ServiceReading } from '../../simulate/world.ts'
import { eventJson, eventLine, type SimulationEvent } from './events.ts'
import { createFaultFeed, scheduled } from './fault-feed.ts'
import { createSimulation } from './simulation.ts'

const START = Date.UTC(2026, 10, 21, 12)
const TICK_MS = 3000

/** A clock that only sleeping moves on; `beforeWaking` may do something, such as let the machine sleep longer. */
function fakeClock(beforeWaking: (now: number) => number | undefined = () => undefined) {
  let now = 1000
  const clock: Clock = {
    now: () => now,
    async sleep(ms) {
      now += ms
      now = beforeWaking(now) ?? now
    },
  }
  return { clock, now: () => now }
}

function simulate(options: { clock?: Clock; speed?: number; faults?: ReturnType<typeof createFaultFeed> } = {}) {
  const emitted: (readonly ServiceReading[])[] = []
  const events: SimulationEvent[] = []
  const simulation = createSimulation({
    world: createWorld({ services: SHOP, seed: 1, startAt: START, tickMs: TICK_MS }),
    startAt: START,
    tickMs: TICK_MS,
    speed: options.speed ?? 1,
    faults: options.faults ?? createFaultFeed([], undefined),
    emit: (readings) => emitted.push(readings),
    report: (event) => events.push(event),
    clock: options.clock ?? fakeClock().clock,
  })
  return { simulation, emitted, events, lines: () => events.map(eventLine) }
}

const ever = new AbortController().signal

describe('a simulation', () => {
  it('ticks at its interval, and the readings carry the time of the world', async () => {
    const { clock, now } = fakeClock()
    const { simulation, emitted } = simulate({ clock })

    await simulation.run(ever, 4)

    expect(emitted.map(([{ at }]) => at - START)).toEqual([0, 3000, 6000, 9000])
    expect(now()).toBe(1000 + 3 * 3000)
  })

  it('goes faster than the clock when told to', async () => {
    const { clock, now } = fakeClock()
    const { simulation, emitted } = simulate({ clock, speed: 10 })

    await simulation.run(ever, 11)

    expect(emitted.at(-1)![0].at - START).toBe(10 * 3000)
    expect(now()).toBe(1000 + 10 * 300)
  })

  it('goes on while the machine sleeps, and leaves out readings that come too late', async () => {
    const { clock } = fakeClock((now) => (now === 4000 ? now + 30_000 : undefined))
    const { simulation, emitted } = simulate({ clock })

    await simulation.run(ever, 14)

    expect(emitted.map(([{ at }]) => (at - START) / 1000)).toEqual([0, 33, 36, 39])
  })

  it('stops when told to', async () => {
    const stop = new AbortController()
    const { clock } = fakeClock((now) => {
      if (now > 10_000) stop.abort()
      return undefined
    })
    const { simulation, emitted } = simulate({ clock })

    await simulation.run(stop.signal)

    expect(emitted).toHaveLength(4)
  })

  it('tells its story in lines', async () => {
    const faults = createFaultFeed(
      scheduled([{ at: 3000, service: 'ledger', kind: 'crash_loop', ticks: 3, strength: 1 }], TICK_MS, 1),
      undefined,
    )
    const { clock } = fakeClock()
    const { simulation, events, lines } = simulate({ faults, clock })

    await simulation.run(ever, 6)
    await clock.sleep(2000)
    simulation.inject({ kind: 'memory_leak', service: 'cart', ticks: 9, strength: 1 })
    simulation.act('cart', 'scale_up')
    simulation.act('cart', 'restart')
    simulation.act('cart', 'restart')
    simulation.act('search', 'scale_down')

    expect(lines()).toEqual([
      '12:00:03 fault crash_loop at ledger (3 ticks)',
      '12:00:12 crash_loop at ledger is over',
      '12:00:17 fault memory_leak at cart (9 ticks)',
      '12:00:17 scale_up of cart did not help: memory_leak goes on',
      '12:00:17 restart of cart helped: memory_leak is over',
      '12:00:17 restart of cart was done, nothing was wrong',
      '12:00:17 scale_down of search changed nothing',
    ])
    expect(JSON.parse(eventJson(events[0]))).toEqual({
      at: '2026-11-21T12:00:03.000Z',
      event: 'fault',
      by: 'schedule',
      kind: 'crash_loop',
      service: 'ledger',
      ticks: 3,
      strength: 1,
    })
  })

  it('lets chance bring nothing that somebody has brought about already', async () => {
    const [first] = [campaign({ services: SHOP, seed: 1, quiet: 2 }).next().value]
    const { simulation, events } = simulate({
      faults: createFaultFeed([], campaign({ services: SHOP, seed: 1, quiet: 2 })),
    })
    simulation.inject({ kind: first.kind, service: first.service, ticks: 100, strength: 1 })

    await simulation.run(ever, 10)

    expect(events.map(({ event }) => event)).toEqual(['fault'])
  })

  it('shows the latest readings, and nothing before the first', async () => {
    const { simulation, emitted } = simulate()
    const before = [simulation.latest().size, simulation.exposition()]

    await simulation.run(ever, 3)

    expect(before).toEqual([0, ''])
    expect(simulation.latest().get('cart')).toEqual(emitted[2].find(({ service }) => service === 'cart')!.metrics)
    expect(simulation.exposition()).toContain('http_requests_total{service="cart"')
  })
})

describe('the faults of a world', () => {
  it('come when they are due, none twice, whatever the order of the schedule', () => {
    const at = (seconds: number) => ({ at: seconds * 1000, service: 'cart', kind: 'cpu_spike' as const, strength: 1 })
    const feed = createFaultFeed(scheduled([at(30), at(0), at(9)], TICK_MS, 1), undefined)

    const due = Array.from({ length: 12 }, (_, tick) => feed.due(tick).length)

    expect(due).toEqual([1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0])
  })

  it('last 8 to 18 ticks when nobody says how many, or as long as is asked for', () => {
    const requests = Array.from({ length: 200 }, () => ({
      at: 0,
      service: 'a',
      kind: 'cpu_spike' as const,
      strength: 1,
    }))

    const usual = scheduled(requests, TICK_MS, 1).map(({ ticks }) => ticks)
    const long = scheduled(requests, TICK_MS, 1, [60, 60]).map(({ ticks }) => ticks)

    expect([Math.min(...usual), Math.max(...usual)]).toEqual([8, 18])
    expect(new Set(long)).toEqual(new Set([60]))
  })

  it('are those of the campaign where chance decides', () => {
    const feed = createFaultFeed([], campaign({ services: SHOP, seed: 4 }))
    const expected = campaign({ services: SHOP, seed: 4 })

    const due = Array.from({ length: 500 }, (_, tick) => feed.due(tick)).flat()

    expect(due.length).toBeGreaterThan(5)
    expect(due).toEqual(due.map(() => ({ ...expected.next().value, by: 'chance' })))
  })
})
