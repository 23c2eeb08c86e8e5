import { afterAll, beforeAll, expect, it } from 'vitest'
import { type RunningServer, startServer } from '../../api/server.ts'
import { createLogger } from '../../platform/logger.ts'
import { SHOP } from '../../simulate/service.ts'
import { createWorld } from '../../simulate/world.ts'
import { createControlApi } from './control-api.ts'
import { createFaultFeed } from './fault-feed.ts'
import { createSimulation } from './simulation.ts'

const START = Date.UTC(2026, 10, 21, 12)
const never = { now: () => 0, sleep: async () => {} }

const simulation = createSimulation({
  world: createWorld({ services: SHOP, seed: 1, startAt: START, tickMs: 3000 }),
  startAt: START,
  tickMs: 3000,
  speed: 1,
  faults: createFaultFeed([], undefined),
  emit: () => {},
  report: () => {},
  clock: never,
})
let server: RunningServer
let ticks = 0

beforeAll(async () => {
  const logger = createLogger('error')
  server = await startServer(createControlApi(simulation, logger), '127.0.0.1', 0, logger)
  await tick(1)
})
afterAll(() => server.close())

function tick(count: number): Promise<void> {
  ticks += count
  return simulation.run(new AbortController().signal, ticks)
}

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const json = body === undefined ? undefined : JSON.stringify(body)
  const type = body === undefined ? undefined : { 'Content-Type': 'application/json' }
  const response = await fetch(server.url + path, { method, body: json, headers: { ...type, ...headers } })
  return { status: response.status, type: response.headers.get('Content-Type'), body: await response.text() }
}

async function askJson(method: string, path: string, body?: unknown) {
  const answer = await ask(method, path, body)
  return { status: answer.status, json: JSON.parse(answer.body) }
}

it('a fault that was asked for shows, a wrong action leaves it, the right one heals it', async () => {
  const begun = await askJson('POST', '/faults', { service: 'ledger', kind: 'crash_loop', ticks: 30 })
  await tick(3)
  const ill = await askJson('GET', '/services/ledger')
  const wrong = await askJson('POST', '/services/ledger/actions/scale_up')
  const goesOn = await askJson('GET', '/faults')
  const right = await askJson('POST', '/services/ledger/actions/restart', {})
  await tick(5)
  const well = await askJson('GET', '/services/ledger')

  const fault = { service: 'ledger', kind: 'crash_loop', ticks: 30, strength: 1 }
  expect(begun).toEqual({ status: 201, json: { ...fault, ticks_left: 30 } })
  expect(ill.json).toMatchObject({ faults: ['crash_loop'], depends_on: ['database'], replicas: 1 })
  expect(ill.json.metrics.error_rate_percent).toBeGreaterThan(20)
  expect(wrong.json).toEqual({
    service: 'ledger',
    action: 'scale_up',
    changed: true,
    healed: [],
    faults_left: ['crash_loop'],
    message: 'scale_up of ledger did not help: crash_loop goes on',
  })
  expect(goesOn.json).toEqual({ items: [{ ...fault, ticks_left: 27 }] })
  expect(right.json).toMatchObject({ healed: ['crash_loop'], message: 'restart of ledger helped: crash_loop is over' })
  expect(well.json).toMatchObject({ faults: [], replicas: 2 })
  expect(well.json.metrics.error_rate_percent).toBeLessThan(2)
})

it('throttle takes a limit of its own, and null lifts it', async () => {
  await ask('POST', '/services/cart/actions/throttle', { requests_per_second: 20 })
  const throttled = await askJson('GET', '/services/cart')
  await ask('POST', '/actions', { service: 'cart', action: 'throttle', requests_per_second: null })
  const lifted = await askJson('GET', '/services/cart')

  expect(throttled.json.throttled_to).toBe(20)
  expect(lifted.json.throttled_to).toBeNull()
})

