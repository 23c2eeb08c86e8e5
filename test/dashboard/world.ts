import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { sendAlerts } from '../support/alerts.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { freePort } from '../support/ports.ts'
import { type Simulator, startSimulator } from '../support/simulator.ts'

const ROOT = join(import.meta.dirname, '../..')
/** Five readings of each service a second, so that nothing takes long to show; nothing breaks by itself. */
const WORLD = ['--interval', '200ms', '--faults', 'none', '--seed', '7', '--quiet']
/** Longer than any test: what is broken stays so until it is healed. */
const TICKS = 100_000

/** The simulated shop of the demo, and a daemon that watches and may heal it, on ports of their own. */
export interface World {
  readonly simulator: Simulator
  /** The newest one. */
  daemon(): Daemon
  /**
   * Breaks a service of the shop, `('search', 'crash_loop')`, and lets Alertmanager say so too: what young detectors
   * would soon get used to goes on until `isWell`.
   */
  breaks(service: string, kind: string): Promise<void>
  /** Alertmanager says that it is over. */
  isWell(service: string): Promise<void>
  /** What is wrong with a service in the simulated world. */
  faultsOf(service: string): Promise<string[]>
  /** The id of the incident of a service that goes on, once there is one. */
  incidentOf(service: string): Promise<string>
  /** Starts the daemon again at the same address, with what it had stored. The one before must have ended. */
  restart(): Promise<void>
  stop(): Promise<void>
}

interface WorldOptions {
  readonly mode?: 'observe' | 'approve' | 'auto'
  /** Joins that of the demo, key by key. */
  readonly config?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, string>>
  /** How who asks says who they are, where the daemon wants to know. */
  readonly headers?: Readonly<Record<string, string>>
  /** The same of who sends alerts. */
  readonly sender?: Readonly<Record<string, string>>
  /** Options of the simulator after those that all have. */
  readonly simulate?: readonly string[]
}

/** Starts both, and waits for the daemon's first cycle. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const dir = mkdtempSync(join(tmpdir(), 'homeostat-world-'))
  const port = await freePort()
  const simulator = await startSimulator([...WORLD, '--push', `http://127.0.0.1:${port}`, ...(options.simulate ?? [])])
  const config = { ...demoConfig(dir, simulator.url, options.mode ?? 'approve'), ...options.config }
  const start = () => startDaemon({ port, config, dataDir: join(dir, 'data'), env: options.env })
  const { headers = {}, sender = {} } = options
  let daemon = await start()

  async function alert(service: string, status: 'firing' | 'resolved'): Promise<void> {
    const labels = { alertname: 'ServiceIsIll', instance: service, job: 'push', severity: 'critical' }
    const answer = await sendAlerts(daemon, [{ labels, status }], {}, sender)
    if (!answer.ok) throw new Error(`the alert was answered with ${answer.status}: ${await answer.text()}`)
  }

  async function faultsOf(service: string): Promise<string[]> {
    const { body } = await simulator.ask('GET', `/services/${service}`)
    return JSON.parse(body).faults.map((fault: string | { kind: string }) =>
      typeof fault === 'string' ? fault : fault.kind,
    )
  }

  async function incidentOf(service: string): Promise<string> {
    const path = `/api/v1/incidents?state=open&target=${service}@push`
    const { id } = await daemon.waitFor(
      `an incident of ${service}`,
      async () => {
        const answer = await fetch(daemon.url + path, { headers })
        return ((await answer.json()) as { items: { id: string }[] }).items[0]
      },
      { withinMs: 60_000 },
    )
    return id
  }

  async function stop(): Promise<void> {
    await simulator.stop()
    await daemon.stop()
    rmSync(dir, { recursive: true, force: true })
  }

  await daemon.ready(60_000)
  return {
    simulator,
    daemon: () => daemon,
    async breaks(service, kind) {
      const { status, body } = await simulator.ask('POST', '/faults', { service, kind, ticks: TICKS })
      if (status >= 300) throw new Error(`POST /faults answered ${status}: ${body}`)
      await alert(service, 'firing')
    },
    isWell: (service) => alert(service, 'resolved'),
    faultsOf,
    incidentOf,
    async restart() {
      daemon = await start()
      await daemon.ready(60_000)
    },
    stop,
  }
}

/** `config/demo.yaml` for this simulator; what was done is looked at sooner than there. */
function demoConfig(dir: string, simulator: string, mode: string): Record<string, unknown> {
  const text = readFileSync(join(ROOT, 'config/demo.yaml'), 'utf8').replaceAll('http://127.0.0.1:9798', simulator)
  const rules = readFileSync(join(ROOT, 'rules/services.yaml'), 'utf8').replaceAll('after: 6s', 'after: 1s')
  writeFileSync(join(dir, 'services.yaml'), rules)
  const config = parse(text)
  return {
    ...config,
    interval: '1s',
    remediation: { ...config.remediation, mode, rules: [join(dir, 'services.yaml')] },
  }
}
