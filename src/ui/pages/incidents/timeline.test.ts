import { describe, expect, it } from 'vitest'
import type { TimelineEntryJson } from '../../../api/contract.ts'
import { decisionOf, eventsOf, labelOf, phaseOf, stepsOf } from './timeline.ts'

const entry = (
  minute: number,
  kind: TimelineEntryJson['kind'],
  data: TimelineEntryJson['data'] = {},
): TimelineEntryJson => ({
  at: new Date(minute * 60_000).toISOString(),
  kind,
  by: 'homeostat',
  text: '',
  data,
  guards: [],
})

describe('phaseOf', () => {
  it('tells an action that was done from one that helped', () => {
    expect(phaseOf(entry(0, 'action', { state: 'STARTED' }))).toBe('acted')
    expect(phaseOf(entry(0, 'action', { state: 'VERIFIED' }))).toBe('verified')
    expect(phaseOf(entry(0, 'action', { state: 'REFUSED' }))).toBe('decided')
  })

  it('does not fail at what it has never heard of', () => {
    expect(phaseOf({ kind: 'dreamt' as 'opened', data: {} })).toBe('detected')
  })
})

describe('eventsOf', () => {
  const told = new Set(['a1'])
  const timeline = [
    entry(0, 'opened'),
    entry(1, 'action', { action: 'a1', state: 'PLANNED' }),
    entry(1, 'action', { action: 'a1', state: 'STARTED' }),
    entry(1, 'action', { blast_radius: 'none' }),
    entry(1, 'action', { action: 'a1', state: 'VERIFIED' }),
    entry(2, 'action', { action: 'a2', state: 'STARTED' }),
    entry(2, 'action', { blast_radius: 'one pod' }),
    entry(3, 'action', { action: 'a2', state: 'SUCCEEDED' }),
  ]

  it('make one of all that belongs to telling people', () => {
    const events = eventsOf(timeline, told)

    expect(events.map(({ data }) => data['state'] ?? data['blast_radius'])).toEqual([
      undefined,
      'VERIFIED',
      'STARTED',
      'one pod',
      'SUCCEEDED',
    ])
    expect(labelOf(events[1])).toBe('People told')
  })

  it('do not count telling people as acting or as proof', () => {
    const steps = stepsOf(eventsOf(timeline.slice(0, 5), told))

    expect(steps.filter(({ at }) => at !== undefined).map(({ phase }) => phase)).toEqual(['detected'])
  })
})

describe('labelOf', () => {
  it('tells a refusal as an event of its own', () => {
    expect(labelOf(entry(0, 'decided', { verdict: 'refuse' }))).toBe('Refused')
    expect(labelOf(entry(0, 'decided', { verdict: 'ask' }))).toBe('Decided')
  })

  it('calls what it has never heard of by its name', () => {
    expect(labelOf({ kind: 'dreamt' as 'opened', data: {} })).toBe('dreamt')
  })
})

describe('stepsOf', () => {
  it('tells the story from first sign to proof of recovery', () => {
    const timeline = [
      entry(0, 'opened'),
      entry(1, 'diagnosed'),
      entry(2, 'decided'),
      entry(3, 'action', { state: 'STARTED' }),
      entry(5, 'action', { state: 'VERIFIED' }),
      entry(5, 'recovered'),
    ]

    const steps = stepsOf(timeline)

    expect(steps.map(({ phase, at }) => [phase, at && at / 60_000])).toEqual([
      ['detected', 0],
      ['diagnosed', 1],
      ['decided', 2],
      ['acted', 3],
      ['verified', 5],
      ['recovered', 5],
    ])
  })

  it('does not call recovered what has come back', () => {
    const steps = stepsOf([entry(0, 'opened'), entry(4, 'recovered'), entry(6, 'reopened')])

    expect(steps.find(({ phase }) => phase === 'recovered')?.at).toBeUndefined()
  })

  it('does not call verified what did not help', () => {
    const steps = stepsOf([entry(0, 'opened'), entry(4, 'action', { state: 'ESCALATED' }), entry(4, 'escalated')])

    expect(steps.find(({ phase }) => phase === 'verified')?.at).toBeUndefined()
  })
})

describe('decisionOf', () => {
  const objects = [{ guard: 'soak', agrees: false, reason: 'it has held for 1 of 2 cycles' }]
  const decided = (verdict: string) => entry(0, 'decided', { verdict, rule: 'cpu-high', action: 'scale_up' })

  it('leaves to the guard why it was refused', () => {
    expect(decisionOf({ ...decided('refuse'), guards: objects })).toBe('rule cpu-high wanted: scale up')
    expect(decisionOf(decided('refuse'))).toBeUndefined()
  })

  it('says whether a person has to agree', () => {
    expect(decisionOf(decided('ask'))).toBe('rule cpu-high: scale up, when a person agrees')
    expect(decisionOf(decided('execute'))).toBe('rule cpu-high: scale up')
  })

  it('leaves to the journal what it does not know', () => {
    expect(decisionOf(decided('none'))).toBeUndefined()
    expect(decisionOf(entry(0, 'opened', { level: 1.4 }))).toBeUndefined()
  })
})
