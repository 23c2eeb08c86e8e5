import { spawn } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Sqlite from 'better-sqlite3'
import { number, type Report } from '../report.ts'
import { startChild } from '../tick/child.ts'
import {
  allFeatures,
  configOf,
  configText,
  type FleetPlan,
  INTERVAL_MS,
  replayPlanOf,
  writeModels,
} from '../tick/fleet.ts'
import { instanceOf, JOB, type ReplayPlan, type ReplayReady } from '../tick/replay-server.ts'
import { type Acknowledgements, post, postAtRate } from './sender.ts'

const SECTION = 'load'
const FLEET: FleetPlan = { hosts: 1000, features: 40, scope: 'group', trained: true, ticks: 40, variants: 4 }
const WEBHOOKS_A_SECOND = 100
const ALERTS_EACH = 10
/** Two cycles and more. */
const SECONDS = 32
const FLOOR_SECONDS = 5
const LARGE = 10_000
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** The daemon as it is installed, with the defaults, under alerts while it watches a fleet. */
export async function benchLoad(report: Report): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'homeostat-bench-'))
  const replay = startChild<ReplayPlan, ReplayReady>(new URL('../tick/replay-server.ts', import.meta.url))
  const floor = startChild<{ file: string }, { url: string }>(new URL('floor.ts', import.meta.url))
  let daemon: RunningDaemon | undefined
  try {
    const startMs = Math.floor(Date.now() / INTERVAL_MS) * INTERVAL_MS
    const plan = replayPlanOf(FLEET, configOf(FLEET, 'http://127.0.0.1:1', directory), startMs)
    const { url } = await replay.ask(plan)
    daemon = await startDaemon(directory, url)
    const bodies = webhooks(WEBHOOKS_A_SECOND * SECONDS)
    const bare = await floor.ask({ file: join(directory, 'floor') })
    const least = await postAtRate(bare.url, bodies.slice(0, WEBHOOKS_A_SECOND * FLOOR_SECONDS), WEBHOOKS_A_SECOND)

    const before = await daemon.counters()
    const taken = await postAtRate(daemon.url, bodies, WEBHOOKS_A_SECOND)
    const after = await daemon.counters()
    const stored = alertsIn(directory)
    const large = largeWebhook()
    const began = performance.now()
    const status = await post(daemon.url, large)
    const largeMs = performance.now() - began
    const end = await daemon.counters()
    const storedLarge = alertsIn(directory) - stored

    tell(report, least, taken)
    tellCpu(report, (after.cpuSeconds - before.cpuSeconds) / bodies.length, end.cpuSeconds - after.cpuSeconds)
    const sent = bodies.length * ALERTS_EACH
    const refused = taken.answers.filter((answer) => answer.status !== 202).length
    if (status !== 202) throw new Error(`the large webhook was answered ${status}`)
    if (after.ticks - before.ticks < 2) throw new Error(`only ${after.ticks - before.ticks} cycles under load`)
    report.judge(SECTION, 'webhooks: p99 of the acknowledgement', taken.p99, 'ms', { atMost: 500 })
    report.judge(SECTION, 'webhooks refused', refused, '', { atMost: 0 })
    report.judge(SECTION, `alerts lost of ${sent}`, sent - stored, '', { atMost: 0 })
    report.judge(SECTION, `cycles missed of ${end.ticks - before.ticks}`, end.missed - before.missed, '', { atMost: 0 })
    report.judge(SECTION, `one webhook of ${LARGE} alerts, ${number(large.length / 1e6)} MB`, largeMs, 'ms', {
      atMost: 2000,
    })
    report.judge(SECTION, `alerts lost of ${LARGE}`, LARGE - storedLarge, '', { atMost: 0 })
  } finally {
    await daemon?.stop()
    await Promise.all([replay.stop(), floor.stop()])
    rmSync(directory, { recursive: true, force: true })
  }
}

/** What the daemon says of itself. */
interface Counters {
  readonly ticks: number
  readonly missed: number
  /** Processor time of the whole process: to score and to collect garbage, too. */
  readonly cpuSeconds: number
}

interface RunningDaemon {
  readonly url: string
  counters(): Promise<Counters>
  stop(): Promise<void>
}

