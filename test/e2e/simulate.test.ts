import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { runCommand } from '../support/daemon.ts'
import { until } from '../support/deadline.ts'
import { parseExposition } from '../support/exposition.ts'
import { freePort } from '../support/ports.ts'
import { type Simulator, startSimulator } from '../support/simulator.ts'

const opened: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

async function simulator(...args: string[]): Promise<Simulator> {
  const started = await startSimulator(args)
  opened.push(started.stop)
  return started
}

interface Received {
  readonly path: string | undefined
  readonly authorization: string | undefined
  readonly body: Record<string, unknown>
}

/** Takes observations as the daemon does, and keeps them. */
async function receiver(port = 0): Promise<{ server: Server; url: string; received: Received[] }> {
  const received: Received[] = []
  const textOf = async (req: IncomingMessage) => Buffer.concat(await Array.fromAsync(req)).toString()
  const server = createServer(async (req, res) => {
    const { url: path, headers } = req
    received.push({ path, authorization: headers.authorization, body: JSON.parse(await textOf(req)) })
    res.setHeader('Content-Type', 'application/json').end('{}')
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  opened.push(async () => {
    server.closeAllConnections()
    server.close()
  })
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received }
}

async function reading(world: Simulator, service: string): Promise<Record<string, number>> {
  return JSON.parse((await world.ask('GET', `/services/${service}`)).body).metrics
}

describe('the simulated world', () => {
  it('takes a fault, shows it in its exposition, is healed by the right action and tells of it', async () => {
    const world = await simulator('--interval', '100ms', '--faults', 'none', '--seed', '7')

    const begun = await world.ask('POST', '/faults', { service: 'ledger', kind: 'crash_loop', ticks: 100_000 })
    await until(async () => (await reading(world, 'ledger'))['error_rate_percent'] > 20, {
      what: 'errors of ledger',
      withinMs: 5000,
    })
    const samples = parseExposition((await world.ask('GET', '/metrics')).body)
    const wrong = await world.ask('POST', '/services/ledger/actions/scale_up')
    const right = await world.ask('POST', '/services/ledger/actions/restart')
    await until(
      async () => {
        const { error_rate_percent, restarts } = await reading(world, 'ledger')
        return error_rate_percent < 2 && restarts === 0
      },
      { what: 'ledger well again', withinMs: 5000 },
    )
    const code = await world.stop()

    expect(begun.status).toBe(201)
    const failed = samples.find(({ name, labels }) => {
      return name === 'http_requests_total' && labels['service'] === 'ledger' && labels['code'] === '500'
    })
    expect(failed!.value).toBeGreaterThan(0)
    expect(JSON.parse(wrong.body)).toMatchObject({ healed: [], faults_left: ['crash_loop'] })
    expect(JSON.parse(right.body)).toMatchObject({ healed: ['crash_loop'] })
    expect(code).toBe(0)
    expect(world.lines().map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''))).toEqual([
      `12 services at ${world.url}, a reading every 100ms, seed 7`,
      'fault crash_loop at ledger (100000 ticks)',
      'scale_up of ledger did not help: crash_loop goes on',
      'restart of ledger helped: crash_loop is over',
    ])
  })

  it('pushes a reading of every service with its token at each tick', async () => {
    const { url, received } = await receiver()
    const dir = mkdtempSync(join(tmpdir(), 'homeostat-token-'))
    opened.push(async () => rmSync(dir, { recursive: true }))
    writeFileSync(join(dir, 'token'), 's3cret-token\n')

    await simulator('--interval', '200ms', '--services', '3', '--push', url, '--token-file', join(dir, 'token'))
    await until(() => received.length >= 6, { what: 'two rounds of readings', withinMs: 5000 })

    expect(received[0]).toMatchObject({
      path: '/api/v1/observations',
      authorization: 'Bearer s3cret-token',
      body: { labels: { tier: 'edge', machine: 'm1' }, metrics: { restarts: 0 } },
    })
    expect(new Set(received.map(({ body }) => body['service']))).toEqual(
      new Set(['service-001', 'service-002', 'service-003']),
    )
    const times = received.filter(({ body }) => body['service'] === 'service-001').map(({ body }) => body['timestamp'])
    const apart = Date.parse(String(times[1])) - Date.parse(String(times[0]))
    // A busy machine leaves ticks out; the world's time goes on.
    expect(apart).toBeGreaterThan(0)
    expect(apart % 200).toBe(0)
  })

  it('goes on while its push target is down, with one warning, and pushes again when it is back', async () => {
    const port = await freePort()
    const world = await simulator('--interval', '100ms', '--services', '3', '--push', `http://127.0.0.1:${port}`)

    const requests = async () =>
      parseExposition((await world.ask('GET', '/metrics')).body).find(({ name }) => name === 'http_requests_total')!
        .value
    const early = await requests()
    await until(async () => (await requests()) > early, { what: 'a world that goes on', withinMs: 5000 })
    const { received } = await receiver(port)
    await until(() => received.length >= 3, { what: 'readings', withinMs: 5000 })
    await until(() => world.lines().length >= 3, { what: 'the end of the trouble told', withinMs: 5000 })
    await world.stop()

    expect(world.lines().slice(1)).toEqual([
      `homeostat: push to http://127.0.0.1:${port}: it cannot be reached (ECONNREFUSED); the world goes on, every tick tries again`,
      `homeostat: push to http://127.0.0.1:${port} works again`,
    ])
  })
})

describe('the command', () => {
  it('ends by itself after --ticks, and says what happened as JSON', async () => {
    const args = ['--ticks', '30', '--speed', '100', '--listen-address', '127.0.0.1:0', '--json']
    const faults = ['--faults', 'none', '--fault', 'cart:memory_leak:9@15s']

    const { code, stdout, stderr } = await runCommand(['simulate', ...args, ...faults])

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events).toMatchObject([
      { event: 'started', services: 12, seed: 1 },
      { event: 'fault', service: 'cart', kind: 'memory_leak', ticks: 9, by: 'schedule' },
      { event: 'fault_over', service: 'cart', kind: 'memory_leak' },
    ])
    expect(Date.parse(events[1].at) - Date.parse(events[0].at)).toBe(15_000)
  })

  it('says nothing with --quiet', async () => {
    const args = ['--ticks', '3', '--speed', '100', '--listen-address', '127.0.0.1:0', '--fault', 'cart:cpu_spike']

    const { code, stdout, stderr } = await runCommand(['simulate', '--quiet', ...args])

    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it('fails in words where it cannot listen', async () => {
    const { server } = await receiver()
    const { port } = server.address() as AddressInfo

    const { code, stderr } = await runCommand(['simulate', '--listen-address', `127.0.0.1:${port}`])

    expect(code).toBe(1)
    expect(stderr).toBe(`homeostat: 127.0.0.1:${port} is taken by another process: stop it or set --listen-address\n`)
  })

  it.each([
    [['--fault', 'ledger:fire'], /there is no fault fire; there are cpu_spike, /],
    [['--faults', '/does/not/exist.yaml'], /\/does\/not\/exist\.yaml cannot be read: ENOENT/],
  ])('refuses %j with exit code 2', async (args, message) => {
    const { code, stderr, stdout } = await runCommand(['simulate', ...args])

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })

  it('never repeats a password that stands in a URL', async () => {
    const { code, stderr } = await runCommand(['simulate', '--pushgateway', 'http://me:hunter2@gateway:9091'])

    expect(code).toBe(2)
    expect(stderr).not.toContain('hunter2')
  })
})
