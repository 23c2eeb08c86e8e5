import { afterEach, describe, expect, it } from 'vitest'
import { openedByAlert } from '../domain/incident.ts'
import { withAlerts } from '../domain/incident-course.ts'
import { createLogger } from '../platform/logger.ts'
import { createMetrics } from '../platform/metrics.ts'
import { createApi } from './create-api.ts'
import type { Incidents } from './incidents.ts'
import { ApiError } from './problem.ts'
import { type RunningServer, startServer } from './server.ts'
import { fakeIntake } from './testing/alerts.ts'
import { fakeEvents, fakeStatus } from './testing/fake-events.ts'
import { fakeFleet, verdictOf } from './testing/fake-fleet.ts'
import { fakeIncidents, incidentOf, NOON } from './testing/fake-incidents.ts'
import { fakeRemediation } from './testing/fake-remediation.ts'
import { noKpis } from './testing/no-kpis.ts'
import { noModels } from './testing/no-models.ts'
import { noScores } from './testing/no-scores.ts'
import { OPEN_ACCESS } from './testing/open-access.ts'
import { closedDoor } from './testing/readings.ts'

const running: RunningServer[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close(0)))
})

async function serve(incidents: Incidents) {
  const metrics = createMetrics({ now: () => 0, version: '0', node: '0' })
  const logger = createLogger('error', { write: () => {} })
  const fleet = fakeFleet([verdictOf('web-1')])
  const api = createApi({
    fleet,
    incidents,
    reload: async () => ({ ok: true }),
    remediation: fakeRemediation(),
    receiveAlerts: fakeIntake().receive,
    receiveReading: closedDoor,
    kpis: noKpis,
    status: fakeStatus(),
    scores: noScores,
    models: noModels,
    version: '1.2.3',
    events: fakeEvents(fleet),
    access: () => OPEN_ACCESS,
    now: () => 0,
    metrics,
    logger,
  })
  const server = await startServer(api, '127.0.0.1', 0, logger)
  running.push(server)
  const get = (path: string) => fetch(`${server.url}${path}`)
  const post = (path: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
      body: body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    } as RequestInit)
  return { get, post }
}

interface ListAnswer {
  readonly items: readonly { readonly id: string }[]
  readonly next_cursor: string | null
}

const two = () => fakeIncidents([incidentOf('i1', 'web-1@node', 0), incidentOf('i2', 'db-1@node', 5)])

describe('GET /api/v1/incidents', () => {
  it('gives them as in the contract, newest first', async () => {
    const { get } = await serve(two())

    expect(await (await get('/api/v1/incidents')).json()).toEqual({
      items: [
        {
          id: 'i2',
          target: 'db-1@node',
          state: 'opened',
          severity: 1 - 2 ** -2,
          cause: null,
          opened_at: '2026-11-21T12:05:00.000Z',
          closed_at: null,
          level: 2,
          evidence: null,
          alerts_firing: 0,
          acknowledged_at: null,
        },
        expect.objectContaining({ id: 'i1', opened_at: '2026-11-21T12:00:00.000Z' }),
      ],
      next_cursor: null,
    })
  })

  it.each([
    ['warning', 0.75],
    [undefined, null],
  ])('says of one that only alerts speak of what they say: %s is %s', async (severity, number) => {
    const begun = openedByAlert('i1', 'db-1@node', NOON, { labels: {}, group: 'db' }, 'DiskFull fires')
    const labels = { alertname: 'DiskFull', ...(severity && { severity }) }
    const alert = { source: 'grafana', groupKey: '', fingerprint: '1', status: 'firing', annotations: {} } as const
    const { get } = await serve(fakeIncidents([withAlerts(begun, [{ ...alert, labels, startsAt: NOON }], 0, NOON)]))

    expect(await (await get('/api/v1/incidents/i1')).json()).toMatchObject({ severity: number, level: null })
  })

  it('goes on by cursor until there are no more', async () => {
    const { get } = await serve(
      fakeIncidents(Array.from({ length: 5 }, (_, i) => incidentOf(`i${i}`, 'web-1@node', i))),
    )
    const pages: string[][] = []

    let cursor: string | null = ''
    while (cursor !== null) {
      const answer: ListAnswer = (await (
        await get(`/api/v1/incidents?limit=2${cursor && `&cursor=${cursor}`}`)
      ).json()) as ListAnswer
      pages.push(answer.items.map(({ id }) => id))
      cursor = answer.next_cursor
    }

    expect(pages).toEqual([['i4', 'i3'], ['i2', 'i1'], ['i0']])
  })

  it('gives those of one target, none for one without', async () => {
    const { get } = await serve(two())
    const ids = async (target: string) =>
      ((await (await get(`/api/v1/incidents?target=${encodeURIComponent(target)}`)).json()) as ListAnswer).items.map(
        ({ id }) => id,
      )

    expect(await ids('db-1@node')).toEqual(['i2'])
    expect(await ids('nobody@node')).toEqual([])
  })

  it.each(['limit=0', 'limit=x', 'cursor=', 'target=', 'target=a&target=b'])('refuses ?%s', async (query) => {
    const { get } = await serve(two())

    const answer = await get(`/api/v1/incidents?${query}`)

    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: 'invalid_parameter' })
  })
})

