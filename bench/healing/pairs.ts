import { createRandom, seedFor } from '../../src/domain/random.ts'
import { CURES, FAULTS } from '../../src/simulate/fault.ts'
import { SHOP } from '../../src/simulate/service.ts'
import { createWorld } from '../../src/simulate/world.ts'
import type { Report } from '../report.ts'
import { median } from '../timing.ts'
import { openHarness } from './harness.ts'

const SECTION = 'healing'
const TICK_MS = 3000
const START = Date.UTC(2026, 10, 21, 9)
const PAIRS = 60
const QUIET = 60
/** Readings in which both are to be healed. */
const WITHIN = 30
/** Those that a rule acts on. */
const KINDS = FAULTS.filter((kind) => CURES[kind] !== undefined && !['noisy_neighbour', 'latency_creep'].includes(kind))

interface Tally {
  readonly healedAfter: number[]
  /** Actions on a service that had no fault. */
  harmful: number
}

/** Two faults at once at two services of the shop, each pair in a fresh world: the one must not hide the other. */
export async function benchPairs(report: Report, seed: number): Promise<void> {
  const random = createRandom(seedFor(seed, 'pairs'))
  const pick = <T>(all: readonly T[]) => all[Math.floor(all.length * random())]
  const tally: Tally = { healedAfter: [], harmful: 0 }
  for (let pair = 0; pair < PAIRS; pair++) {
    const one = pick(SHOP).name
    const other = pick(SHOP.filter(({ name }) => name !== one)).name
    const faults = [one, other].map((service) => ({ service, kind: pick(KINDS), ticks: 2 * WITHIN, strength: 1 }))
    await runPair(faults, seedFor(seed, `pair ${pair}`), tally)
  }
  const { healedAfter, harmful } = tally
  report.title(`Two faults at once, ${PAIRS} pairs of the kinds that an action heals`)
  report.judge(SECTION, `pairs: healed within ${WITHIN} readings`, (100 * healedAfter.length) / (2 * PAIRS), '%', {
    atLeast: 95,
  })
  report.note(SECTION, 'pairs: healed after, median', median(healedAfter), 'readings')
  report.judge(SECTION, 'pairs: actions on other services', harmful, '', { atMost: 0 })
}

type Fault = Parameters<ReturnType<typeof createWorld>['inject']>[0]

async function runPair(faults: readonly Fault[], seed: number, tally: Tally): Promise<void> {
  const world = createWorld({ services: SHOP, seed, startAt: START, tickMs: TICK_MS })
  const harness = await openHarness(world, true)
  for (let tick = 0; tick < QUIET + WITHIN; tick++) {
    if (tick === QUIET) for (const fault of faults) world.inject(fault)
    await harness.take(world.tick().readings)
    for (const { service, healed } of harness.done()) {
      if (!faults.some((fault) => fault.service === service)) tally.harmful++
      for (let i = 0; i < healed.length; i++) tally.healedAfter.push(tick - QUIET + 1)
    }
  }
}
