import { expect, it } from 'vitest'
import type { Snapshot } from '../domain/snapshot.ts'
import { createFeaturizer } from '../featurize/featurizer.ts'
import { gather, type HistoryReader, type Mask } from './gather.ts'
import { host } from './testing/hosts.ts'

const MINUTE = 60_000
const TARGETS = [host('a'), host('b')]

/** Ten minutes of two hosts: minute n of host a reads n, of host b 100 + n. */
const history: HistoryReader = {
  async *read() {
    for (let minute = 0; minute < 10; minute++) {
      const at = minute * MINUTE
      const values = Float64Array.of(minute, 100 + minute)
      const snapshot: Snapshot = {
        at,
        features: ['cpu'],
        targets: TARGETS,
        values,
        sampledAt: Float64Array.of(at, at),
        warnings: [],
      }
      yield snapshot
    }
  },
}

async function gatherWith(masked: Mask) {
  const featurizer = createFeaturizer({ base: ['cpu'], engineered: [], intervalMs: MINUTE, forwardFillMs: 0 })
  const range = { fromMs: 0, toMs: 9 * MINUTE, stepMs: MINUTE }
  return gather(history, range, featurizer, () => true, new AbortController().signal, masked)
}

it('leaves out the rows of a target that are masked, and counts them', async () => {
  const { sets } = await gatherWith((id, at) => id === TARGETS[0].id && at >= 3 * MINUTE && at < 8 * MINUTE)

  const a = sets.get(TARGETS[0].id)!
  expect([...a.set.rows]).toEqual([0, 1, 2, 8, 9])
  expect([...a.set.times]).toEqual([0, 1, 2, 8, 9].map((minute) => minute * MINUTE))
  expect(a).toMatchObject({ maskedRows: 5, maskIgnored: false })
  expect(sets.get(TARGETS[1].id)).toMatchObject({ maskedRows: 0, maskIgnored: false })
})

it('ignores a mask over more than half of the rows: what lasts that long is the new normal', async () => {
  const { sets } = await gatherWith((id, at) => id === TARGETS[0].id && at >= 4 * MINUTE)

  expect(sets.get(TARGETS[0].id)!.set.times).toHaveLength(10)
  expect(sets.get(TARGETS[0].id)).toMatchObject({ maskedRows: 0, maskIgnored: true })
})
