import { describe, expect, it } from 'vitest'
import { basic, bearer, guarded, PASSWORD, TOKENS } from '../testing/credentials.ts'
import { fakeFleet, verdictOf } from '../testing/fake-fleet.ts'
import { fakeIncidents, incidentOf } from '../testing/fake-incidents.ts'
import { actionOf, fakeRemediation } from '../testing/fake-remediation.ts'
import { closedDoor } from '../testing/readings.ts'
import { serveApi } from '../testing/serve.ts'

type Role = 'read' | 'operate' | 'admin'

const ROUTES: readonly (readonly [needed: Role, method: string, path: string, body?: unknown])[] = [
  ['read', 'GET', '/api/v1/targets'],
  ['read', 'GET', '/api/v1/targets/web-1%40node'],
  ['read', 'GET', '/api/v1/incidents'],
  ['read', 'GET', '/api/v1/incidents/i1'],
  ['read', 'GET', '/api/v1/actions'],
  ['read', 'GET', '/api/v1/actions/a1'],
  ['read', 'GET', '/api/v1/rules'],
  ['read', 'GET', '/api/v1/models'],
  ['read', 'GET', '/api/v1/freeze'],
  ['read', 'GET', '/api/v1/session'],
  ['operate', 'POST', '/api/v1/incidents/i1/acknowledge'],
  ['operate', 'POST', '/api/v1/incidents/i1/feedback', { useful: true }],
  ['operate', 'POST', '/api/v1/incidents/i1/silence', { duration: '1h' }],
  ['operate', 'POST', '/api/v1/actions', { target: 'web-1@node', action: 'restart', reason: 'x' }],
  ['operate', 'POST', '/api/v1/actions/a1/approve'],
  ['operate', 'POST', '/api/v1/actions/a2/deny'],
  ['operate', 'POST', '/api/v1/freeze'],
  [
    'operate',
    'POST',
    '/api/v1/changes',
    { targets: ['web-1@node'], from: '2026-11-21T10:00:00Z', to: '2026-11-21T11:00:00Z', text: 'x' },
  ],
  ['operate', 'POST', '/api/v1/webhooks/alertmanager', { alerts: [] }],
  ['operate', 'PUT', '/api/v1/webhooks/grafana', { alerts: [] }],
  ['admin', 'POST', '/api/v1/unfreeze'],
  ['admin', 'POST', '/-/reload'],
]

const behind = () => ({
  fleet: fakeFleet([verdictOf('web-1'), verdictOf('db-1')]),
  incidents: fakeIncidents([incidentOf('i1', 'web-1@node', 0), incidentOf('i2', 'db-1@node', 1)]),
  remediation: fakeRemediation([
    actionOf('a1', { state: 'AWAITING_APPROVAL' }),
    actionOf('a2', { state: 'AWAITING_APPROVAL' }),
    actionOf('a3', { target: 'db-1@node' }),
  ]),
  receiveAlerts: async () => ({ taken: 0, repeated: 0, incidents: [] }),
  receiveReading: closedDoor,
})

describe('a route', () => {
  it.each(ROUTES.map(([needed, method, path, body]) => ({ needed, method, path, body })))(
    'for those who may $needed: $method $path',
    async ({ needed, method, path, body }) => {
      const { send } = await serveApi({ ...behind(), access: guarded() })
      const ask = (headers: Record<string, string>) => send(path, body, headers, method)

      const nobody = await ask({})
      expect(nobody.status).toBe(401)
      expect(nobody.headers.get('www-authenticate')).toContain('Bearer realm="homeostat"')
      expect(await nobody.json()).toMatchObject({ code: 'unauthorized' })

      const order: readonly Role[] = ['read', 'operate', 'admin']
      for (const role of order) {
        const { status } = await ask(bearer(TOKENS[role]))
        // Nothing is left to approve the second time.
        const allowed = role === needed ? [200, 201] : [200, 201, 409]
        if (order.indexOf(role) < order.indexOf(needed)) expect(status).toBe(403)
        else expect(allowed).toContain(status)
      }
    },
  )

  it('is open to all where nobody is asked, and then named api', async () => {
    const remediation = fakeRemediation([])
    const { send } = await serveApi({ ...behind(), remediation })

    const answer = await send('/api/v1/actions', { target: 'web-1@node', action: 'restart', reason: 'x' })

    expect(answer.status).toBe(201)
    expect(remediation.asked[0].by).toBe('api')
  })

  it('of the process itself is open to all', async () => {
    const { get } = await serveApi({ access: guarded() })

    for (const path of ['/-/healthy', '/', '/metrics']) expect((await get(path)).status).toBe(200)
    expect((await get('/-/ready')).status).toBe(503)
  })
})

