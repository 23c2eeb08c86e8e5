import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { type Lab, startLab } from '../support/lab.ts'
import { startProxy, type TcpProxy } from '../support/proxy.ts'

const INTERVAL_MS = 1000
/** Two, and one that was under way: told in cycles, because a busy machine leaves some out. */
const BACK_WITHIN_CYCLES = 3

let lab: Lab
let proxy: TcpProxy
let daemon: Daemon
let instance: string
const impostors: Server[] = []

const prometheusPort = () => Number(new URL(lab.prometheusUrl).port)

/** Something else than Prometheus at Prometheus' address. */
async function impostor(answer: RequestListener): Promise<void> {
  const server = createServer(answer)
  impostors.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  proxy.setUpstream((server.address() as AddressInfo).port)
}

const html: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in</title>')
}
const overloaded: RequestListener = (_, response) => {
  const body = { status: 'error', errorType: 'unavailable', error: 'query queue is full' }
  response.writeHead(503, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
const empty: RequestListener = (_, response) => {
  const body = { status: 'success', data: { resultType: 'vector', result: [] } }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
/** What the real one says, with a warning, as Thanos does when one of its stores is away. */
const partial: RequestListener = async ({ url }, response) => {
  const answer = (await (await fetch(lab.prometheusUrl + url)).json()) as object
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ ...answer, warnings: ['store 2 is not reachable'] }))
}
const unauthorized: RequestListener = (_, response) => {
  response.writeHead(401, { 'www-authenticate': 'Basic', 'content-type': 'text/plain' }).end('Unauthorized\n')
}

async function updatedAt(): Promise<number> {
  const { updated_at, level } = await daemon.target(`${instance}@node`)
  return level === null ? Number.NaN : Date.parse(updated_at)
}

const scoreSeries = async () =>
  (await daemon.metrics()).filter(({ name, labels }) => /^anomaly_/.test(name) && labels['instance'] === instance)

beforeAll(async () => {
  lab = await startLab({ parts: ['node_exporter'] })
  instance = lab.instance
  proxy = await startProxy(prometheusPort())
  daemon = await startDaemon({
    config: {
      interval: `${INTERVAL_MS / 1000}s`,
      source: {
        type: 'prometheus',
        prometheus: { url: proxy.url, matchers: '{job="node"}', rate_window: '5s', timeout: '1s' },
      },
      targets: { stale_after: '4s' },
      // A filesystem of the machine that is full would give a level of its own.
      detect: { exhaustion: { resources: [] } },
    },
  })
  await daemon.ready()
  const scored = async () => (await updatedAt()) > 0
  await daemon.waitFor('a first score', scored, { withinMs: 40_000 })
})

afterAll(async () => {
  const exit = await daemon?.stop()
  await proxy?.close()
  for (const server of impostors) server.close()
  await lab?.stop()
  expect(exit?.code).toBe(0)
})

const ticks = async () => (await daemon.metric('homeostat_ticks_total')) ?? 0

interface Outage {
  readonly begin: () => Promise<void> | void
  readonly end: () => Promise<void> | void
  /** What the log must say of it, once. */
  readonly says?: RegExp
  /** Prometheus answers, so observing does not fail. */
  readonly answers?: true
}

