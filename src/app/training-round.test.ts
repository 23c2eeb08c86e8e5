import { describe, expect, it } from 'vitest'
import type { Snapshot } from '../domain/snapshot.ts'
import { targetOf } from '../domain/target.ts'
import { createFeaturizer } from '../featurize/featurizer.ts'
import type { HistoryRange } from '../train/gather.ts'
import { readRound } from './training-round.ts'

const MINUTE = 60_000
const DAY = 1440 * MINUTE
const NOW = Date.UTC(2026, 10, 21)
const WEB = targetOf({ instance: 'web-1', job: 'node' }, ['instance', 'job'])

/** A source that has known one target for so long. */
function sourceSince(knownMs: number) {
  const ranges: HistoryRange[] = []
  return {
    ranges,
    newFeaturizer: () =>
      createFeaturizer({ base: ['cpu'], engineered: [], intervalMs: 15_000, forwardFillMs: 120_000 }),
    masked: () => false,
    history: {
      async *read(range: HistoryRange): AsyncGenerator<Snapshot> {
        ranges.push(range)
        for (let at = range.fromMs; at <= range.toMs; at += range.stepMs) {
          if (at < NOW - knownMs) continue
          yield {
            at,
            features: ['cpu'],
            targets: [WEB],
            values: Float64Array.of(1),
            sampledAt: Float64Array.of(at),
            warnings: [],
          }
        }
      },
    },
  }
}

const OPTIONS = {
  history: { intervalMs: 15_000, historyMs: 7 * DAY, maxRows: 10_000, consecutive: false },
  minHistoryMs: 30 * MINUTE,
}
const REQUEST = { at: NOW, wanted: new Set([WEB.id]), share: 1 }
const never = new AbortController().signal

describe('a round', () => {
  it('reads half an hour at every reading: at the step of seven days it would be two dozen rows', async () => {
    const source = sourceSince(31 * MINUTE)

    const round = await readRound(OPTIONS, source, REQUEST, never)

    expect(source.ranges.map(({ stepMs }) => stepMs)).toEqual([75_000, 15_000])
    expect(round.ready).toEqual([WEB.id])
    expect(round.gathered.sets.get(WEB.id)!.set.times.length).toBeGreaterThanOrEqual((30 * MINUTE) / 15_000)
  })

  it('reads once when there is as much history as was planned for', async () => {
    const source = sourceSince(8 * DAY)

    await readRound(OPTIONS, source, REQUEST, never)

    expect(source.ranges).toHaveLength(1)
  })

  it('says how much history there is of a target that has too little', async () => {
    const round = await readRound(OPTIONS, sourceSince(10 * MINUTE), REQUEST, never)

    expect(round.ready).toEqual([])
    expect(round.short.get(WEB.id)).toBeGreaterThan(7 * MINUTE)
  })
})
