import { describe, expect, it } from 'vitest'
import { kpisOf } from '../domain/kpis.ts'
import type { FleetJson } from './contract.ts'
import { bearer, guarded, TOKENS } from './testing/credentials.ts'
import { fakeFleet, verdictOf, warmingUp } from './testing/fake-fleet.ts'
import { fakeIncidents, incidentOf, NOON } from './testing/fake-incidents.ts'
import { actionOf, fakeRemediation } from './testing/fake-remediation.ts'
import { serveApi } from './testing/serve.ts'

async function idsAt(get: (path: string) => Promise<Response>, path: string): Promise<string[]> {
  const { items } = (await (await get(path)).json()) as { items: { id: string }[] }
  return items.map(({ id }) => id)
}

describe('targets that are asked for', () => {
  const fleet = () =>
    fakeFleet([
      verdictOf('web-1', { level: 3, detected: true }),
      verdictOf('db-1'),
      warmingUp('web-2'),
      verdictOf('checkout', {
        target: { id: 'checkout@push', labels: { instance: 'checkout', job: 'push', tier: 'Front' } },
      }),
    ])

  it.each([
    ['state=fresh', ['checkout@push', 'db-1@node', 'web-1@node']],
    ['state=warming_up,stale', ['web-2@node']],
    ['detected=true', ['web-1@node']],
    ['detected=false&search=WEB', ['web-2@node']],
    ['search=front', ['checkout@push']],
    ['labels=job=push', ['checkout@push']],
    ['labels=job=node,instance=db-1', ['db-1@node']],
    ['labels=tier=', ['db-1@node', 'web-1@node', 'web-2@node']],
    ['search=nobody', []],
  ])('?%s', async (query, ids) => {
    const { get } = await serveApi({ fleet: fleet() })

    expect(await idsAt(get, `/api/v1/targets?${query}`)).toEqual(ids)
  })

  it.each(['state=green', 'state=', 'detected=yes', 'search=', 'labels=job', 'search=a&search=b'])(
    '?%s is refused, and says what would do',
    async (query) => {
      const { get } = await serveApi()

      const answer = await get(`/api/v1/targets?${query}`)

      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({
        code: 'invalid_parameter',
        detail: expect.stringMatching(new RegExp(`^${query.slice(0, query.indexOf('='))} must be `)),
      })
    },
  )

  it('goes on by cursor within what was asked for', async () => {
    const { get } = await serveApi({ fleet: fleet() })

    const first = (await (await get('/api/v1/targets?state=fresh&limit=1')).json()) as { next_cursor: string }

    expect(await idsAt(get, `/api/v1/targets?state=fresh&limit=1&cursor=${first.next_cursor}`)).toEqual(['db-1@node'])
  })

  it('are not sent again to who has them', async () => {
    const { get } = await serveApi({ fleet: fleet() })
    const etag = (await get('/api/v1/targets')).headers.get('etag')!

    const same = await get('/api/v1/targets', { 'If-None-Match': etag })
    const other = await get('/api/v1/targets?state=fresh', { 'If-None-Match': etag })

    expect([same.status, other.status]).toEqual([304, 200])
    expect(same.headers.get('cache-control')).toBe('private, no-cache')
  })
})

describe('GET /api/v1/fleet', () => {
  it('gives every target in short, in one answer', async () => {
    const all = Array.from({ length: 3000 }, (_, i) => verdictOf(`host-${i}`, { level: 1.23456 }))
    const { get } = await serveApi({ fleet: fakeFleet(all) })

    const answer = await get('/api/v1/fleet')

    expect(answer.headers.get('content-encoding')).toBe('gzip')
    const { targets } = (await answer.json()) as FleetJson
    expect(targets).toHaveLength(3000)
    expect(targets[0]).toEqual({
      id: 'host-0@node',
      labels: { instance: 'host-0', job: 'node' },
      state: 'fresh',
      level: 1.23,
      detected: false,
    })
  })
})

describe('incidents and actions that are asked for', () => {
  it.each([
    ['state=open', ['i1']],
    ['state=closed', ['i3', 'i2']],
    ['state=recovered,opened', ['i2', 'i1']],
  ])('incidents?%s', async (query, ids) => {
    const over = { endedAt: NOON + 600_000 }
    const incidents = fakeIncidents([
      incidentOf('i1', 'a@node', 0),
      { ...incidentOf('i2', 'b@node', 1), ...over, state: 'recovered' },
      { ...incidentOf('i3', 'c@node', 2), ...over, state: 'closed' },
    ])
    const { get } = await serveApi({ incidents })

    expect(await idsAt(get, `/api/v1/incidents?${query}`)).toEqual(ids)
  })

  it.each([
    ['state=waiting', ['a2']],
    ['state=open', ['a2', 'a1']],
    ['state=VERIFIED,waiting', ['a3', 'a2']],
  ])('actions?%s', async (query, ids) => {
    const remediation = fakeRemediation([
      actionOf('a1'),
      actionOf('a2', { state: 'AWAITING_APPROVAL' }),
      actionOf('a3', { state: 'VERIFIED' }),
    ])
    const { get } = await serveApi({ remediation })

    expect(await idsAt(get, `/api/v1/actions?${query}`)).toEqual(ids)
  })
})

describe('a page of who sees a part of the fleet', () => {
  const among = (count: number) =>
    Array.from({ length: count }, (_, i) => {
      const id = `i${String(i).padStart(4, '0')}`
      return incidentOf(id, i % 100 === 0 ? 'web-1@node' : 'db-1@node', i)
    })

  it('is found without a question to the store for each item that it leaves out', async () => {
    const incidents = fakeIncidents(among(1000))
    let asked = 0
    const list: typeof incidents.list = (query) => {
      asked++
      return incidents.list(query)
    }
    const { get } = await serveApi({ access: guarded(), incidents: { ...incidents, list } })

    const answer = await get('/api/v1/incidents?limit=1', bearer(TOKENS.web))

    expect(((await answer.json()) as { items: { id: string }[] }).items.map(({ id }) => id)).toEqual(['i0900'])
    expect(asked).toBeLessThanOrEqual(2)
  })

  it('goes on by cursor, page by page, without a gap', async () => {
    const { get } = await serveApi({ access: guarded(), incidents: fakeIncidents(among(1000)) })
    const found: string[] = []

    for (let cursor: string | null = ''; cursor !== null; ) {
      const path = `/api/v1/incidents?limit=3${cursor && `&cursor=${cursor}`}`
      const page = (await (await get(path, bearer(TOKENS.web))).json()) as {
        items: { id: string }[]
        next_cursor: string | null
      }
      found.push(...page.items.map(({ id }) => id))
      cursor = page.next_cursor
    }

    expect(found).toEqual(Array.from({ length: 10 }, (_, i) => `i0${9 - i}00`))
  })
})

describe('KPIs of a period', () => {
  it.each([
    ['period=1d', NOON - 86_400_000, NOON],
    ['period=2h&to=2026-11-21T11:00:00Z', NOON - 3 * 3_600_000, NOON - 3_600_000],
    ['from=2026-11-21T10:00:00Z', NOON - 2 * 3_600_000, NOON],
  ])('?%s', async (query, from, to) => {
    const { get } = await serveApi({ kpis: { now: () => NOON, read: async (a, b) => kpisOf([], a, b) } })

    expect(await (await get(`/api/v1/kpis?${query}`)).json()).toMatchObject({
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
    })
  })

  it.each(['period=0s', 'period=400d', 'period=week'])('refuses ?%s', async (query) => {
    const { get } = await serveApi()

    expect((await get(`/api/v1/kpis?${query}`)).status).toBe(400)
  })
})