it('services are listed with their calls', async () => {
  const { json } = await askJson('GET', '/services')

  expect(json.items.map(({ name }: { name: string }) => name)).toEqual(SHOP.map(({ name }) => name))
})

it('the exposition is of the type that Prometheus reads', async () => {
  const { type, body } = await ask('GET', '/metrics')

  expect(type).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(body).toMatch(/^http_request_duration_seconds_bucket\{service="gateway",tier="edge",le="0\.1"\} \d+$/m)
})

it('help and health are plain text', async () => {
  const [help, health] = [await ask('GET', '/'), await ask('GET', '/-/healthy')]

  expect(help.body).toContain('POST /services/NAME/actions/ACTION')
  expect(health).toMatchObject({ status: 200, body: 'The simulated world is healthy.\n' })
})

const good = { service: 'cart', kind: 'cpu_spike' }

it.each([
  ['GET', '/nothing', undefined, 404, 'not_found'],
  ['GET', '/services/card', undefined, 404, 'not_found'],
  ['GET', '/services/%zz', undefined, 400, 'bad_request'],
  ['GET', '/services/__proto__', undefined, 404, 'not_found'],
  ['POST', '/services/card/actions/restart', undefined, 404, 'not_found'],
  ['POST', '/services/cart/actions/explode', undefined, 404, 'not_found'],
  ['GET', '/services/cart/actions/restart', undefined, 405, 'method_not_allowed'],
  ['DELETE', '/faults', undefined, 405, 'method_not_allowed'],
  ['POST', '/services/cart/actions/restart', { force: true }, 400, 'invalid_body'],
  ['POST', '/services/cart/actions/restart', { requests_per_second: 5 }, 400, 'invalid_body'],
  ['POST', '/services/cart/actions/throttle', { requests_per_second: 0 }, 400, 'invalid_body'],
  ['POST', '/services/cart/actions/throttle', [], 400, 'invalid_body'],
  ['POST', '/actions', { service: 'cart' }, 400, 'invalid_body'],
  ['POST', '/actions', { service: 'card', action: 'restart' }, 404, 'not_found'],
  ['POST', '/faults', undefined, 400, 'invalid_body'],
  ['POST', '/faults', { ...good, service: 'card' }, 404, 'not_found'],
  ['POST', '/faults', { ...good, kind: 'fire' }, 400, 'invalid_body'],
  ['POST', '/faults', { ...good, ticks: 0 }, 400, 'invalid_body'],
  ['POST', '/faults', { ...good, ticks: 1.5 }, 400, 'invalid_body'],
  ['POST', '/faults', { ...good, strength: 1e9 }, 400, 'invalid_body'],
  ['POST', '/faults', { ...good, at: '5s' }, 400, 'invalid_body'],
  ['POST', '/faults', { ...good, service: 'x'.repeat(5000) }, 413, 'body_too_large'],
])('%s %s %j is answered with a problem, and nothing happens', async (method, path, body, status, code) => {
  const before = simulation.world.faults()

  const answer = await ask(method, path, body)

  expect(answer).toMatchObject({ status, type: 'application/problem+json; charset=utf-8' })
  expect(JSON.parse(answer.body)).toMatchObject({ status, code })
  expect(simulation.world.faults()).toEqual(before)
})

it('a fault that is there already is not brought about again', async () => {
  await ask('POST', '/faults', { service: 'search', kind: 'cpu_spike' })

  const again = await askJson('POST', '/faults', { service: 'search', kind: 'cpu_spike' })

  expect(again).toMatchObject({ status: 422, json: { code: 'unprocessable' } })
})

it.each([
  ['Sec-Fetch-Site', 'cross-site'],
  ['Origin', 'https://evil.example'],
])('a page of another site cannot act: %s %s', async (header, value) => {
  const answer = await ask('POST', '/services/cart/actions/restart', undefined, { [header]: value })

  expect(answer.status).toBe(403)
  expect(JSON.parse(answer.body)).toMatchObject({ code: 'cross_site' })
})
