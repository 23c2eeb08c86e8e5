import { describe, expect, it } from 'vitest'
import { summaryOf } from './summary.ts'

const START = new Date(2026, 10, 21, 14, 0, 0).getTime()

describe('summaryOf', () => {
  it('says in a sentence what the chart shows', () => {
    const samples = [0.2, null, 1.9, 1.4].map((value, i) => ({ at: START + i * 60_000, value }))
    const spans = [{ from: START + 120_000, to: START + 240_000, anomalous: true }]

    const text = summaryOf({ title: 'Level', samples, spans, format: (value) => value.toFixed(1) })

    expect(text).toBe('Level from 14:00:00 to 14:03:00: 3 readings between 0.2 and 1.9, last 1.4, anomalous for 2 min.')
  })

  it('does not describe what is not there', () => {
    expect(summaryOf({ title: 'Level', samples: [], spans: [], format: String })).toBe(
      'Level: nothing is known of this time.',
    )
  })
})