describe('GET /api/v1/incidents/{id}', () => {
  it('adds what is known of it', async () => {
    const { get } = await serve(two())
    const contributions = [
      { feature: 'cpu_busy', share: 0.75, actual: 91, expected: 28 },
      { feature: 'load1_per_core', share: 0.25, actual: 4, expected: null },
    ]

    const answer = await get('/api/v1/incidents/i1')

    expect(await answer.json()).toEqual({
      id: 'i1',
      target: 'web-1@node',
      state: 'opened',
      severity: 1 - 2 ** -2,
      cause: null,
      opened_at: '2026-11-21T12:00:00.000Z',
      closed_at: null,
      level: 2,
      evidence: null,
      alerts_firing: 0,
      acknowledged_at: null,
      labels: {},
      contributions,
      contributions_at_opening: contributions,
      feedback: null,
      alerts: [],
      diagnosis: null,
      actions: [],
      related: [],
      timeline: [
        {
          at: '2026-11-21T12:00:00.000Z',
          kind: 'opened',
          by: 'homeostat',
          text: 'level 2: cpu_busy, load1_per_core',
          data: { level: 2 },
          guards: [],
        },
      ],
    })
  })

  it('does not know what is not there', async () => {
    const { get, post } = await serve(two())

    for (const id of ['i3', '__proto__', 'toString', '%2e%2e%2f%2e%2e%2fetc%2fpasswd']) {
      const answers = [
        await get(`/api/v1/incidents/${id}`),
        await post(`/api/v1/incidents/${id}/acknowledge`),
        await post(`/api/v1/incidents/${id}/feedback`, { useful: true }),
      ]
      for (const answer of answers) {
        expect(answer.status).toBe(404)
        expect(await answer.json()).toMatchObject({ code: 'incident_not_found' })
      }
    }
  })
})

describe('POST /api/v1/incidents/{id}/acknowledge', () => {
  it.each([undefined, {}])('takes it with the body %s', async (body) => {
    const { post } = await serve(two())

    const answer = await post('/api/v1/incidents/i1/acknowledge', body)

    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ id: 'i1', acknowledged_at: '2026-11-21T12:00:00.000Z' })
  })

  it('lets nobody set a state', async () => {
    const { post } = await serve(two())

    expect((await post('/api/v1/incidents/i1/acknowledge', { state: 'closed' })).status).toBe(400)
  })
})

