import { once } from 'node:events'
import { get, request } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { DETECTORS } from '../domain/verdict.ts'
import { createLogger } from '../platform/logger.ts'
import { createMetrics } from '../platform/metrics.ts'
import type { ReloadResult } from './api-routes.ts'
import { createApi } from './create-api.ts'
import { type RunningServer, startServer } from './server.ts'
import { fakeIntake } from './testing/alerts.ts'
import { fakeEvents, fakeStatus } from './testing/fake-events.ts'
import { detectors, type FakeFleet, fakeFleet, verdictOf, warmingUp } from './testing/fake-fleet.ts'
import { fakeIncidents } from './testing/fake-incidents.ts'
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

async function serve(fleet: FakeFleet = fakeFleet(), reload: () => Promise<ReloadResult> = async () => ({ ok: true })) {
  const log: string[] = []
  const metrics = createMetrics({ now: () => 0, version: '0', node: '0' })
  const logger = createLogger('debug', { write: (line: string) => log.push(line) })
  const server = await startServer(
    createApi({
      fleet,
      incidents: fakeIncidents(),
      reload,
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
    }),
    '127.0.0.1',
    0,
    logger,
  )
  running.push(server)
  return { server, log, get: (path: string, init?: RequestInit) => fetch(server.url + path, init) }
}

/** Sends a path as it is, without the clean-up of `fetch`. */
async function raw(server: RunningServer, lines: string): Promise<string> {
  const socket = connect(server.port, server.host)
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.write(`${lines}\r\nHost: x\r\nConnection: close\r\n\r\n`)
  await once(socket, 'close')
  return Buffer.concat(chunks).toString()
}

/** A scrape that counts and forgets: decoding 7 MB as `fetch` does would hold up the server, which runs in this process too. */
function scrape(server: RunningServer): Promise<{ status: number; length: number }> {
  return new Promise((resolve, reject) => {
    get(`${server.url}/metrics`, { agent: false }, (answer) => {
      let length = 0
      answer.on('data', (chunk: Buffer) => {
        length += chunk.length
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, length }))
    }).on('error', reject)
  })
}

describe('the state of the process', () => {
  it('is healthy at once and ready after the first cycle', async () => {
    const fleet = fakeFleet()
    const { get } = await serve(fleet)

    expect((await get('/-/healthy')).status).toBe(200)
    const before = await get('/-/ready')
    expect(before.status).toBe(503)
    expect(await before.text()).toContain('the first cycle is not done')

    fleet.firstCycleDone = true
    expect((await get('/-/ready')).status).toBe(200)
  })

  it('is reloaded by POST alone', async () => {
    let reloads = 0
    const { get } = await serve(fakeFleet(), async () => {
      reloads += 1
      return { ok: true }
    })

    const asked = await get('/-/reload')
    expect(asked.status).toBe(405)
    expect(asked.headers.get('allow')).toBe('POST')
    expect(reloads).toBe(0)

    expect((await get('/-/reload', { method: 'POST' })).status).toBe(200)
    expect(reloads).toBe(1)
  })

  it('answers a refused configuration with everything that is wrong', async () => {
    const problems = [
      { where: 'a.yaml:1:1', path: 'intervall', message: 'is not a known key', hint: 'did you mean interval?' },
    ]
    const { get } = await serve(fakeFleet(), async () => ({ ok: false, problems }))

    const answer = await get('/-/reload', { method: 'POST' })

    expect(answer.status).toBe(500)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(await answer.json()).toMatchObject({ status: 500, code: 'config_invalid', problems })
  })

  it('answers a reload that breaks without saying how, and logs it', async () => {
    const { get, log } = await serve(fakeFleet(), () => Promise.reject(new Error('boom at /secret/path')))

    const answer = await get('/-/reload', { method: 'POST' })
    const body = await answer.text()

    expect(answer.status).toBe(500)
    expect(JSON.parse(body)).toMatchObject({ code: 'internal' })
    expect(body).not.toMatch(/boom|secret|\.ts/)
    expect(log.join('')).toContain('boom')
  })

  it('takes no reload from a page of another site', async () => {
    const { get } = await serve(fakeFleet(), () => Promise.reject(new Error('must not be asked')))

    const answer = await get('/-/reload', { method: 'POST', headers: { 'Sec-Fetch-Site': 'cross-site' } })

    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ code: 'cross_site' })
  })
})