describe('GET /metrics with metrics_auth', () => {
  it('is for those who may see the whole fleet', async () => {
    const { get } = await serveApi({ access: guarded({ metricsAuth: true }) })

    expect((await get('/metrics')).status).toBe(401)
    expect((await get('/metrics', bearer(TOKENS.read))).status).toBe(200)
    expect((await get('/metrics', bearer(TOKENS.web))).status).toBe(403)
  })
})

describe('a credential', () => {
  it.each([
    ['one character short', bearer(TOKENS.admin.slice(0, -1))],
    ['one character long', bearer(`${TOKENS.admin}x`)],
    ['empty', { Authorization: '' }],
    ['a scheme alone', { Authorization: 'Bearer' }],
    ['two tokens', { Authorization: `Bearer ${TOKENS.admin} ${TOKENS.admin}` }],
    ['another scheme', { Authorization: `Digest ${TOKENS.admin}` }],
    ['no base64', { Authorization: 'Basic %%%' }],
    ['no colon', { Authorization: `Basic ${Buffer.from('alice').toString('base64')}` }],
    ['a wrong password', basic('alice', 'wrong')],
    ['a password with a longer tail', basic('alice', `${PASSWORD}${'x'.repeat(100)}`)],
    ['an unknown user', basic('__proto__', PASSWORD)],
    ['7 kB', bearer('x'.repeat(7000))],
    ['a JWT where none is taken', bearer('a.b.c')],
  ])('that is %s opens nothing', async (_, headers) => {
    const { get } = await serveApi({ access: guarded() })

    expect((await get('/api/v1/targets', headers)).status).toBe(401)
  })

  it('is taken in any spelling of its scheme', async () => {
    const { get } = await serveApi({ access: guarded() })

    expect((await get('/api/v1/targets', { Authorization: `bearer   ${TOKENS.read}` })).status).toBe(200)
    expect((await get('/api/v1/targets', basic('alice', PASSWORD))).status).toBe(200)
    expect((await get('/api/v1/targets', basic('alice', PASSWORD))).status).toBe(200)
  })

  it('given twice opens nothing, however right both are', async () => {
    const { raw } = await serveApi({ access: guarded() })
    const line = `Authorization: Bearer ${TOKENS.read}\r\n`

    const answer = await raw(`GET /api/v1/targets HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${line}${line}\r\n`)

    expect(answer).toMatch(/^HTTP\/1\.1 401 /)
  })

  it('never reaches the log', async () => {
    const { get, log } = await serveApi({ access: guarded() })

    await get(`/api/v1/targets?token=${TOKENS.admin}`, bearer(TOKENS.admin))
    await get('/api/v1/targets', bearer('wrong-secret'))

    expect(log()).not.toMatch(/token-of|wrong-secret/)
  })
})

