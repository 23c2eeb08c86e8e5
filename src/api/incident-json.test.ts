import { describe, expect, it } from 'vitest'
import { GUARDS } from '../domain/decision.ts'
import { decided } from '../domain/incident-course.ts'
import { incidentDetailJson } from './incident-json.ts'
import { incidentOf, NOON } from './testing/fake-incidents.ts'

const incident = incidentOf('i1', 'web-1@node', 0)
const newest = (ruling: Parameters<typeof decided>[1]) =>
  incidentDetailJson(decided(incident, ruling, NOON), []).timeline.at(-1)!

describe('a decision in a timeline', () => {
  it('names the guards that agreed, and the one that did not with its words', () => {
    const passed = ['kill_switch', 'protected'] as const
    const ruling = {
      verdict: 'refuse',
      rule: 'cpu',
      action: 'restart',
      guard: 'selector',
      reason: 'not mapped',
    } as const

    const { kind, guards, data } = newest({ ...ruling, passed })

    expect(kind).toBe('decided')
    expect(data).toEqual({ ...ruling, passed: 'kill_switch protected' })
    expect(guards).toEqual([
      { guard: 'kill_switch', agrees: true, reason: '' },
      { guard: 'protected', agrees: true, reason: '' },
      { guard: 'selector', agrees: false, reason: 'not mapped' },
    ])
  })

  it('names them all where none objected', () => {
    const { guards } = newest({ verdict: 'execute', rule: 'cpu', action: 'restart', passed: GUARDS, reason: '' })

    expect(guards.map(({ guard }) => guard)).toEqual([...GUARDS])
    expect(guards.every(({ agrees }) => agrees)).toBe(true)
  })

  it('names none where none was asked, or nobody wrote it down', () => {
    expect(newest({ verdict: 'none', rule: 'cpu', reason: 'said again' }).guards).toEqual([])
    expect(newest({ verdict: 'refuse', rule: 'cpu', guard: 'soak', reason: 'too young' }).guards).toEqual([
      { guard: 'soak', agrees: false, reason: 'too young' },
    ])
  })
})
