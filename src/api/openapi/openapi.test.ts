import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ReceiveReading } from '../../pipeline/push.ts'
import { createLogger } from '../../platform/logger.ts'
import { createMetrics } from '../../platform/metrics.ts'
import { createRoutes } from '../api-routes.ts'
import type { Endpoint } from '../routes.ts'
import { alertJson, fakeIntake, messageJson } from '../testing/alerts.ts'
import { bearer, guarded, TOKENS } from '../testing/credentials.ts'
import { fakeEvents, fakeStatus } from '../testing/fake-events.ts'
import { fakeFleet, verdictOf, warmingUp } from '../testing/fake-fleet.ts'
import { fakeIncidents, incidentOf, NOON } from '../testing/fake-incidents.ts'
import { actionOf, fakeRemediation } from '../testing/fake-remediation.ts'
import { noKpis } from '../testing/no-kpis.ts'
import { modelCard } from '../testing/no-models.ts'
import { serveApi } from '../testing/serve.ts'
import { openApiDocument, problemsOf } from './document.ts'
import type { Operation } from './operation.ts'
import { OPERATIONS } from './operations.ts'
import { describedAnswer, describedComponent } from './testing/described.ts'

const keyOf = ({ method, pattern }: Pick<Operation, 'method' | 'pattern'>) => `${method} ${pattern}`
const BY_KEY = new Map(OPERATIONS.map((operation) => [keyOf(operation), operation]))

