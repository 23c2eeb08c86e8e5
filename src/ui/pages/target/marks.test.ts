import { describe, expect, it } from 'vitest'
import type { ActionJson, IncidentJson } from '../../../api/contract.ts'
import { happeningsOf, marksOf } from './marks.ts'

const iso = (minute: number) => new Date(minute * 60_000).toISOString()
const incident = (from: number, to: number | null) =>
  ({ id: `i${from}`, opened_at: iso(from), closed_at: to === null ? null : iso(to) }) as IncidentJson
const action = (created: number, started: number | null, state: ActionJson['state']) =>
  ({
    id: `a${created}`,
    created_at: iso(created),
    started_at: started === null ? null : iso(started),
    state,
  }) as ActionJson
const RANGE = { from: 60 * 60_000, to: 120 * 60_000 }

describe('happeningsOf', () => {
  it('are what touches the range, newest first', () => {
    const incidents = [incident(10, 20), incident(50, 70), incident(90, null), incident(130, null)]
    const actions = [action(40, null, 'REFUSED'), action(58, 65, 'VERIFIED')]

    const happenings = happeningsOf(incidents, actions, RANGE)

    expect(happenings.map(({ kind, at }) => [kind, at / 60_000])).toEqual([
      ['incident', 90],
      ['action', 65],
      ['incident', 50],
    ])
  })
})

describe('marksOf', () => {
  it('shades an incident until its end, or until now', () => {
    const happenings = happeningsOf([incident(70, 80), incident(90, null)], [], RANGE)

    const marks = marksOf(happenings, 110 * 60_000)

    expect(marks.map(({ to }) => to && to / 60_000)).toEqual([110, 80])
  })

  it('does not mark what was never done', () => {
    const happenings = happeningsOf([], [action(70, null, 'REFUSED'), action(80, 81, 'SUCCEEDED')], RANGE)

    expect(happenings).toHaveLength(2)
    expect(marksOf(happenings, RANGE.to)).toEqual([{ kind: 'action', at: 81 * 60_000 }])
  })
})
