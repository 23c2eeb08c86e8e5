import { describe, expect, it } from 'vitest'
import type { Snapshot } from '../domain/snapshot.ts'
import type { Target } from '../domain/target.ts'
import { createFeaturizer } from '../featurize/featurizer.ts'
import { gather, type HistoryReader, RowCollector } from './gather.ts'
import { host } from './testing/hosts.ts'

const MINUTE = 60_000
const A = host('a')
const B = host('b')
const RANGE = { fromMs: 0, toMs: 600 * MINUTE, stepMs: MINUTE }
const NEVER = new AbortController().signal

const featurizer = () =>
  createFeaturizer({ base: ['cpu', 'load'], engineered: [], intervalMs: MINUTE, forwardFillMs: 2 * MINUTE })

/** One observation; `undefined` where a target brought nothing. */
function snapshot(
  minute: number,
  targets: readonly (Target | undefined)[],
  rows: readonly (readonly number[] | undefined)[],
): Snapshot {
  return {
    at: minute * MINUTE,
    features: ['cpu', 'load'],
    targets,
    values: Float64Array.from(rows.flatMap((row) => row ?? [NaN, NaN])),
    sampledAt: Float64Array.from(rows, (row) => (row === undefined ? NaN : minute * MINUTE)),
    warnings: [],
  }
}

function historyOf(...snapshots: readonly Snapshot[]): HistoryReader {
  return {
    async *read() {
      yield* snapshots
    },
  }
}

describe('gathering history', () => {
  it('sorts the rows by target, in time order', async () => {
    const history = historyOf(
      snapshot(
        1,
        [A, B],
        [
          [1, 2],
          [10, 20],
        ],
      ),
      snapshot(
        2,
        [A, B],
        [
          [3, 4],
          [30, 40],
        ],
      ),
    )

    const { sets } = await gather(history, RANGE, featurizer(), () => true, NEVER)

    expect([...sets.keys()]).toEqual([A.id, B.id])
    expect(sets.get(A.id)).toMatchObject({
      target: A,
      set: { names: ['cpu', 'load'], times: Float64Array.of(MINUTE, 2 * MINUTE), rows: Float32Array.of(1, 2, 3, 4) },
    })
    expect([...sets.get(B.id)!.set.rows]).toEqual([10, 20, 30, 40])
    expect(sets.get(A.id)!.cleaning).toEqual({ forwardFilled: 0, missing: 0, droppedRows: 0 })
  })

  it('leaves gaps as gaps: a target without a sample has no row', async () => {
    const history = historyOf(
      snapshot(
        1,
        [A, B],
        [
          [1, 2],
          [10, 20],
        ],
      ),
      snapshot(2, [A, B], [undefined, [30, 40]]),
      snapshot(90, [A, B], [[5, 6], undefined]),
    )

    const { sets } = await gather(history, RANGE, featurizer(), () => true, NEVER)

    expect([...sets.get(A.id)!.set.times]).toEqual([1 * MINUTE, 90 * MINUTE])
    expect([...sets.get(B.id)!.set.times]).toEqual([1 * MINUTE, 2 * MINUTE])
    expect([...sets.values()].map(({ cleaning }) => cleaning.droppedRows)).toEqual([1, 1])
  })

  it('carries a missing value forward for as long as live cleaning does, then leaves it missing', async () => {
    const history = historyOf(
      snapshot(1, [A], [[1, 2]]),
      snapshot(2, [A], [[3, NaN]]),
      snapshot(3, [A], [[5, NaN]]),
      snapshot(4, [A], [[7, NaN]]),
    )

    const { sets } = await gather(history, RANGE, featurizer(), () => true, NEVER)

    expect([...sets.get(A.id)!.set.rows]).toEqual([1, 2, 3, 2, 5, 2, 7, NaN])
    expect(sets.get(A.id)!.cleaning).toEqual({ forwardFilled: 2, missing: 1, droppedRows: 0 })
  })

  it('counts what cleaning did for each target, not for the fleet', async () => {
    const history = historyOf(
      snapshot(
        1,
        [A, B],
        [
          [1, 2],
          [NaN, 20],
        ],
      ),
      snapshot(
        2,
        [A, B],
        [
          [NaN, 4],
          [NaN, NaN],
        ],
      ),
      snapshot(3, [A, B], [undefined, [NaN, 60]]),
    )

    const { sets } = await gather(history, RANGE, featurizer(), () => true, NEVER)

    expect(sets.get(A.id)!.cleaning).toEqual({ forwardFilled: 1, missing: 0, droppedRows: 1 })
    expect(sets.get(B.id)!.cleaning).toEqual({ forwardFilled: 1, missing: 3, droppedRows: 0 })
  })

  it('keeps only the targets that are wanted', async () => {
    const history = historyOf(
      snapshot(
        1,
        [A, B],
        [
          [1, 2],
          [10, 20],
        ],
      ),
    )

    const { sets } = await gather(history, RANGE, featurizer(), (id) => id === B.id, NEVER)

    expect([...sets.keys()]).toEqual([B.id])
    expect(sets.get(B.id)!.set.times).toHaveLength(1)
  })

  it('follows a target through slots, and keeps two targets of one slot apart', async () => {
    const history = historyOf(
      snapshot(
        1,
        [A, B],
        [
          [1, 2],
          [10, 20],
        ],
      ),
      snapshot(2, [B, undefined], [[30, 40], undefined]),
      snapshot(
        3,
        [B, A],
        [
          [50, 60],
          [5, 6],
        ],
      ),
    )

    const { sets } = await gather(history, RANGE, featurizer(), () => true, NEVER)

    expect([...sets.get(A.id)!.set.rows]).toEqual([1, 2, 5, 6])
    expect([...sets.get(B.id)!.set.rows]).toEqual([10, 20, 30, 40, 50, 60])
  })

  it('gives the rows that live featurizing gives', async () => {
    const snapshots = Array.from({ length: 50 }, (_, i) =>
      snapshot(i, [A, B], [i % 7 === 0 ? undefined : [i, i % 5 === 0 ? NaN : 2 * i], [-i, NaN]]),
    )
    const live = featurizer()
    const rows: number[] = []
    for (const one of snapshots) {
      const matrix = live.featurize(one)
      if (matrix.fresh[0] === 1) rows.push(...matrix.values.subarray(0, 2))
    }

    const { sets } = await gather(historyOf(...snapshots), RANGE, featurizer(), () => true, NEVER)

    expect([...sets.get(A.id)!.set.rows]).toEqual(rows)
  })

  it('passes the range and the signal on', async () => {
    const controller = new AbortController()
    let asked: unknown[] = []
    const history: HistoryReader = {
      // biome-ignore lint/correctness/useYield: there is nothing to read
      async *read(...given) {
        asked = given
      },
    }

    const { sets } = await gather(history, RANGE, featurizer(), () => true, controller.signal)

    expect(asked).toEqual([RANGE, controller.signal])
    expect(sets.size).toBe(0)
  })
})

describe('a collector of rows', () => {
  it('keeps thousands of rows, and what it gave out stays as it is', () => {
    const collector = new RowCollector(A, 2)
    for (let i = 0; i < 1_000; i++) collector.push(i, Float64Array.of(-1, i, 2 * i), 1)
    const set = collector.finish(['cpu', 'load'])
    collector.push(1_000, Float64Array.of(-1, -1, -1), 1)

    expect(set.times).toHaveLength(1_000)
    expect([...set.rows.subarray(2 * 700, 2 * 701)]).toEqual([700, 1_400])
  })
})
