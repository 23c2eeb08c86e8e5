import { describe, expect, it } from 'vitest'
import { ACTION_LOOKS, INCIDENT_LOOKS, isOpenIncident, OPEN_INCIDENTS } from './states.ts'

describe('states', () => {
  it.each([
    ['actions', ACTION_LOOKS],
    ['incidents', INCIDENT_LOOKS],
  ])('of %s differ in sign and words, and not in colour alone', (_name, looks) => {
    const all = Object.values(looks)

    expect(new Set(all.map(({ sign }) => sign)).size).toBe(all.length)
    expect(new Set(all.map(({ words }) => words)).size).toBe(all.length)
  })

  it('that are open are those in which something is still to be done', () => {
    const open = Object.keys(INCIDENT_LOOKS).filter((state) => isOpenIncident({ state: state as 'opened' }))

    expect(open).toEqual(OPEN_INCIDENTS)
  })
})
