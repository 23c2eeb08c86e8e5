import { describe, expect, it } from 'vitest'
import { JournalError } from '../pipeline/journal.ts'
import { bearer, guarded, TOKENS } from './testing/credentials.ts'
import { fakeFleet, verdictOf } from './testing/fake-fleet.ts'
import { fakeIncidents, incidentOf, NOON } from './testing/fake-incidents.ts'
import { actionOf, fakeRemediation } from './testing/fake-remediation.ts'
import { serveApi } from './testing/serve.ts'

const waiting = () => fakeRemediation([actionOf('a1'), actionOf('a2', { state: 'AWAITING_APPROVAL' })])
const MANUAL = { target: 'web-1@node', action: 'restart', parameters: { container: 'web' }, reason: 'it hangs' }

describe('GET /api/v1/actions', () => {
  it('gives them as in the contract, newest first', async () => {
    const { get } = await serveApi({ remediation: waiting() })

    expect(await (await get('/api/v1/actions?limit=1')).json()).toEqual({
      items: [
        {
          id: 'a2',
          incident_id: 'i1',
          target: 'web-1@node',
          action: 'restart',
          parameters: { container: 'web' },
          state: 'AWAITING_APPROVAL',
          mode: 'auto',
          rule: 'leak',
          reason: '',
          created_at: new Date(NOON).toISOString(),
          started_at: null,
          finished_at: null,
          severity: 'high',
          call: 'POST /containers/web/restart',
          expires_at: new Date(NOON + 600_000).toISOString(),
        },
      ],
      next_cursor: Buffer.from('a2').toString('base64url'),
    })
  })

  it('gives those of one target, one incident, one state', async () => {
    const { get } = await serveApi({ remediation: waiting() })
    const count = async (query: string) =>
      ((await (await get(`/api/v1/actions?${query}`)).json()) as { items: unknown[] }).items.length

    expect(await count('target=web-1%40node&incident_id=i1')).toBe(2)
    expect(await count('target=db-1%40node')).toBe(0)
    expect(await count('state=PLANNED')).toBe(1)
    expect(await count('state=PLANNED,AWAITING_APPROVAL')).toBe(2)
  })

  it.each(['state=planned', 'state=', 'target=%00', 'target=a&target=b', 'incident_id=', 'limit=0', 'cursor=IA'])(
    'refuses ?%s',
    async (query) => {
      const { get } = await serveApi({ remediation: waiting() })

      expect((await get(`/api/v1/actions?${query}`)).status).toBe(400)
    },
  )
})

describe('GET /api/v1/actions/{id}', () => {
  it('adds the exact call, and who', async () => {
    const { get } = await serveApi({ remediation: waiting() })

    expect(await (await get('/api/v1/actions/a1')).json()).toMatchObject({
      id: 'a1',
      severity: 'high',
      by: 'homeostat',
      approved_by: null,
      call: 'POST /containers/web/restart',
      expires_at: new Date(NOON + 600_000).toISOString(),
    })
  })

  it.each(['nothing', '..%2f..%2fetc%2fpasswd', '%252e%252e', '%00', 'a1%20', 'x'.repeat(300), '__proto__'])(
    'does not know %s',
    async (id) => {
      const { get } = await serveApi({ remediation: waiting() })

      const answer = await get(`/api/v1/actions/${id}`)

      expect(answer.status).toBe(404)
      expect(await answer.json()).toMatchObject({ code: 'action_not_found' })
    },
  )
})

describe('approve and deny', () => {
  it('are said once, by name', async () => {
    const remediation = waiting()
    const { send } = await serveApi({ remediation, access: guarded() })
    const operator = bearer(TOKENS.operate)

    const approved = await send('/api/v1/actions/a2/approve', undefined, operator)
    expect(await approved.json()).toMatchObject({ id: 'a2', state: 'PLANNED' })

    const again = await send('/api/v1/actions/a2/deny', { reason: 'no' }, operator)
    expect(again.status).toBe(409)
    expect(await again.json()).toMatchObject({ code: 'action_not_waiting', detail: 'it is PLANNED' })
    expect(remediation.said).toEqual(['approve a2 api:operate'])
  })

  it.each([
    ['approve', { state: 'VERIFIED' }],
    ['deny', { state: 'VERIFIED' }],
    ['deny', { reason: 'x'.repeat(1001) }],
    ['approve', []],
  ])('%s takes no %j', async (verb, body) => {
    const remediation = waiting()
    const { send } = await serveApi({ remediation })

    expect((await send(`/api/v1/actions/a2/${verb}`, body)).status).toBe(400)
    expect(remediation.said).toEqual([])
  })
})

