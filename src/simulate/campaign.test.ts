import { describe, expect, it } from 'vitest'
import { type Cascade, campaign, cascades, type ScheduledFault } from './campaign.ts'
import { FAULTS } from './fault.ts'
import { type ServiceMetrics, SHOP } from './service.ts'
import { createWorld } from './world.ts'

function first<T>(faults: Generator<T, never>, count: number): T[] {
  return Array.from({ length: count }, () => faults.next().value)
}

describe('a campaign', () => {
  it('is the same for the same seed', () => {
    const [one, same, other] = [1, 1, 2].map((seed) => first(campaign({ services: SHOP, seed }), 50))

    expect(one).toEqual(same)
    expect(one).not.toEqual(other)
  })

  it('has one fault at a time, with a pause after each', () => {
    const faults = first(campaign({ services: SHOP, seed: 3, quiet: 40, pause: [10, 20], ticks: [8, 18] }), 300)

    const pauses = faults.slice(1).map(({ atTick }, i) => atTick - (faults[i].atTick + faults[i].ticks))
    expect(faults[0].atTick).toBe(40)
    expect(Math.min(...pauses)).toBe(10)
    expect(Math.max(...pauses)).toBe(20)
    expect(Math.min(...faults.map(({ ticks }) => ticks))).toBe(8)
    expect(Math.max(...faults.map(({ ticks }) => ticks))).toBe(18)
  })

  it('has all kinds and services equally often', () => {
    const count = 36 * 5
    const faults = first(campaign({ services: SHOP, seed: 3 }), count)

    const times = (pick: (fault: ScheduledFault) => string) =>
      new Set([...Map.groupBy(faults, pick).values()].map(({ length }) => length))
    expect(times(({ kind }) => kind)).toEqual(new Set([count / FAULTS.length]))
    expect(times(({ service }) => service)).toEqual(new Set([count / SHOP.length]))
  })

  it('can be injected as it comes', () => {
    const world = createWorld({ services: SHOP, seed: 1, startAt: 0, tickMs: 3000 })
    let tick = 0

    for (const fault of first(campaign({ services: SHOP, seed: 3 }), 100)) {
      for (; tick < fault.atTick; tick++) world.tick()
      world.inject(fault)
      expect(world.faults()).toHaveLength(1)
    }
  })
})

describe('a cascade', () => {
  it('says who calls its root, and by how many calls', () => {
    const found = first(cascades({ services: SHOP, seed: 1 }), 40).find(({ service }) => service === 'ledger')!

    expect([...found.dependants]).toEqual([
      ['payments', 1],
      ['checkout', 2],
      ['gateway', 3],
    ])
  })

  it('is felt by whoever calls its root, less than at the root itself', () => {
    for (const cascade of first(cascades({ services: SHOP, seed: 5 }), 60)) {
      const rises = risesIn(cascade)

      const direct = [...cascade.dependants].filter(([, calls]) => calls === 1).map(([name]) => rises(name))
      expect(direct.length).toBeGreaterThan(0)
      for (const rise of direct) {
        expect(rise).toBeGreaterThan(4)
        expect(rise).toBeLessThan(rises(cascade.service))
      }
    }
  })

  it('needs a service that another calls', () => {
    const services = [{ name: 'alone', tier: 'app', machine: 'm1', dependsOn: [] }]

    expect(() => cascades({ services, seed: 1 }).next()).toThrow('nothing can spread')
  })
})

/** How far latency or errors rise at a service by a cascade's fault, in the noise of a quiet service. */
function risesIn({ kind, service, ticks, strength }: Cascade): (name: string) => number {
  const shown = [false, true].map((ill) => {
    const world = createWorld({ services: SHOP, seed: 9, startAt: 0, tickMs: 3000 })
    if (ill) world.inject({ kind, service, ticks, strength })
    const last = Array.from({ length: 6 }, () => world.tick()).at(-1)!
    return new Map(last.readings.map((reading) => [reading.service, reading.metrics]))
  })
  const rise = (name: string, metric: keyof ServiceMetrics) => shown[1].get(name)![metric] - shown[0].get(name)![metric]
  return (name) => Math.max(rise(name, 'request_latency_ms') / 2.8, rise(name, 'error_rate_percent') / 0.25)
}