describe('a credential for a part of the fleet', () => {
  const web = bearer(TOKENS.web)
  const ids = async (answer: Response) =>
    ((await answer.json()) as { items: { id: string }[] }).items.map(({ id }) => id)

  it('shows that part alone in every list', async () => {
    const { get } = await serveApi({ ...behind(), access: guarded() })

    expect(await ids(await get('/api/v1/targets', web))).toEqual(['web-1@node'])
    expect(await ids(await get('/api/v1/incidents', web))).toEqual(['i1'])
    expect(await ids(await get('/api/v1/actions', web))).toEqual(['a2', 'a1'])
    expect(await ids(await get('/api/v1/actions', bearer(TOKENS.read)))).toEqual(['a3', 'a2', 'a1'])
  })

  it('is led through a list page by page', async () => {
    const mixed = Array.from({ length: 40 }, (_, i) =>
      incidentOf(`i${10 + i}`, i % 5 === 0 ? 'web-1@node' : 'db-1@node', i),
    )
    const { get } = await serveApi({ ...behind(), incidents: fakeIncidents(mixed), access: guarded() })
    const found: string[] = []

    let cursor: string | null = ''
    while (cursor !== null) {
      const answer = await get(`/api/v1/incidents?limit=3${cursor && `&cursor=${cursor}`}`, web)
      const page = (await answer.json()) as { items: { id: string }[]; next_cursor: string | null }
      expect(page.items.length).toBeLessThanOrEqual(3)
      found.push(...page.items.map(({ id }) => id))
      cursor = page.next_cursor
    }

    expect(found).toEqual(['i45', 'i40', 'i35', 'i30', 'i25', 'i20', 'i15', 'i10'])
  })

  it.each([
    ['GET', '/api/v1/targets/db-1%40node'],
    ['GET', '/api/v1/incidents/i2'],
    ['POST', '/api/v1/incidents/i2/acknowledge'],
    ['POST', '/api/v1/incidents/i2/feedback', { useful: true }],
    ['POST', '/api/v1/incidents/i2/silence', { duration: '1h' }],
    ['GET', '/api/v1/actions/a3'],
    ['POST', '/api/v1/actions/a3/approve'],
    ['POST', '/api/v1/actions/a3/deny'],
    ['POST', '/api/v1/actions', { target: 'db-1@node', action: 'restart', reason: 'x' }],
    ['POST', '/api/v1/actions', { target: 'unheard-of@node', action: 'restart', reason: 'x' }],
    [
      'POST',
      '/api/v1/changes',
      { targets: ['web-1@node', 'db-1@node'], from: '2026-11-21T10:00:00Z', to: '2026-11-21T11:00:00Z', text: 'x' },
    ],
  ])('does not know what lies outside: %s %s', async (method, path, body?: unknown) => {
    const { send } = await serveApi({ ...behind(), access: guarded() })

    expect((await send(path, body, web, method)).status).toBe(404)
  })

  it('is not widened by the labels of an alert', async () => {
    const forged = { ...incidentOf('i3', 'db-1@node', 0), labels: { instance: 'web-1', job: 'node' } }
    const { get } = await serveApi({ ...behind(), incidents: fakeIncidents([forged]), access: guarded() })

    expect((await get('/api/v1/incidents/i3', web)).status).toBe(404)
  })

  it.each(['/api/v1/freeze', '/api/v1/webhooks/alertmanager'])('does not reach %s', async (path) => {
    const { send } = await serveApi({ ...behind(), access: guarded() })

    expect((await send(path, undefined, web)).status).toBe(403)
  })

  it('does not show how rules stand in groups', async () => {
    const { get } = await serveApi({ ...behind(), access: guarded() })

    const answer = await get('/api/v1/rules', web)

    expect(await answer.json()).toMatchObject({ items: [{ name: 'leak', standings: [] }] })
  })
})

describe('an open API on this machine', () => {
  it('takes nothing from a page that only pretends to be of this machine', async () => {
    const { send } = await serveApi({ ...behind() })

    const answer = await send('/api/v1/freeze', undefined, { Origin: 'http://rebound.example:9797' })

    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ code: 'cross_site' })
    expect((await send('/api/v1/freeze', undefined, { Origin: 'http://localhost:9797' })).status).toBe(200)
  })
})
