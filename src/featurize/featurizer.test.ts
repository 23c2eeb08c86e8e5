import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Snapshot } from '../domain/snapshot.ts'
import { type Target, targetOf } from '../domain/target.ts'
import { classicEngineered } from './classic.ts'
import type { Engineered } from './engineered.ts'
import { createFeaturizer } from './featurizer.ts'

const SECOND = 1000
const START = Date.UTC(2026, 10, 21, 3, 0, 0) // a Saturday
const BASE = [
  'cpu_usage',
  'memory_usage',
  'disk_read',
  'disk_write',
  'network_receive',
  'network_transmit',
  'active_processes',
]
const WEB = targetOf({ instance: 'web-1', job: 'node' }, ['instance', 'job'])
const DB = targetOf({ instance: 'db-1', job: 'node' }, ['instance', 'job'])

function snapshot(step: number, rows: number[][], targets: (Target | undefined)[] = [WEB]): Snapshot {
  const at = START + step * 15 * SECOND
  return {
    at,
    features: BASE,
    targets,
    values: Float64Array.from(rows.flat()),
    sampledAt: Float64Array.from(targets, (target) => (target ? at : Number.NaN)),
    warnings: [],
  }
}

function classic() {
  return createFeaturizer({
    base: BASE,
    engineered: classicEngineered(15 * SECOND, 60 * SECOND),
    intervalMs: 15 * SECOND,
    forwardFillMs: 120 * SECOND,
  })
}

function cpuOnly(engineered: Engineered[]) {
  const featurizer = createFeaturizer({
    base: ['cpu_usage'],
    engineered,
    intervalMs: 15 * SECOND,
    forwardFillMs: 30 * SECOND,
  })
  return (step: number, cpu: number, target = WEB) => {
    const one = snapshot(step, [[cpu]], [target])
    return featurizer.featurize({ ...one, features: ['cpu_usage'] })
  }
}

/** The row of one slot as an object. */
function row(matrix: { names: readonly string[]; values: Float64Array }, slot = 0): Record<string, number> {
  return Object.fromEntries(matrix.names.map((name, f) => [name, matrix.values[slot * matrix.names.length + f]]))
}

describe('preset classic', () => {
  it('has 21 features', () => {
    expect(classic().names).toHaveLength(21)
  })

  it('computes the engineered features of a fifth reading from the five', () => {
    const featurizer = classic()
    const cpu = [10, 20, 30, 40, 90]
    const memory = [50, 50, 50, 50, 85]
    const matrices = cpu.map((value, i) =>
      featurizer.featurize(snapshot(i, [[value, memory[i], 6000, 1200, 60, 120, 3]])),
    )

    const fifth = row(matrices[4])
    expect(fifth).toMatchObject({
      cpu_change: 90 - 40,
      memory_change: 85 - 50,
      disk_read_speed: 6000 / 60,
      disk_write_speed: 1200 / 60,
      network_receive_speed: 1,
      network_transmit_speed: 2,
      cpu_rolling: (10 + 20 + 30 + 40 + 90) / 5,
      cpu_mem_ratio: 90 / 85,
      disk_cpu_ratio: 6000 / (90 + 1),
      high_cpu: 1,
      high_memory: 1,
      hour: 3,
      day_of_week: 5,
    })
    expect(fifth['memory_std']).toBeCloseTo(Math.sqrt((4 * (50 - 57) ** 2 + (85 - 57) ** 2) / 5), 9)
  })

  it('forgets the sixth-last reading', () => {
    const featurizer = classic()
    const last = [99, 1, 2, 3, 4, 5].map((value, i) => featurizer.featurize(snapshot(i, [[value, 1, 0, 0, 0, 0, 0]])))

    expect(row(last[5])['cpu_rolling']).toBe((1 + 2 + 3 + 4 + 5) / 5)
  })

  it('gives the same vectors for the same samples, whether they come live or as history', () => {
    const reading = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 7, maxLength: 7 })
    fc.assert(
      fc.property(fc.array(reading, { minLength: 1, maxLength: 20 }), (readings) => {
        const live = classic()
        const past = classic()
        for (const [i, values] of readings.entries()) {
          const alone = live.featurize(snapshot(i, [values]))
          const among = past.featurize(snapshot(i, [values.toReversed(), values], [DB, WEB]))
          expect(row(alone)).toEqual(row(among, 1))
        }
      }),
    )
  })

  it('leaves a change unchanged when a constant is added to a gauge', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 }), fc.integer(), (a, b, plus) => {
        const change = (shift: number) => {
          const step = cpuOnly([{ name: 'cpu_change', kind: 'change', of: 'cpu_usage' }])
          step(0, a + shift)
          return row(step(1, b + shift))['cpu_change']
        }
        expect(change(plus)).toBe(change(0))
      }),
    )
  })
})

describe('cleaning', () => {
  it('carries a missing value forward, and says so', () => {
    const step = cpuOnly([])
    step(0, 40)

    const matrix = step(1, Number.NaN)

    expect(row(matrix)['cpu_usage']).toBe(40)
    expect(matrix.cleaning).toEqual({ forwardFilled: 1, missing: 0, droppedRows: 0 })
  })

  it('stops carrying after the configured time', () => {
    const step = cpuOnly([])
    step(0, 40)
    step(1, Number.NaN)

    const matrix = step(3, Number.NaN)

    expect(row(matrix)['cpu_usage']).toBeNaN()
    expect(matrix.cleaning.missing).toBe(1)
  })

  it('treats infinity as missing', () => {
    expect(row(cpuOnly([])(0, Number.POSITIVE_INFINITY))['cpu_usage']).toBeNaN()
  })

  it('counts a sample once: the same sample again is no new reading', () => {
    const featurizer = classic()
    const first = snapshot(0, [[1, 2, 3, 4, 5, 6, 7]])
    featurizer.featurize(first)

    const again = featurizer.featurize({ ...first, at: first.at + 15 * SECOND })

    expect([...again.fresh]).toEqual([0])
    expect(again.cleaning.droppedRows).toBe(1)
  })

  it('does not compare with a reading from before a long gap', () => {
    const step = cpuOnly([{ name: 'cpu_change', kind: 'change', of: 'cpu_usage' }])
    step(0, 10)

    expect(row(step(10, 70))['cpu_change']).toBe(0)
  })
})

describe('a slot', () => {
  it('starts afresh when another target takes it', () => {
    const step = cpuOnly([{ name: 'cpu_rolling', kind: 'rolling_mean', of: 'cpu_usage', overMs: 75 * SECOND }])
    step(0, 10)

    expect(row(step(1, 30, DB))['cpu_rolling']).toBe(30)
  })

  it('without a target gives no reading', () => {
    const featurizer = classic()

    const matrix = featurizer.featurize(snapshot(0, [[1, 1, 1, 1, 1, 1, 1]], [undefined]))

    expect([...matrix.fresh]).toEqual([0])
  })
})

describe('an expression', () => {
  it('sees the features that stand before it', () => {
    const step = cpuOnly([{ name: 'idle', kind: 'expression', evaluate: (view) => 100 - view.get('cpu_usage') }])

    expect(row(step(0, 30))['idle']).toBe(70)
  })

  it('gives no value where it is not a finite number', () => {
    const step = cpuOnly([{ name: 'odd', kind: 'expression', evaluate: (view) => 1 / (view.get('cpu_usage') - 30) }])

    expect(row(step(0, 30))['odd']).toBeNaN()
  })

  it('is refused when a feature needs one that stands behind it', () => {
    expect(() => cpuOnly([{ name: 'x', kind: 'change', of: 'nothing' }])).toThrow('does not stand before it')
  })
})
