import { expect, it } from 'vitest'
import type { PastSeries } from '../observe/source.ts'
import { createScoreArchive } from './score-archive.ts'

const RANGE = { fromMs: 0, toMs: 60_000, stepMs: 30_000 }
const series = (labels: Record<string, string>, ...samples: [number, number][]): PastSeries => ({ labels, samples })

it('puts our own series together, point by point, without those that have no level', async () => {
  const asked: string[] = []
  const archive = createScoreArchive(async (promql) => {
    asked.push(promql)
    if (promql.includes('anomaly_level')) return [series({}, [30_000, 1.5], [60_000, 0.5])]
    if (promql.includes('anomaly_detected')) return [series({}, [30_000, 1], [60_000, 0])]
    return [
      series({ __name__: 'anomaly_score' }, [0, 9], [30_000, 0.3]),
      series({ __name__: 'anomaly_threshold' }, [30_000, 0.2]),
      series({ __name__: 'anomaly_detector_score', detector: 'zscore' }, [30_000, 0.7]),
    ]
  })

  const points = await archive.read(
    { id: 'a"b@node', labels: { instance: 'a"b', job: 'node' } },
    RANGE,
    new AbortController().signal,
  )

  expect(asked[0]).toBe('max_over_time({__name__="anomaly_level",instance="a\\"b",job="node"}[30s])')
  expect(points).toEqual([
    { at: 30_000, level: 1.5, score: 0.3, threshold: 0.2, detected: true, detectors: { zscore: 0.7 } },
    { at: 60_000, level: 0.5, score: Number.NaN, threshold: Number.NaN, detected: false, detectors: {} },
  ])
})
