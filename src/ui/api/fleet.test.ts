import { describe, expect, it } from 'vitest'
import type { FleetTargetJson } from '../../api/contract.ts'
import { patchFleet } from './fleet.ts'

const target = (id: string, level: number | null): FleetTargetJson => ({
  id,
  labels: { instance: id, job: 'node' },
  state: 'fresh',
  level,
  detected: false,
})
const fleet = { at: null, last_event_id: '1-1', targets: [target('a', 0.1), target('b', 0.2), target('d', 0.3)] }
const event = { at: '2026-11-21T10:00:00Z', changed: [], gone: [], levels: {} }

describe('the fleet after an event', () => {
  it('has the new levels, and leaves the others as they are', () => {
    const { targets, at } = patchFleet(fleet, { ...event, levels: { b: 1.5, a: 0.1 } })

    expect(targets.map(({ level }) => level)).toEqual([0.1, 1.5, 0.3])
    expect(targets[0]).toBe(fleet.targets[0])
    expect(targets[2]).toBe(fleet.targets[2])
    expect(at).toBe(event.at)
  })

  it('has what is new in its place by id, and what has changed in place of the old', () => {
    const { targets } = patchFleet(fleet, { ...event, changed: [target('c', 2), target('a', 3)] })

    expect(targets.map(({ id, level }) => [id, level])).toEqual([
      ['a', 3],
      ['b', 0.2],
      ['c', 2],
      ['d', 0.3],
    ])
  })

  it('has no longer what is gone', () => {
    const { targets } = patchFleet(fleet, { ...event, gone: ['b'] })

    expect(targets.map(({ id }) => id)).toEqual(['a', 'd'])
  })

  it('does not take the name of a property for an id', () => {
    const { targets } = patchFleet({ ...fleet, targets: [target('constructor', 0.5)] }, event)

    expect(targets[0].level).toBe(0.5)
  })
})
