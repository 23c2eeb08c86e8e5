import { describe, expect, it } from 'vitest'
import { createStory, type IncidentSeen } from './demo-story.ts'

const incident = (changes: Partial<IncidentSeen> = {}): IncidentSeen => ({
  id: '1',
  target: 'checkout@push',
  state: 'opened',
  severity: 0.934,
  cause: 'cpu_saturation',
  opened_at: '2026-11-21T10:00:00.000Z',
  closed_at: null,
  diagnosis: { root_target: 'checkout@push' },
  actions: [],
  ...changes,
})
const scaleUp = (state: string) => [{ action: 'scale_up', rule: 'cpu-overload', state }]
const seen = (name: string, detected = false) => ({ id: `${name}@push`, state: 'fresh', level: 0.21, detected })

describe('the story of the demo', () => {
  it('says once of each service that it is normal, and nothing of hosts', () => {
    const story = createStory()

    const host = { ...seen('web-1'), id: 'web-1@node' }
    const lines = [story.lines([seen('checkout'), host], []), story.lines([seen('checkout'), seen('cart', true)], [])]

    expect(lines).toEqual([['[NORMAL] checkout level=0.21'], []])
  })

  it('tells of an anomaly when something is done about it, and of its end', () => {
    const story = createStory()

    const lines = [
      ...story.lines([], [incident()]),
      ...story.lines([], [incident({ state: 'acting', actions: scaleUp('STARTED') })]),
      ...story.lines([], [incident({ state: 'verifying', actions: scaleUp('SUCCEEDED') })]),
      ...story.lines(
        [],
        [incident({ state: 'recovered', closed_at: '2026-11-21T10:00:14.000Z', actions: scaleUp('VERIFIED') })],
      ),
    ]

    expect(lines).toEqual([
      '[ANOMALY] checkout cpu_saturation severity=0.93 → scale_up (rule cpu-overload)',
      '[RECOVERED] checkout after 14 s',
    ])
    expect(story.healed()).toBe(1)
  })

  it('tells who waits for whom', () => {
    const story = createStory()

    const lines = story.lines([], [incident({ diagnosis: { root_target: 'payments@push' } })])

    expect(lines).toEqual(['[ANOMALY] checkout cpu_saturation severity=0.93 → waits for payments'])
  })
})
