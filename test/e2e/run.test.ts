import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'

const LOCAL = {
  interval: '1s',
  source: { type: 'local', local: { instance: 'this-host', rate_window: '3s' } },
  targets: { stale_after: '5s' },
}

describe('on this machine', () => {
  let daemon: Daemon
  let id: string

  beforeAll(async () => {
    daemon = await startDaemon({ config: LOCAL })
    await daemon.ready()
    ;[id] = await daemon.targetIds()
  })
  afterAll(async () => {
    await daemon?.stop()
  })

  it('is healthy, and ready after its first cycle', async () => {
    expect((await fetch(`${daemon.url}/-/healthy`)).status).toBe(200)
    expect((await fetch(`${daemon.url}/-/ready`)).status).toBe(200)
    expect(await daemon.metric('homeostat_ticks_total')).toBeGreaterThan(0)
    expect(id).toMatch(/^this-host@/)
  })

  it('has no score before the z-score has five readings, and then scores by it alone', async () => {
    const scored = async () => {
      const text = await daemon.metricsText()
      const ticks = Number(/^homeostat_ticks_total(?:\{.*\})? (\d+)/m.exec(text)?.[1])
      const hasLevel = /^anomaly_level\{/m.test(text)
      if (ticks < 5) expect(hasLevel, `a level after ${ticks} ticks`).toBe(false)
      return hasLevel
    }

    await daemon.waitFor('a level from the fifth reading on', scored, { withinMs: 15_000 })

    const target = await daemon.target(id)
    expect(target.state).toBe('fresh')
    expect(target.detectors['zscore']).toBeGreaterThanOrEqual(0)
    expect(target.detectors['autoencoder']).toBeNull()
    expect(target.score).toBeNull()
    expect(target.severity).toBeCloseTo(1 - 2 ** -target.level!, 6)
    const shares = target.features.map(({ share }) => share ?? 0)
    expect(shares).toEqual(shares.toSorted((a, b) => b - a))
    expect(target.features.length).toBeGreaterThanOrEqual(40)
  })

  it('adds the isolation forest after twenty readings', async () => {
    const hasForest = async () => (await daemon.target(id)).detectors['isolation_forest'] !== null

    await daemon.waitFor('an isolation forest score', hasForest, { withinMs: 28_000, everyMs: 250 })

    expect((await daemon.target(id)).detectors['isolation_forest']).toBeLessThanOrEqual(1)
  })

  it('says 404 with a stable code for a target that is not there', async () => {
    const response = await fetch(`${daemon.url}/api/v1/targets/nobody%40node`)

    expect(response.status).toBe(404)
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect(await response.json()).toMatchObject({ status: 404, code: expect.any(String) })
  })
})

describe('reload', () => {
  let daemon: Daemon
  const broken = 'interval: 1s\nsource: {type: promethues}\n'

  beforeAll(async () => {
    daemon = await startDaemon({ config: LOCAL })
    await daemon.ready()
  })
  afterAll(async () => {
    await daemon?.stop()
  })

  const successful = () => daemon.metric('homeostat_config_last_reload_successful')
  const ticks = async () => (await daemon.metric('homeostat_ticks_total')) ?? 0

  it('keeps the old configuration when the file is broken, and says so in answer, metric and log', async () => {
    expect(await successful()).toBe(1)
    const before = await ticks()
    writeFileSync(daemon.configFile, broken)

    const response = await fetch(`${daemon.url}/-/reload`, { method: 'POST' })

    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(await response.text()).toContain('source.type')
    // A scrape may get what was rendered a moment ago.
    await daemon.waitFor('the metric to say so', async () => (await successful()) === 0, { withinMs: 1000 })
    expect(daemon.logs()).toContain('source.type')
    await daemon.waitFor('ticks go on', async () => (await ticks()) > before + 1, { withinMs: 5000 })
  })

  it('takes a good file again by SIGHUP', async () => {
    const config = `interval: 2s\nsource: {type: local}\nweb: {listen_address: '${daemon.address}'}\ndata_dir: ${daemon.dataDir}\n`
    writeFileSync(daemon.configFile, config)

    daemon.signal('SIGHUP')

    await daemon.waitFor('the metric to say so', async () => (await successful()) === 1, { withinMs: 5000 })
    const before = await ticks()
    await daemon.waitFor('ticks go on', async () => (await ticks()) > before, { withinMs: 6000 })
  })

  it('notices a broken file by SIGHUP too', async () => {
    writeFileSync(daemon.configFile, broken)

    daemon.signal('SIGHUP')

    await daemon.waitFor('the metric to say so', async () => (await successful()) === 0, { withinMs: 5000 })
    expect(daemon.isAlive()).toBe(true)
  })
})

describe('start and stop', () => {
  it('stops by SIGTERM within 5 s, with exit code 0', async () => {
    const daemon = await startDaemon({ config: LOCAL })
    await daemon.ready()

    const exit = await daemon.stop()

    expect(exit).toMatchObject({ code: 0, signal: null })
    expect(exit.tookMs).toBeLessThan(5000)
    expect(daemon.logs()).not.toMatch(/unhandled|UnhandledPromise|ERR_/)
  })

  it('runs without a configuration file on the local source, and says how to change that', async () => {
    const daemon = await startDaemon()
    try {
      await daemon.ready()

      expect(await daemon.targetIds()).toEqual([expect.stringContaining(hostname())])
      expect(daemon.logs()).toMatch(/local/)
      expect(daemon.logs()).toMatch(/PROMETHEUS_URL/)
    } finally {
      await daemon.stop()
    }
  })

  it('lives on when Prometheus cannot be reached, without scores, and says what to do', async () => {
    const daemon = await startDaemon({
      config: { interval: '1s', source: { type: 'prometheus', prometheus: { url: 'http://127.0.0.1:9' } } },
    })
    try {
      const failed = async () =>
        ((await daemon.metric('homeostat_stage_failures_total', { stage: 'observe' })) ?? 0) > 1
      await daemon.waitFor('failures counted', failed, { withinMs: 15_000 })

      expect((await fetch(`${daemon.url}/-/healthy`)).status).toBe(200)
      expect((await daemon.metrics()).filter(({ name }) => name.startsWith('anomaly_'))).toEqual([])
      expect(daemon.logs()).toContain('http://127.0.0.1:9')
    } finally {
      const exit = await daemon.stop()
      expect(exit.code).toBe(0)
    }
  })

  it('scores on when observations cannot be recorded, and says so once', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'homeostat-data-'))
    // Where a folder should be: that stops root too, whom permissions do not.
    writeFileSync(join(dataDir, 'history'), '')
    const daemon = await startDaemon({ config: LOCAL, dataDir })
    try {
      const hasLevel = () => daemon.metric('anomaly_level')
      await daemon.waitFor('a level', hasLevel, { withinMs: 15_000 })

      expect(await daemon.metric('homeostat_source_up')).toBe(1)
      const said = daemon.events().filter(({ msg }) => String(msg).startsWith('observations cannot be written'))
      expect(said).toMatchObject([{ level: 'warn', reason: expect.any(String) }])
    } finally {
      await daemon.stop()
      rmSync(dataDir, { recursive: true, force: true })
    }
  })

  it('keeps a password out of its log when it is refused', async () => {
    const password = 'correct-horse-battery'
    const seen: (string | undefined)[] = []
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization)
      response.writeHead(401).end(`no such user, ${request.headers.authorization}`)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const prometheus = { url, basic_auth: { username: 'homeostat', password_env: 'PROMETHEUS_PASSWORD' } }
    const daemon = await startDaemon({
      config: { interval: '1s', source: { type: 'prometheus', prometheus }, log: { level: 'debug' } },
      env: { PROMETHEUS_PASSWORD: password },
    })
    try {
      await daemon.waitFor('the refusal', () => daemon.logs().includes('401'), { withinMs: 10_000 })

      const encoded = Buffer.from(`homeostat:${password}`).toString('base64')
      expect(seen[0]).toBe(`Basic ${encoded}`)
      expect(daemon.logs()).not.toContain(password)
      expect(daemon.logs()).not.toContain(encoded)
      expect(daemon.logs()).toContain('basic_auth')
    } finally {
      await daemon.stop()
      server.close()
    }
  })
})
