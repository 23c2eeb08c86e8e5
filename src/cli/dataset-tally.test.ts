import { expect, it } from 'vitest'
import { createDatasetTally } from './dataset-tally.ts'

const none = Number.NaN

it('scales each target by its own range, and leaves a feature that never moved at 0', () => {
  const tally = createDatasetTally(['cpu', 'flat'], 2)
  for (const cpu of [10, 20, 30]) tally.add('a', Float64Array.of(cpu, 7), Float64Array.of(cpu, 7))
  for (const cpu of [0, 100]) tally.add('b', Float64Array.of(cpu, 7), Float64Array.of(cpu, 7))

  expect([...tally.scaled('a', Float64Array.of(15, 7))]).toEqual([(15 - 10) / (30 - 10), 0])
  expect([...tally.scaled('b', Float64Array.of(15, 7))]).toEqual([15 / 100, 0])
})

it('counts what was carried forward, filled with the median, and left empty', () => {
  const tally = createDatasetTally(['cpu', 'disk', 'ratio'], 2)
  tally.add('a', Float64Array.of(1, none, none), Float64Array.of(1, none))
  tally.add('a', Float64Array.of(1, none, 4), Float64Array.of(none, none))
  tally.add('a', Float64Array.of(3, none, 6), Float64Array.of(3, none))
  tally.dropped(2)

  expect(tally.report()).toMatchObject({
    rows: 3,
    forward_filled: 1,
    median_filled: 1,
    left_empty: 3,
    dropped_rows: 2,
    features: {
      cpu: { forward_filled: 1, median_filled: 0, left_empty: 0 },
      disk: { left_empty: 3 },
      ratio: { median_filled: 1 },
    },
    targets: { a: { rows: 3, minimum: { cpu: 1, disk: null, ratio: 4 }, maximum: { cpu: 3, ratio: 6 } } },
  })
  expect([...tally.filled('a', Float64Array.of(none, none, none))]).toEqual([1, none, 4])
})
