import { describe, expect, it } from 'vitest'
import { labelScope } from './auth/label-scope.ts'
import type { Principal } from './auth/principal.ts'
import { statusJson } from './status-json.ts'
import { fakeStatus } from './testing/fake-events.ts'
import { fakeFleet, verdictOf } from './testing/fake-fleet.ts'
import { NOON } from './testing/fake-incidents.ts'

const everythingBut = (value: string): Principal => {
  return { name: 'web', role: 'read', sees: labelScope([{ label: 'instance', op: '!=', value }]) }
}

describe('the status of a part of the fleet', () => {
  it('says nothing of what lies outside, and nothing of receivers and configuration', async () => {
    const facts = await fakeStatus({
      receivers: [{ name: 'pager', kind: 'webhook' }],
      configuration: { file: '/etc/homeostat.yaml', loadedAt: NOON, warnings: [] },
    }).read()

    const status = statusJson(facts, fakeFleet([verdictOf('web-1'), verdictOf('db-1')]), everythingBut('db-1'))

    expect(status).toMatchObject({
      targets: { total: 1 },
      receivers: [],
      configuration: { file: null },
      sources: [{ targets: null }],
      permissions: { whole_fleet: false, reload: false },
    })
  })

  it('counts no action of a target outside that is gone, but has its incident still', async () => {
    const facts = await fakeStatus({
      ongoing: [{ target: 'db-1@node', labels: { instance: 'db-1', job: 'node' } }],
      actions: [
        { state: 'AWAITING_APPROVAL', target: 'db-1@node' },
        { state: 'AWAITING_APPROVAL', target: 'web-1@node' },
      ],
    }).read()

    const { actions, incidents } = statusJson(facts, fakeFleet([verdictOf('web-1')]), everythingBut('db-1'))

    expect(actions.waiting).toBe(1)
    expect(incidents.open).toBe(0)
  })
})