/** A directory as the build leaves it. */
function built(...names: string[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'built-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  mkdirSync(join(directory, 'assets'))
  for (const name of names) writeFileSync(join(directory, name), 'x')
  return directory
}

const builtPages = () => ({
  dashboard: built('index.html', 'icon.svg', 'assets/index-Ab12.js'),
  docs: built('swagger-ui-5.1.0.js', 'swagger-ui-5.1.0.css'),
})

/** Everything that can be there is there. */
function busy() {
  const contributions = [{ feature: 'cpu_busy', share: 1, actual: 91, expected: Number.NaN }]
  const exhaustion = [{ resource: 'disk_used', seconds: 60, low: 30, high: 90 }]
  const sick = { detected: true, level: 2, contributions, exhaustion, drift: 0.5 }
  const fleet = fakeFleet([verdictOf('web-1', sick), verdictOf('db-1', { state: 'stale' }), warmingUp('new')])
  fleet.model = { id: 'web-1@node/3', scope: 'host', trainedAt: NOON, spanMs: 86_400_000, validationLoss: 0.1 }
  const diagnosis = {
    ...({ cause: 'cpu_saturation', confidence: 0.8, evidence: ['cpu_busy 91'], rootTarget: 'web-1@node' } as const),
    peers: { group: 'node', anomalous: 1, size: 3 },
  }
  const alert = {
    ...({
      source: 'alertmanager',
      fingerprint: 'f',
      name: 'DiskFull',
      status: 'firing',
      summary: '',
      startsAt: NOON,
    } as const),
    labels: { alertname: 'DiskFull' },
  }
  const timeline = [
    ...incidentOf('i1', 'web-1@node', 0).timeline,
    {
      ...({ at: NOON, kind: 'decided', by: 'homeostat', text: 'leak: refuse restart' } as const),
      data: { verdict: 'refuse', rule: 'leak', guard: 'selector', passed: 'kill_switch protected', reason: 'unmapped' },
    },
  ]
  const incident = { ...incidentOf('i1', 'web-1@node', 0), diagnosis, alerts: [alert], timeline, acknowledgedAt: NOON }
  const remediation = {
    ...fakeRemediation([actionOf('a1'), actionOf('a2', { state: 'AWAITING_APPROVAL', startedAt: NOON })]),
    silenceOf: async () => ({ id: 's', target: 'web-1@node', from: NOON, until: NOON + 1, by: 'api', text: '' }),
  }
  const source = { kind: 'prometheus', url: 'http://p:9090', state: 'down', problems: ['cannot be reached'] } as const
  const status = fakeStatus({
    sources: [source],
    receivers: [{ name: 'mail', kind: 'email', waiting: 1, sentAt: NOON, failedAt: NOON, failure: 'timeout' }],
    configuration: {
      ...{ file: '/etc/homeostat.yaml', loadedAt: NOON },
      reload: { at: NOON, ok: false, problems: [{ where: 'a.yaml', path: 'x', message: 'is wrong' }] },
      warnings: [{ code: 'nobody_is_told', path: 'notifications.receivers', message: 'nobody is told' }],
    },
    freeze: { by: 'api', reason: 'deploy', at: NOON },
    actions: [actionOf('a1')],
    ongoing: [incident],
  })
  const point = { at: NOON, level: 1, score: 1, threshold: 1, detected: true, detectors: { zscore: 0.5 } }
  const scores = {
    ...({ stepMs: 15_000, source: 'both', points: [point], problems: [] } as const),
    features: [
      { name: 'cpu_busy', source: 'history', points: [{ at: NOON, actual: 1, expected: Number.NaN }] } as const,
    ],
  }
  const receiveReading: ReceiveReading = async ({ service }) => {
    const decision = {
      rule: 'leak',
      verdict: 'ask',
      reason: '',
      at: NOON,
      action: 'restart',
      severity: 'high',
    } as const
    return { ok: true, judgement: { verdict: verdictOf(service, sick), diagnosis, decision, action: actionOf('a1') } }
  }
  const contest = {
    ...{ at: '2026-11-21T00:00:00.000Z', champion: 'web-1@node/2', champion_loss: 0.4, challenger_loss: null },
    ...({ rows: 500, taken_over: true, by: 'schedule', reason: null } as const),
  }
  return {
    ...{ fleet, remediation, status, receiveReading, kpis: noKpis, receiveAlerts: fakeIntake().receive },
    incidents: fakeIncidents([incident]),
    scores: { read: async () => scores },
    models: {
      versions: async () => [
        { version: 3, card: modelCard },
        { version: 2, problem: 'is cut off' },
      ],
      contests: async () => [contest],
    },
    events: fakeEvents(fleet),
    ...builtPages(),
  }
}

interface Sample {
  readonly path?: string
  readonly body?: unknown
  readonly status: number
}

const alerts = (version: string) => messageJson([alertJson()], { version })
/** One request of every operation that goes well; the path is the pattern unless it says otherwise. */
const SAMPLES: Readonly<Record<string, Sample>> = {
  'GET /api/v1/fleet': { status: 200 },
  'GET /api/v1/targets': { status: 200 },
  'GET /api/v1/targets/{id}': { path: '/api/v1/targets/web-1%40node', status: 200 },
  'GET /api/v1/targets/{id}/scores': { path: '/api/v1/targets/web-1%40node/scores?features=cpu_busy', status: 200 },
  'GET /api/v1/status': { status: 200 },
  'GET /api/v1/incidents': { status: 200 },
  'GET /api/v1/incidents/{id}': { path: '/api/v1/incidents/i1', status: 200 },
  'POST /api/v1/incidents/{id}/acknowledge': { path: '/api/v1/incidents/i1/acknowledge', status: 200 },
  'POST /api/v1/incidents/{id}/feedback': {
    path: '/api/v1/incidents/i1/feedback',
    body: { useful: true },
    status: 200,
  },
  'POST /api/v1/changes': {
    body: { targets: ['web-1@node'], from: '2026-11-21T12:00:00Z', to: '2026-11-21T13:00:00Z', text: 'deploy' },
    status: 201,
  },
  'GET /api/v1/actions': { status: 200 },
  'POST /api/v1/actions': { body: { target: 'web-1@node', action: 'restart', reason: 'leak' }, status: 201 },
  'GET /api/v1/actions/{id}': { path: '/api/v1/actions/a1', status: 200 },
  'POST /api/v1/actions/{id}/approve': { path: '/api/v1/actions/a2/approve', status: 200 },
  'GET /api/v1/freeze': { status: 200 },
  'POST /api/v1/freeze': { body: { reason: 'deploy' }, status: 200 },
  'POST /api/v1/unfreeze': { status: 200 },
  'GET /api/v1/rules': { status: 200 },
  'GET /api/v1/models': { status: 200 },
  'GET /api/v1/models/{unit}': { path: '/api/v1/models/web-1%40node', status: 200 },
  'GET /api/v1/kpis': { status: 200 },
  'POST /api/v1/observations': {
    body: { service: 'checkout', timestamp: '2026-11-21T10:00:00Z', metrics: { cpu_percent: 91.2 } },
    status: 200,
  },
  'POST /api/v1/webhooks/alertmanager': { body: alerts('4'), status: 202 },
  'POST /api/v1/webhooks/grafana': { body: alerts('1'), status: 202 },
  'PUT /api/v1/webhooks/grafana': { body: alerts('1'), status: 200 },
  'GET /api/v1/session': { status: 200 },
  'POST /api/v1/session': { body: { token: TOKENS.read }, status: 200 },
  'DELETE /api/v1/session': { status: 204 },
  'GET /api/v1/openapi.json': { status: 200 },
  'GET /api/docs': { status: 200 },
  'GET /api/docs/{file}': { path: '/api/docs/swagger-ui-5.1.0.js', status: 200 },
  'GET /': { status: 200 },
  'GET /assets/{name}': { path: '/assets/index-Ab12.js', status: 200 },
  'GET /icon.svg': { status: 200 },
  'GET /metrics': { status: 200 },
  'GET /-/healthy': { status: 200 },
  'GET /-/ready': { status: 503 },
  'POST /-/reload': { status: 200 },
}
/** Those whose answers are tested where they belong: one has no end, the others need more than a fake. */
const ELSEWHERE = ['GET /api/v1/events', 'POST /api/v1/incidents/{id}/silence', 'POST /api/v1/actions/{id}/deny']

describe('the description of the API', () => {
  it('tells of every method of every route, and of none that is not there', () => {
    const routes = realEndpoints()

    expect([...BY_KEY.keys()].sort()).toEqual([...routes.keys()].sort())
    expect(BY_KEY.size).toBe(OPERATIONS.length)
  })

  it('says who may, as the gate has it', () => {
    for (const [key, { need }] of realEndpoints()) {
      const { role, wholeFleet } = BY_KEY.get(key)!
      // What checks for itself is told of its own tests.
      if (need === undefined)
        expect(['open', 'sender', ...(key.includes('observations') ? ['operate'] : [])]).toContain(role)
      else
        expect({ key, role, wholeFleet: wholeFleet ?? false }).toEqual({
          key,
          ...need,
          wholeFleet: need.wholeFleet ?? false,
        })
    }
  })

  it('is whole: parts of paths, references and ids', () => {
    const document = openApiDocument('1.2.3')
    const text = JSON.stringify(document)
    const components = Object.keys(document.components?.schemas ?? {})

    expect(document.openapi).toBe('3.1.0')
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) expect(components).toContain(name)
    const ids = [...text.matchAll(/"operationId":"(\w+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(OPERATIONS.length)
    for (const { pattern, parts = {} } of OPERATIONS)
      expect([...pattern.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)).toEqual(Object.keys(parts))
  })

  it('is served, kept by who has it, and to be tried out', async () => {
    const { get } = await serveApi(builtPages())

    const answer = await get('/api/v1/openapi.json')
    const etag = answer.headers.get('etag')!

    expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(openApiDocument('1.2.3'))))
    expect((await get('/api/v1/openapi.json', { 'If-None-Match': etag })).status).toBe(304)
    const page = await get('/api/docs')
    expect(await page.text()).toContain('<script src="docs/swagger-ui-5.1.0.js" defer></script>')
    expect(page.headers.get('content-security-policy')).toBe(
      "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;connect-src 'self';base-uri 'none';form-action 'self';frame-ancestors 'none'",
    )
    expect(await (await get('/api/docs/init.js')).text()).toContain('SwaggerUIBundle(')
    const { get: unbuilt } = await serveApi()
    expect(await (await unbuilt('/api/docs')).text()).toContain('openapi.json')
    expect((await unbuilt('/api/docs/swagger-ui-5.1.0.js')).status).toBe(404)
  })
})