describe('POST /api/v1/actions', () => {
  it('asks for an action of a person’s own', async () => {
    const remediation = waiting()
    const { send } = await serveApi({ remediation, access: guarded() })

    const headers = { ...bearer(TOKENS.operate), 'Idempotency-Key': 'k1' }
    const first = await send('/api/v1/actions', MANUAL, headers)
    const second = await send('/api/v1/actions', MANUAL, headers)

    expect(first.status).toBe(201)
    expect(await first.json()).toMatchObject({ rule: 'manual', state: 'PLANNED', by: 'api:operate' })
    expect(second.status).toBe(200)
    expect(remediation.asked[0]).toEqual({ manual: { ...MANUAL, idempotencyKey: 'k1' }, by: 'api:operate' })
  })

  it.each([
    ['a state', { ...MANUAL, state: 'VERIFIED' }],
    ['another action', { ...MANUAL, action: 'rm' }],
    ['no reason', { ...MANUAL, reason: undefined }],
    ['an empty reason', { ...MANUAL, reason: '' }],
    ['a NUL', { ...MANUAL, target: 'a\0b' }],
    ['half a character', { ...MANUAL, reason: '\ud800' }],
    ['a list as a parameter', { ...MANUAL, parameters: { a: [1] } }],
    ['a deep body', '['.repeat(100) + ']'.repeat(100)],
  ])('takes no %s', async (_, body) => {
    const remediation = waiting()
    const { send } = await serveApi({ remediation })

    expect((await send('/api/v1/actions', body)).status).toBe(400)
    expect(remediation.asked).toEqual([])
  })

  it('says what is not known, and what does not fit', async () => {
    const { send } = await serveApi({ remediation: waiting() })

    const unknown = await send('/api/v1/actions', { ...MANUAL, target: 'nobody@node' })
    const unfit = await send('/api/v1/actions', { ...MANUAL, parameters: { bad: 1 } })
    const key = await send('/api/v1/actions', MANUAL, { 'Idempotency-Key': 'a b' })

    expect(unknown.status).toBe(404)
    expect(unfit.status).toBe(422)
    expect(await unfit.json()).toMatchObject({ code: 'unprocessable', detail: 'bad is not a parameter' })
    expect(key.status).toBe(400)
  })

  it('answers 503 while nothing can be kept', async () => {
    const failing = { ...waiting(), request: () => Promise.reject(new JournalError('full', 'disk full at /secret')) }
    const { send } = await serveApi({ remediation: failing })

    const answer = await send('/api/v1/actions', MANUAL)

    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({
      code: 'storage_unavailable',
      detail: expect.not.stringContaining('secret'),
    })
  })
})

describe('the kill switch', () => {
  it('is pulled with or without a reason, shown, and let go', async () => {
    const remediation = waiting()
    const { get, send } = await serveApi({ remediation, access: guarded() })
    const admin = bearer(TOKENS.admin)

    expect(await (await get('/api/v1/freeze', admin)).json()).toEqual({
      frozen: false,
      by: null,
      reason: null,
      since: null,
    })
    const frozen = await send('/api/v1/freeze', { reason: 'storm' }, admin)
    const since = new Date(NOON).toISOString()
    expect(await frozen.json()).toEqual({ frozen: true, by: 'api:admin', reason: 'storm', since })
    expect(await (await send('/api/v1/freeze', undefined, admin)).json()).toMatchObject({ reason: 'storm' })
    expect(await (await send('/api/v1/unfreeze', undefined, admin)).json()).toMatchObject({ frozen: false })
    expect(await (await send('/api/v1/unfreeze', { reason: 'all quiet' }, admin)).json()).toMatchObject({
      frozen: false,
    })
    expect(remediation.said).toEqual(['unfreeze api:admin ', 'unfreeze api:admin all quiet'])
    expect((await send('/api/v1/unfreeze', { reason: 7 }, admin)).status).toBe(400)
    expect((await send('/api/v1/unfreeze', { force: true }, admin)).status).toBe(400)
  })
})

describe('GET /api/v1/rules and /models', () => {
  it('gives rules as they are in force', async () => {
    const { get } = await serveApi({ remediation: waiting() })

    expect(await (await get('/api/v1/rules')).json()).toMatchObject({
      items: [
        {
          name: 'leak',
          when: 'level > 1.0',
          action: 'restart',
          steps: [{ action: 'restart', parameters: {} }],
          standings: [{ group: 'node', mode: 'suggest', right: 3 }],
          matches: 1,
          matches_days: 30,
          last_matched_at: new Date(NOON).toISOString(),
          verdicts: { execute: 1, refuse: 0 },
        },
      ],
      next_cursor: null,
    })
  })

  it('gives each model in use once, with the targets that it scores', async () => {
    const fleet = fakeFleet([verdictOf('web-1'), verdictOf('db-1')])
    const { get } = await serveApi({ fleet })
    expect(await (await get('/api/v1/models')).json()).toEqual({ items: [], next_cursor: null })

    const losses = { trainingLoss: 0.02, validationLoss: 0.03 }
    fleet.model = { id: 'group:node/3', scope: 'group', spanMs: 86_400_000, trainedAt: NOON, ...losses }

    expect(await (await get('/api/v1/models')).json()).toEqual({
      items: [
        {
          id: 'group:node/3',
          scope: 'group',
          trained_at: new Date(NOON).toISOString(),
          unit: 'group:node',
          version: 3,
          targets: 2,
          history_seconds: 86_400,
          training_loss: 0.02,
          validation_loss: 0.03,
        },
      ],
      next_cursor: null,
    })
  })
})

describe('POST /api/v1/incidents/{id}/silence', () => {
  it.each(['1h', '1h30m', '30d', '60s'])('takes %s', async (duration) => {
    const { send } = await serveApi(oneIncident())

    const answer = await send('/api/v1/incidents/i1/silence', { duration })

    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ id: 'i1', actions: [{ id: 'a2' }, { id: 'a1' }] })
  })

  it.each(['', '1', '-1h', '1y', '31d', '59s', '1h 30m', '0h', '9999d'])('refuses %j', async (duration) => {
    const { send } = await serveApi(oneIncident())

    expect((await send('/api/v1/incidents/i1/silence', { duration })).status).toBe(400)
  })
})

function oneIncident() {
  return { remediation: waiting(), incidents: fakeIncidents([incidentOf('i1', 'web-1@node', 0)]) }
}