const outages: Record<string, Outage> = {
  'Prometheus hangs (SIGSTOP)': {
    begin: () => lab.prometheus.pause(),
    end: () => lab.prometheus.resume(),
    says: /time|answer/i,
  },
  'Prometheus is killed and started again': {
    begin: () => lab.prometheus.kill(),
    end: () => lab.prometheus.restart(),
    says: /unreachable|refused|reset|connect/i,
  },
  'the network resets every connection': {
    begin: () => proxy.setMode('reset'),
    end: () => proxy.setMode('pass'),
    says: /unreachable|reset|connect/i,
  },
  'the network swallows every packet': {
    begin: () => proxy.setMode('black_hole'),
    end: () => proxy.setMode('pass'),
    says: /time|answer/i,
  },
  'a sign-in page answers in place of Prometheus': {
    begin: () => impostor(html),
    end: () => proxy.setUpstream(prometheusPort()),
    says: /html/i,
  },
  'Prometheus wants other credentials': {
    begin: () => impostor(unauthorized),
    end: () => proxy.setUpstream(prometheusPort()),
    says: /401|credential|auth/i,
  },
  'Prometheus is overloaded': {
    begin: () => impostor(overloaded),
    end: () => proxy.setUpstream(prometheusPort()),
    says: /503|overload/i,
  },
  'Prometheus knows no hosts any more': {
    begin: () => impostor(empty),
    end: () => proxy.setUpstream(prometheusPort()),
    says: /no data/,
    answers: true,
  },
  'the host stops answering Prometheus': {
    begin: () => lab.nodeExporter.pause(),
    end: () => lab.nodeExporter.resume(),
    answers: true,
  },
}

describe('no crash, no false score, and scoring again within two cycles', () => {
  it.each(Object.entries(outages))('%s', async (_, { begin, end, says, answers }) => {
    const scored = async () => (await updatedAt()) > 0
    await daemon.waitFor('a score before', scored, { withinMs: 20_000 })
    const logged = daemon.logs().length
    const warned = daemon.warnings().length

    await begin()
    try {
      const began = Date.now()
      const isSilent = async () => (await scoreSeries()).length === 0
      await daemon.waitFor('no score of a stale target', isSilent, { withinMs: 20_000 })

      expect(await daemon.metric('homeostat_targets', { state: 'stale' })).toBe(1)
      expect((await fetch(`${daemon.url}/-/healthy`)).status).toBe(200)
      // One cycle may have been under way when it began.
      const last = await updatedAt()
      expect(Number.isNaN(last) || last <= began + INTERVAL_MS).toBe(true)
      expect(await daemon.metric('homeostat_source_up')).toBe(answers ? 1 : 0)
      if (says) expect(daemon.logs().slice(logged)).toMatch(says)
      const told = daemon.warnings().slice(warned)
      const until = (await ticks()) + 2
      await daemon.waitFor('two more cycles', async () => (await ticks()) >= until)
      expect(daemon.warnings().slice(warned)).toEqual(told)
    } finally {
      await end()
    }

    await lab.fresh()
    const back = Date.now()
    const before = await ticks()
    const scoredAgain = async () => {
      const cycle = await ticks()
      return (await updatedAt()) > back && cycle
    }
    expect(await daemon.waitFor('a new score', scoredAgain)).toBeLessThanOrEqual(before + BACK_WITHIN_CYCLES)
    const values = (await scoreSeries()).filter(({ name }) => name === 'anomaly_level').map(({ value }) => value)
    expect(values).toHaveLength(1)
    expect(values[0]).toBeGreaterThan(0)
  })

  it('a partial answer is scored, and said once', async () => {
    const warned = daemon.warnings().length
    await impostor(partial)
    try {
      const until = (await ticks()) + 3
      await daemon.waitFor('three cycles', async () => (await ticks()) >= until)

      expect(daemon.warnings().slice(warned)).toEqual([expect.stringContaining('store 2 is not reachable')])
      expect(await daemon.metric('homeostat_source_up')).toBe(1)
      expect(await scoreSeries()).not.toEqual([])
    } finally {
      proxy.setUpstream(prometheusPort())
    }
  })

  it('a slow network delays scores and does not stop them', async () => {
    // Some 65 queries, four at a time, there and back: a cycle takes about half a second of the one it may.
    proxy.setMode('delay', 10)
    const began = Date.now()

    const later = async () => (await updatedAt()) > began + 2 * INTERVAL_MS
    await daemon.waitFor('scores over a slow network', later, { withinMs: 20 * INTERVAL_MS })

    proxy.setMode('pass')
  })
})
