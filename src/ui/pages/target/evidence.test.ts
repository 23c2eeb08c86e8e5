import { describe, expect, it } from 'vitest'
import type { TargetDetailJson } from '../../../api/contract.ts'
import { evidenceOf, type Past, usualDeviation } from './evidence.ts'

const NOW = new Date(2026, 10, 21, 14, 31, 5).getTime()
const iso = (ms: number) => new Date(ms).toISOString()

const WELL: TargetDetailJson = {
  id: 'web-1:9100@node',
  labels: {},
  state: 'fresh',
  level: 0.31,
  severity: 0.2,
  score: 0.01,
  threshold: 0.05,
  detected: false,
  detectors: {},
  updated_at: iso(NOW - 3000),
  features: [],
  ready_at: null,
  peers: { group: 'node', size: 12, anomalous: 1 },
  silenced: null,
  incident: null,
  exhaustion: [],
  drift: null,
  alarms_per_day: 1,
  model: null,
}
const memory = { name: 'memory_used_ratio', unit: 'ratio', help: '', actual: 0.93, expected: 0.46, share: 0.8 } as const
const ILL: TargetDetailJson = { ...WELL, level: 2.4, detected: true, features: [memory] }

/** An hour at 46 %, then six minutes up to 93 %. */
function leak(): Past {
  const points = Array.from({ length: 240 }, (_, i) => {
    const at = NOW - (240 - i) * 15_000
    const risen = Math.max(0, (at - (NOW - 360_000)) / 360_000)
    const actual = 0.46 + 0.47 * risen + 0.003 * (i % 3)
    return { at: iso(at), actual, expected: 0.46 }
  })
  const spans = [{ from: NOW - 300_000, to: NOW, anomalous: true }]
  return { series: { name: 'memory_used_ratio', unit: 'ratio', source: 'memory', points }, spans }
}

describe('evidenceOf', () => {
  it('says what is the matter, how it goes, and whether others have it', () => {
    const text = evidenceOf(ILL, leak(), NOW)

    expect(text).toMatch(
      /^memory used 93 %, expected 46 % ± 0\.\d+ %; rising for [67] min.*; only this one of 12 in node\.$/,
    )
  })

  it('says less where less is known', () => {
    const text = evidenceOf({ ...ILL, peers: null, features: [{ ...memory, expected: null }] }, undefined, NOW)

    expect(text).toBe('memory used 93 %.')
  })

  it('gives the age of the incident where nothing rises or falls', () => {
    const incident = { opened_at: iso(NOW - 360_000), closed_at: null } as TargetDetailJson['incident']

    const text = evidenceOf({ ...ILL, incident, peers: { group: 'node', size: 12, anomalous: 3 } }, undefined, NOW)

    expect(text).toBe('memory used 93 %, expected 46 %; for 6 min; 3 of 12 in node.')
  })

  it('says that nothing stands out', () => {
    expect(evidenceOf(WELL, undefined, NOW)).toBe('Nothing stands out: level 0.31, and the threshold is at 1.')
  })

  it('says when the first score is to be expected', () => {
    const warming = { ...WELL, state: 'warming_up', level: null, ready_at: iso(NOW + 175_000) } as const

    expect(evidenceOf(warming, undefined, NOW)).toBe('Warming up: scores from 14:34:00, in 3 min.')
    expect(evidenceOf({ ...warming, ready_at: null }, undefined, NOW)).toBe(
      'Warming up: the first score is about to come.',
    )
  })

  it('says for how long there are no data', () => {
    const stale = { ...WELL, state: 'stale', level: null, updated_at: iso(NOW - 180_000) } as const

    expect(evidenceOf(stale, undefined, NOW)).toBe('No data for 3 min: the last reading is of 14:28:05.')
    expect(evidenceOf({ ...stale, updated_at: null }, undefined, NOW)).toBe('No data yet: nothing can be said of it.')
  })
})

describe('usualDeviation', () => {
  it('is not moved by the anomaly itself', () => {
    expect(usualDeviation(leak())).toBeLessThan(0.01)
  })

  it('is not known where nothing was well in the time shown', () => {
    const always = { ...leak(), spans: [{ from: 0, to: NOW, anomalous: true }] }

    expect(usualDeviation(always)).toBeUndefined()
  })

  it('is not known of a few pairs', () => {
    expect(usualDeviation(undefined)).toBeUndefined()
  })
})
