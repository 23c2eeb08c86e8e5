import { describe, expect, it } from 'vitest'
import type { ScorePointJson, TargetScoresJson } from '../../../api/contract.ts'
import { pictureOf } from './picture.ts'

const point = (second: number, detected: boolean | null, detectors = {}): ScorePointJson => ({
  at: new Date(second * 1000).toISOString(),
  level: detected === null ? null : Number(detected) + 0.5,
  score: null,
  threshold: null,
  detected,
  detectors,
})

describe('pictureOf', () => {
  it('gives charts one time for all, in ms', () => {
    const scores: TargetScoresJson = {
      target: 'web@node',
      from: new Date(0).toISOString(),
      to: new Date(60_000).toISOString(),
      step_seconds: 15,
      source: 'memory',
      points: [point(0, false), point(15, true, { zscore: 0.9 }), point(30, true, { zscore: null })],
      features: [
        {
          name: 'cpu_busy',
          unit: 'percent',
          source: 'memory',
          points: [{ at: new Date(15_000).toISOString(), actual: 93, expected: 46 }],
        },
      ],
      problems: [],
    }

    const picture = pictureOf(scores)

    expect(picture.range).toEqual({ from: 0, to: 60_000 })
    expect(picture.level.map(({ value }) => value)).toEqual([0.5, 1.5, 1.5])
    expect(picture.spans).toEqual([
      { from: 0, to: 15_000, anomalous: false },
      { from: 15_000, to: 45_000, anomalous: true },
    ])
    expect(picture.detectors.get('zscore')).toEqual([
      { at: 15_000, value: 0.9 },
      { at: 30_000, value: null },
    ])
    expect(picture.features.get('cpu_busy')?.expected).toEqual([{ at: 15_000, value: 46 }])
  })
})
