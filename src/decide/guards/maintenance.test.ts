import { describe, expect, it } from 'vitest'
import { proposalOf, situationOf } from '../testing/situation.ts'
import { maintenance } from './maintenance.ts'

const QUIET = 'silenced by alice until 13:00'
const UNKNOWN = 'Alertmanager could not be read for 2 min'

describe('maintenance', () => {
  it('holds everything back, also what a person asks for, and to tell people', () => {
    for (const proposal of [proposalOf(), proposalOf({ rule: 'manual' }), proposalOf({ action: 'alert' })]) {
      expect(maintenance.objection(situationOf({ proposal, maintenance: QUIET, maintenanceUnknown: UNKNOWN }))).toBe(
        QUIET,
      )
    }
  })

  it('of which nobody knows holds back what Homeostat would do by itself, and nothing else', () => {
    const asked = (changes: object) =>
      maintenance.objection(situationOf({ proposal: proposalOf(changes), maintenanceUnknown: UNKNOWN }))

    expect(asked({})).toBe(UNKNOWN)
    expect(asked({ rule: 'manual' })).toBeUndefined()
    expect(asked({ action: 'alert' })).toBeUndefined()
  })
})
