import { describe, expect, it } from 'vitest'
import type { ActionJson, IncidentJson } from '../../api/contract.ts'
import { mattersOf } from './needs-me.ts'

const incident = (id: string, more: Partial<IncidentJson> = {}): IncidentJson => ({
  id,
  target: `${id}@push`,
  state: 'opened',
  severity: 0.6,
  cause: null,
  opened_at: '2026-11-21T10:00:00Z',
  closed_at: null,
  level: 1.3,
  evidence: null,
  alerts_firing: 0,
  acknowledged_at: null,
  ...more,
})
const action = (id: string, incident_id: string | null) => ({ id, incident_id }) as ActionJson
const idsOf = (matters: readonly { id: string }[]) => matters.map(({ id }) => id)

describe('what needs me', () => {
  it('is an incident in which an action waits, and one that wants a person', () => {
    const incidents = [incident('c', { state: 'escalated' }), incident('b'), incident('a', { state: 'acting' })]

    const { needMe, goOn } = mattersOf(incidents, [action('x', 'a')])

    expect(idsOf(needMe)).toEqual(['c', 'a'])
    expect(needMe[1].actions).toEqual([action('x', 'a')])
    expect(idsOf(goOn)).toEqual(['b'])
  })

  it('is no longer an incident that somebody has acknowledged', () => {
    const { needMe, goOn } = mattersOf(
      [incident('a', { state: 'escalated', acknowledged_at: '2026-11-21T10:01:00Z' })],
      [],
    )

    expect(needMe).toEqual([])
    expect(idsOf(goOn)).toEqual(['a'])
  })

  it('is nothing that is over', () => {
    const { needMe, goOn } = mattersOf([incident('a', { state: 'recovered' })], [])

    expect([...needMe, ...goOn]).toEqual([])
  })

  it('is also an action that waits without an incident, or in one that is not among the open', () => {
    const { needMe } = mattersOf([], [action('x', null), action('y', 'over')])

    expect(needMe.map(({ id, actions }) => [id, actions.length])).toEqual([
      ['x', 1],
      ['y', 1],
    ])
  })
})