describe('POST /api/v1/incidents/{id}/feedback', () => {
  const FEEDBACK = '/api/v1/incidents/i1/feedback'

  it('takes a word, twice as once, and the newest', async () => {
    const { post } = await serve(two())

    for (const useful of [true, true, false]) {
      const answer = await post(FEEDBACK, { useful })
      expect(answer.status).toBe(200)
      expect(await answer.json()).toMatchObject({ feedback: { useful, at: '2026-11-21T12:00:00.000Z' } })
    }
  })

  it.each([
    ['', 'empty'],
    ['{', 'no JSON'],
    ['[]', 'an array'],
    ['null', 'null'],
    ['"x"', 'a text'],
    ['1', 'a number'],
    ['{}', 'nothing said'],
    ['{"useful":"true"}', 'a text for a boolean'],
    ['{"useful":1}', 'a number for a boolean'],
    ['{"useful":null}', 'null for a boolean'],
    ['{"useful":true,"state":"closed"}', 'an unknown key'],
    ['{"useful":true,"__proto__":{"admin":true}}', 'a prototype'],
    [`${'{"a":'.repeat(100)}1${'}'.repeat(100)}`, 'too deep'],
  ])('refuses %s (%s) with 400', async (body) => {
    const { post } = await serve(two())

    const answer = await post(FEEDBACK, body)

    expect(answer.status).toBe(400)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(await answer.json()).toMatchObject({ status: 400, code: 'invalid_body' })
  })

  it.each([
    { 'Content-Type': 'application/x-www-form-urlencoded' },
    { 'Content-Type': 'text/plain' },
    { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' },
    { 'Content-Type': 'application/json; charset=latin1' },
  ])('refuses %o with 415', async (headers) => {
    const { post } = await serve(two())

    const answer = await post(FEEDBACK, '{"useful":true}', headers as Record<string, string>)

    expect(answer.status).toBe(415)
    expect(await answer.json()).toMatchObject({ code: 'unsupported_media_type' })
  })

  it('refuses a large body', async () => {
    const { post } = await serve(two())

    const answer = await post(FEEDBACK, { useful: true, text: 'x'.repeat(2000) })

    expect(answer.status).toBe(413)
    expect(await answer.json()).toMatchObject({ code: 'body_too_large' })
  })

  it('takes nothing from a page of another site', async () => {
    const { post, get } = await serve(two())

    const answer = await post(FEEDBACK, { useful: false }, { 'Sec-Fetch-Site': 'cross-site' })

    expect(answer.status).toBe(403)
    expect(await (await get('/api/v1/incidents/i1')).json()).toMatchObject({ feedback: null })
  })

  it('answers 503 when it cannot be kept', async () => {
    const full = async () => {
      throw new ApiError('storage_unavailable', 'the data directory cannot be written; try again')
    }
    const { post } = await serve({ ...two(), judge: full })

    const answer = await post(FEEDBACK, { useful: true })

    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({ code: 'storage_unavailable' })
  })

  it('is no page to look at', async () => {
    const { get } = await serve(two())

    expect((await get(FEEDBACK)).status).toBe(405)
  })
})

describe('POST /api/v1/changes', () => {
  const deploy = {
    targets: ['web-1@node', 'new-host@node'],
    from: '2026-11-21T12:00:00Z',
    to: '2026-11-21T13:30:00+01:00',
    text: 'release 42',
  }

  it('takes a change and says which targets it does not know', async () => {
    const { post } = await serve(two())

    const answer = await post('/api/v1/changes', deploy)

    expect(answer.status).toBe(201)
    expect(await answer.json()).toEqual({
      id: 'c0',
      targets: deploy.targets,
      from: '2026-11-21T12:00:00.000Z',
      to: '2026-11-21T12:30:00.000Z',
      text: 'release 42',
      created_at: '2026-11-21T12:00:00.000Z',
      unknown_targets: ['new-host@node'],
    })
  })

  it.each([
    { ...deploy, targets: undefined },
    { ...deploy, targets: [] },
    { ...deploy, targets: [''] },
    { ...deploy, targets: ['x'.repeat(301)] },
    { ...deploy, targets: 'web-1@node' },
    { ...deploy, targets: Array.from({ length: 1001 }, (_, i) => `h${i}`) },
    { ...deploy, from: 'yesterday' },
    { ...deploy, from: 1_790_000_000_000 },
    { ...deploy, from: '2026-11-21' },
    { ...deploy, from: '2026-02-30T00:00:00Z' },
    { ...deploy, from: '2026-11-21T12:00:00' },
    { ...deploy, to: deploy.from },
    { ...deploy, to: '2026-11-21T11:59:59Z' },
    { ...deploy, text: undefined },
    { ...deploy, text: '' },
    { ...deploy, text: 'x'.repeat(1001) },
    { ...deploy, id: 'mine' },
  ])('refuses %o', async (body) => {
    const { post } = await serve(two())

    const answer = await post('/api/v1/changes', body)

    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: 'invalid_body' })
  })

  it('takes a thousand targets at once', async () => {
    const { post } = await serve(two())

    const targets = Array.from({ length: 1000 }, (_, i) => `a-host-with-a-long-name-${i}.example.org:9100@node`)

    expect((await post('/api/v1/changes', { ...deploy, targets })).status).toBe(201)
    expect((await post('/api/v1/changes', { ...deploy, text: 'x'.repeat(300_000) })).status).toBe(413)
  })
})
