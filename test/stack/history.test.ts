import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { type FleetServer, serveFleet, syntheticFleet } from '../support/fleet.ts'
import { seedHistory } from '../support/history.ts'
import { type Lab, startLab } from '../support/lab.ts'

const HOSTS = 10
const DAYS = 7
const STEP_MS = 60_000

let server: FleetServer
let lab: Lab
let dataDir: string

beforeAll(async () => {
  const to = Date.now()
  const from = to - DAYS * 86_400_000
  const fleet = syntheticFleet(HOSTS, 20_261_121, from)
  server = await serveFleet(fleet)
  lab = await startLab({
    parts: [],
    hosts: server.hosts,
    seed: async (dir) => void (await seedHistory(dir, fleet, { from, to, stepMs: STEP_MS })),
  })
  dataDir = mkdtempSync(join(tmpdir(), 'homeostat-data-'))
})

afterAll(async () => {
  await lab?.stop()
  await server?.close()
  if (dataDir) rmSync(dataDir, { recursive: true, force: true })
})

function start(extra: object = {}): Promise<Daemon> {
  return startDaemon({
    dataDir,
    config: {
      ...extra,
      interval: '5s',
      // The history was "scraped" once a minute, so a rate needs some minutes.
      source: { type: 'prometheus', prometheus: { url: lab.prometheusUrl, rate_window: '5m' } },
    },
  })
}

async function scoredHosts(daemon: Daemon): Promise<number> {
  return (await daemon.metrics()).filter(({ name, value }) => name === 'anomaly_score' && value >= 0).length
}

it('ten hosts have autoencoder scores within 60 s of a first start on 7 days of history', async () => {
  const startedAt = performance.now()
  const daemon = await start()
  try {
    const all = async () => (await scoredHosts(daemon)) === HOSTS
    await daemon.waitFor('ten hosts with an anomaly_score', all, { withinMs: 60_000, everyMs: 250 })
    console.info(`ten hosts scored after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)

    const ids = await daemon.targetIds()
    expect(await daemon.metric('homeostat_ticks_missed_total')).toBe(0)
    expect(ids.sort()).toEqual(Object.keys(server.hosts).map((instance) => `${instance}@node`))
  } finally {
    const exit = await daemon.stop()
    expect(exit.code).toBe(0)
  }
})

it('after a restart the kept models score within 5 s of the first cycle', async () => {
  const daemon = await start()
  try {
    await daemon.ready()

    const all = async () => (await scoredHosts(daemon)) === HOSTS
    await daemon.waitFor('ten hosts with an anomaly_score again', all, { withinMs: 5000 })
  } finally {
    await daemon.stop()
  }
})

it('refuses a model file that is cut off, names it, and trains that model anew', async () => {
  const folder = join(dataDir, 'models', readdirSync(join(dataDir, 'models'))[0])
  const file = join(folder, readdirSync(folder).sort().at(-1)!)
  truncateSync(file, 5000)

  const daemon = await start()
  try {
    await daemon.ready()
    const refused = daemon.events().filter(({ msg }) => String(msg).includes('refused'))
    expect(refused).toMatchObject([{ level: 'warn', model: file, problem: expect.any(String) }])
    const all = async () => (await scoredHosts(daemon)) === HOSTS
    await daemon.waitFor('ten hosts with an anomaly_score again', all, { withinMs: 60_000, everyMs: 250 })
    expect(daemon.events().filter(({ msg }) => msg === 'trained')).toMatchObject([{ models: 1, targets: 1 }])
  } finally {
    await daemon.stop()
  }
})

it('refuses models of other features, and stops within 5 s in the middle of training them anew', async () => {
  const daemon = await start({ features: { exclude: ['cpu_steal'] } })
  try {
    await daemon.ready()
    const refused = daemon.events().filter(({ msg }) => String(msg).includes('trained for another configuration'))
    expect(refused).toHaveLength(HOSTS)
    const outcome = { outcome: 'accepted' }
    const begun = async () => ((await daemon.metric('homeostat_trainings_total', outcome)) ?? 0) > 0
    await daemon.waitFor('the first of ten models', begun, { withinMs: 60_000 })
    expect(await scoredHosts(daemon)).toBeLessThan(HOSTS)
  } finally {
    const exit = await daemon.stop()
    expect(exit.code).toBe(0)
    expect(exit.tookMs).toBeLessThan(5000)
  }
})