describe('every answer is as it is described', () => {
  it('has a sample of every operation', () => {
    expect([...Object.keys(SAMPLES), ...ELSEWHERE].sort()).toEqual([...BY_KEY.keys()].sort())
  })

  it('when all goes well', async () => {
    const { send } = await serveApi(busy())
    for (const [key, { path, body, status }] of Object.entries(SAMPLES)) {
      const { method, pattern } = BY_KEY.get(key)!

      const answer = await send(path ?? pattern, body, {}, method)

      expect({ key, status: answer.status }).toEqual({ key, status })
      const text = await answer.text()
      const type = (answer.headers.get('content-type') ?? '').split(';')[0]
      if (text === '' || key.includes('/{file}') || key.includes('/{name}')) continue
      const check = describedAnswer(method, pattern, status, type)
      expect(check, `${key}: ${type}`).toBeDefined()
      expect({
        key,
        wrong: check!.safeParse(type === 'application/json' ? JSON.parse(text) : text).error?.issues,
      }).toEqual({
        key,
      })
    }
  })

  it('when nobody may, and where nothing is', async () => {
    const { send } = await serveApi({ ...busy(), access: guarded() })
    const problem = describedComponent('Problem')
    const ask = async (operation: Operation, headers: Record<string, string>) => {
      const path = operation.pattern.replace(/\{\w+\}/, 'nobody')
      const body = operation.body === undefined ? undefined : SAMPLES[keyOf(operation)]?.body
      const answer = await send(path, body, headers, operation.method)
      return { status: answer.status, text: await answer.text() }
    }
    for (const operation of OPERATIONS) {
      if (operation.role === 'open' || operation.pattern.endsWith('/events')) continue
      for (const headers of [{}, bearer(TOKENS.read), bearer(TOKENS.web), bearer(TOKENS.admin)]) {
        const { status, text } = await ask(operation, headers)
        if (status < 400) continue
        const told = JSON.parse(text)
        expect({ key: keyOf(operation), wrong: problem.safeParse(told).error?.issues }).toEqual({
          key: keyOf(operation),
        })
        expect(problemsOf(operation), `${keyOf(operation)} ${text}`).toContain(told.code)
      }
    }
  })
})

/** What `createRoutes` gives, by method and pattern. */
function realEndpoints(): ReadonlyMap<string, Endpoint> {
  const { routes } = createRoutes({
    ...{ ...busy(), reload: async () => ({ ok: true }), access: guarded() },
    ...{ version: '1.2.3', now: () => NOON, logger: createLogger('error', { write() {} }) },
    metrics: createMetrics({ now: () => 0, version: '0', node: '0' }),
  })
  return new Map(
    routes.flatMap(({ pattern, methods }) =>
      Object.entries(methods).map(([method, endpoint]) => [`${method} ${pattern}`, endpoint] as const),
    ),
  )
}