describe('GET /api/v1/targets', () => {
  it('gives the latest result per target as in the contract', async () => {
    const { get } = await serve(fakeFleet([verdictOf('a'), warmingUp('b')]))

    const answer = await get('/api/v1/targets')

    expect(answer.headers.get('content-type')).toContain('application/json')
    expect(await answer.json()).toEqual({
      items: [
        {
          id: 'a@node',
          labels: { instance: 'a', job: 'node' },
          state: 'fresh',
          level: 0.5,
          severity: 1 - 2 ** -0.5,
          score: 0.01,
          threshold: 0.2,
          detected: false,
          detectors: detectors(0.25),
          updated_at: '2026-11-21T10:00:00.000Z',
        },
        {
          id: 'b@node',
          labels: { instance: 'b', job: 'node' },
          state: 'warming_up',
          level: null,
          severity: null,
          score: null,
          threshold: null,
          detected: false,
          detectors: Object.fromEntries(DETECTORS.map((name) => [name, null])),
          updated_at: '2026-11-21T10:00:00.000Z',
        },
      ],
      next_cursor: null,
    })
  })

  it('gives all targets page by page, at most 1,000 at a time', async () => {
    const { get } = await serve(fakeFleet(Array.from({ length: 2500 }, (_, i) => verdictOf(`h${i}`))))
    const ids: string[] = []
    const sizes: number[] = []

    let cursor: string | null = ''
    while (cursor !== null) {
      const answer = await get(`/api/v1/targets?limit=999999999${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)
      const page = (await answer.json()) as { items: { id: string }[]; next_cursor: string | null }
      ids.push(...page.items.map(({ id }) => id))
      sizes.push(page.items.length)
      cursor = page.next_cursor
    }

    expect(sizes).toEqual([1000, 1000, 500])
    expect(new Set(ids).size).toBe(2500)
  })

  it.each([
    'limit=abc',
    'limit=-1',
    'limit=0',
    'limit=1.5',
    'limit=',
    'limit=1e9',
    'limit=1&limit=2',
    'cursor=%00',
    'cursor=',
    'cursor=a&cursor=b',
  ])('refuses ?%s', async (query) => {
    const { get } = await serve()

    const answer = await get(`/api/v1/targets?${query}`)

    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ type: 'about:blank', status: 400, code: 'invalid_parameter' })
  })
})

describe('GET /api/v1/targets/{id}', () => {
  it('gives every stage of one target', async () => {
    const contributions = [
      { feature: 'cpu_usage', share: 0.75, actual: 91, expected: 28 },
      { feature: 'memory_usage', share: 0.25, actual: 50, expected: Number.NaN },
    ]
    const exhaustion = [{ resource: 'memory_used_ratio', seconds: 3600, low: 3000, high: 4200 }]
    const fleet = fakeFleet([
      verdictOf('web-1:9100', { detected: true, level: 2, contributions, exhaustion, drift: 0.25 }),
    ])
    fleet.model = { id: 'm1', scope: 'group', spanMs: 86_400_000, trainedAt: 0 }
    const { get } = await serve(fleet)

    const answer = await get('/api/v1/targets/web-1%3A9100%40node')

    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({
      id: 'web-1:9100@node',
      detected: true,
      features: [
        { name: 'cpu_usage', actual: 91, expected: 28, share: 0.75 },
        { name: 'memory_usage', actual: 50, expected: null, share: 0.25 },
      ],
      exhaustion,
      drift: 0.25,
      alarms_per_day: 1,
      model: { id: 'm1', scope: 'group', trained_at: '1970-01-01T00:00:00.000Z' },
    })
  })

  it('says that nothing fills, and that no drift is known without a model', async () => {
    const { get } = await serve(fakeFleet([verdictOf('a')]))

    const answer = await get('/api/v1/targets/a%40node')

    expect(await answer.json()).toMatchObject({ exhaustion: [], drift: null, model: null })
  })

  it('finds an id with a slash, a blank or an umlaut in it', async () => {
    const { get } = await serve(fakeFleet([verdictOf('a/b c%ü')]))

    expect((await get(`/api/v1/targets/${encodeURIComponent('a/b c%ü@node')}`)).status).toBe(200)
  })

  it('does not know what is not there', async () => {
    const { get } = await serve()

    for (const id of ['nobody@node', '__proto__', 'toString', '%2e%2e%2f%2e%2e%2fetc%2fpasswd']) {
      const answer = await get(`/api/v1/targets/${id}`)
      expect(answer.status).toBe(404)
      expect(await answer.json()).toMatchObject({ code: 'target_not_found' })
    }
  })
})

describe('GET /metrics', () => {
  it('gives our own metrics and those of the targets', async () => {
    const { get } = await serve(fakeFleet([verdictOf('a')]))

    const answer = await get('/metrics')
    const text = await answer.text()

    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(text).toContain('\nhomeostat_ticks_total 0\n')
    expect(text).toContain('\nanomaly_level{instance="a",job="node"} 0.5\n')
  })

  it('counts requests under closed label sets', async () => {
    const { get } = await serve()
    await get('/api/v1/targets/x%40y')
    await get('/nowhere/1')
    await get('/nowhere/2', { method: 'PROPFIND' })

    const text = await (await get('/metrics')).text()

    expect(text.split('\n').filter((line) => line.startsWith('homeostat_http_requests_total'))).toEqual([
      'homeostat_http_requests_total{route="/api/v1/targets/{id}",method="GET",code="404"} 1',
      'homeostat_http_requests_total{route="other",method="GET",code="404"} 1',
      'homeostat_http_requests_total{route="other",method="other",code="404"} 1',
    ])
  })

  it('answers fifty scrapes at once, or says that it is overloaded, and others before the last of them', async () => {
    const fleet = fakeFleet(Array.from({ length: 10_000 }, (_, i) => verdictOf(`host-${i}:9100`)))
    let renderings = 0
    const verdicts = fleet.verdicts
    fleet.verdicts = () => {
      renderings += 1
      return verdicts()
    }
    const { get, server } = await serve(fleet)

    let done = 0
    const scrapes = Array.from({ length: 50 }, () => scrape(server).finally(() => done++))
    expect((await get('/-/healthy')).status).toBe(200)
    expect(done).toBeLessThan(50)

    const answers = await Promise.all(scrapes)
    expect(answers.filter(({ status, length }) => status === 200 && length > 5_000_000).length).toBeGreaterThanOrEqual(
      2,
    )
    expect(answers.every(({ status }) => status === 200 || status === 503)).toBe(true)
    expect(renderings).toBeLessThan(10)
    expect((await get('/metrics')).status).toBe(200)
  })
})

describe('what is not asked right', () => {
  it('has no such path', async () => {
    const { get, server } = await serve()

    for (const path of ['/nothing', '/api', '/api/v1/targets/a/b', '/metrics/x', '/.git/config']) {
      const answer = await get(path)
      expect(answer.status).toBe(404)
      expect(await answer.json()).toMatchObject({ type: 'about:blank', status: 404, code: 'not_found' })
    }
    for (const path of [
      '/api/v1/targets/../../../etc/passwd',
      '/../../etc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/..%252f..%252fetc/passwd',
    ]) {
      expect(await raw(server, `GET ${path} HTTP/1.1`)).toMatch(/^HTTP\/1\.1 404 /)
    }
  })

  it('has no such method', async () => {
    const { get } = await serve()

    for (const [method, path, allow] of [
      ['DELETE', '/metrics', 'GET, HEAD'],
      ['POST', '/api/v1/targets', 'GET, HEAD'],
      ['PUT', '/-/reload', 'POST'],
      ['OPTIONS', '/', 'GET, HEAD'],
      ['PROPFIND', '/-/ready', 'GET, HEAD'],
    ]) {
      const answer = await get(path, { method })
      expect(answer.status).toBe(405)
      expect(answer.headers.get('allow')).toBe(allow)
      expect(await answer.json()).toMatchObject({ code: 'method_not_allowed' })
    }
  })

  it('is no HTTP', async () => {
    const { server, get } = await serve()

    expect(await raw(server, 'FOO / HTTP/1.1')).toMatch(/^HTTP\/1\.1 400 /)
    expect(await raw(server, `GET / HTTP/1.1\r\nX: ${'a'.repeat(20_000)}`)).toMatch(/^HTTP\/1\.1 431 /)
    expect(await raw(server, 'POST /-/reload HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked')).toMatch(
      /^HTTP\/1\.1 400 /,
    )
    expect((await get('/-/healthy')).status).toBe(200)
  })

  it('cannot be decoded', async () => {
    const { server } = await serve()

    const answer = await raw(server, 'GET /api/v1/targets/%zz HTTP/1.1')

    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toContain('"code":"bad_request"')
    expect(answer).not.toContain('node_modules')
  })
})

describe('every answer', () => {
  it('carries the security headers and does not say what it is made of', async () => {
    const { get } = await serve()

    for (const path of ['/', '/metrics', '/nothing', '/-/ready']) {
      const { headers } = await get(path)
      expect(headers.get('x-powered-by')).toBeNull()
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(headers.get('content-security-policy')).not.toContain('unsafe')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('cache-control')).toBe('no-store')
    }
  })

  it('has no body to HEAD', async () => {
    const { get } = await serve()

    const answer = await get('/metrics', { method: 'HEAD' })

    expect(answer.status).toBe(200)
    expect(await answer.text()).toBe('')
  })

  it('from / is a page without script or style', async () => {
    const { get } = await serve()

    const html = await (await get('/')).text()

    expect(html).toContain('href="/api/v1/targets"')
    expect(html).not.toMatch(/<script|<style|style=|onclick/)
  })
})

describe('startServer', () => {
  it('says what to do when the port is taken', async () => {
    const { server } = await serve()
    const logger = createLogger('error', { write: () => {} })

    await expect(startServer(() => {}, '127.0.0.1', server.port, logger)).rejects.toThrow(
      `127.0.0.1:${server.port} is taken by another process: stop it or set web.listen_address / --web.listen-address`,
    )
    await expect(startServer(() => {}, '192.0.2.1', 0, logger)).rejects.toThrow(
      '192.0.2.1 is no address of this machine',
    )
  })

  it('closes at once when connections are idle', async () => {
    const { server, get } = await serve()
    await (await get('/-/healthy')).text()

    const start = performance.now()
    await server.close()

    expect(performance.now() - start).toBeLessThan(500)
    await expect(get('/-/healthy')).rejects.toThrow()
  })

  it('lets an answer under way finish before it closes', async () => {
    const reached = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<ReloadResult>()
    const { server, get } = await serve(fakeFleet(), () => {
      reached.resolve()
      return gate.promise
    })
    const answer = get('/-/reload', { method: 'POST' })
    await reached.promise

    const closed = server.close()
    gate.resolve({ ok: true })

    expect((await answer).status).toBe(200)
    await closed
  })

  it('cuts off what does not finish in time', async () => {
    const reached = Promise.withResolvers<void>()
    const { server } = await serve(fakeFleet(), () => {
      reached.resolve()
      return new Promise(() => {})
    })
    const stuck = request(`${server.url}/-/reload`, { method: 'POST', agent: false })
    const cut = once(stuck, 'error')
    stuck.end()
    await reached.promise

    await server.close(50)

    await expect(cut).resolves.toBeDefined()
  })
})
