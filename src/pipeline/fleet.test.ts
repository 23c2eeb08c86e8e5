import { expect, it } from 'vitest'
import { verdictOf } from '../api/testing/fake-fleet.ts'
import { createFleetNow } from './fleet.ts'

const NOON = Date.parse('2026-11-21T12:00:00Z')

/** The fleet after one cycle that showed one target, with a sample of then. */
function fleetWith(target: string, sampledAt: number) {
  const fleet = createFleetNow({ intervalMs: 15_000, groupOf: ({ job }) => job ?? '', groupSizes: new Map() })
  const verdict = verdictOf(target, { at: NOON })
  const matrix = {
    at: NOON,
    names: ['memory'],
    targets: [verdict.target],
    values: Float64Array.of(1),
    fresh: Uint8Array.of(1),
    sampledAt: Float64Array.of(sampledAt),
    cleaning: { forwardFilled: 0, missing: 0, droppedRows: 0 },
  }
  fleet.see({ at: NOON, snapshot: { warnings: [] }, matrix, verdicts: [verdict] })
  return fleet
}

it('says when the newest sample of a target was taken', () => {
  expect(fleetWith('web', NOON - 5_000).data('web@node', NOON).newestSampleAt).toBe(NOON - 5_000)
})

it('takes a target whose samples have no time for one that nothing is heard of', () => {
  expect(fleetWith('web', Number.NaN).data('web@node', NOON).newestSampleAt).toBe(Number.NEGATIVE_INFINITY)
})

it('knows no time for a target that only alerts speak of', () => {
  expect(fleetWith('web', NOON).data('db@node', NOON).newestSampleAt).toBeNaN()
})