/** Resolves when all hosts are scored. */
async function startDaemon(directory: string, prometheus: string): Promise<RunningDaemon> {
  const config = configOf(FLEET, prometheus, directory)
  await writeModels(FLEET, config, allFeatures.slice(0, FLEET.features), directory, Date.now())
  const file = join(directory, 'bench.yaml')
  writeFileSync(file, configText(FLEET, prometheus, directory))
  const log = join(directory, 'log')
  const output = openSync(log, 'a')
  const child = spawn(process.execPath, [MAIN, 'run', '--config', file], { stdio: ['ignore', output, output] })
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
  })
  const logs = () => readFileSync(log, 'utf8')
  const until = async <T>(ask: () => Promise<T | undefined> | T | undefined): Promise<T> => {
    while (child.exitCode === null) {
      const answer = await ask()
      if (answer !== undefined) return answer
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    throw new Error(`the daemon ended:\n${logs()}`)
  }
  const url = await until(() => /"url":"(http:[^"]+)"/.exec(logs())?.[1])
  const metrics = async () => (await fetch(`${url}/metrics`)).text()
  await until(async () => ((await metrics()).match(/^anomaly_score\{/gm)?.length === FLEET.hosts ? true : undefined))
  return {
    url,
    async counters() {
      const text = await metrics()
      const read = (name: string) => Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1])
      return {
        ticks: read('homeostat_ticks_total'),
        missed: read('homeostat_ticks_missed_total'),
        cpuSeconds: read('process_cpu_seconds_total'),
      }
    },
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}

const START = '2026-01-12T09:00:00Z'

function body(alerts: readonly object[]): string {
  const group = { groupKey: '{}:{job="node"}', truncatedAlerts: 0, status: 'firing', receiver: 'homeostat' }
  return JSON.stringify({ version: '4', ...group, groupLabels: {}, commonLabels: {}, commonAnnotations: {}, alerts })
}

function alertOf(name: string, instance: string, job: string): object {
  return {
    status: 'firing',
    labels: { alertname: name, instance, job, severity: 'warning', cluster: 'eu-central', team: 'platform' },
    annotations: { summary: `${name} on ${instance}`, description: 'x'.repeat(200) },
    startsAt: START,
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus.example.net:9090/graph?g0.expr=up',
  }
}

/** Every alert is another one, on all hosts in turn. */
function webhooks(count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const first = i * ALERTS_EACH
    const alerts = Array.from({ length: ALERTS_EACH }, (_, j) => {
      return alertOf(`Load${Math.floor((first + j) / FLEET.hosts)}`, instanceOf((first + j) % FLEET.hosts), JOB)
    })
    return body(alerts)
  })
}

function largeWebhook(): string {
  return body(Array.from({ length: LARGE }, (_, i) => alertOf('Large', `large-${i}.eu-central.example.net`, 'large')))
}

function alertsIn(directory: string): number {
  const db = new Sqlite(join(directory, 'homeostat.db'), { readonly: true })
  try {
    return (db.prepare('select count(*) as count from incident_alerts').get() as { count: number }).count
  } finally {
    db.close()
  }
}

function tell(report: Report, least: Acknowledgements, taken: Acknowledgements): void {
  const rate = `${WEBHOOKS_A_SECOND} webhooks/s of ${ALERTS_EACH} alerts`
  report.title(`${rate} while ${FLEET.hosts} hosts are scored: acknowledgement, ms`)
  report.table([
    ['', 'p50', 'p99', 'slowest'],
    ['bare server that syncs each body', ...[least.p50, least.p99, least.slowest].map(number)],
    ['the daemon', ...[taken.p50, taken.p99, taken.slowest].map(number)],
  ])
  for (const [name, { p50, p99 }] of Object.entries({ floor: least, daemon: taken })) {
    report.note(SECTION, `${name}: p50`, p50, 'ms')
    report.note(SECTION, `${name}: p99`, p99, 'ms')
  }
}

/** @param each of one webhook, seconds @param large of the large one, until it was answered, seconds */
function tellCpu(report: Report, each: number, large: number): void {
  report.line(
    `  processor time: ${number(each * 1000)} ms a webhook, with all scoring; the large one ${number(large)} s`,
  )
  report.note(SECTION, 'processor time a webhook', each * 1000, 'ms')
  report.note(SECTION, 'processor time of the large webhook', large, 's')
}
