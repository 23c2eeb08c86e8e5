import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRandom } from '../../src/domain/random.ts'
import { type RunningDaemon, startDaemon } from '../daemon.ts'
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
import type { ReplayPlan, ReplayReady } from '../tick/replay-server.ts'
import { type Pushed, pushAtRate } from './sender.ts'

const SECTION = 'push'
/** As in section `load`. Its models are fresh: a training meanwhile would be another measurement. */
const FLEET: FleetPlan = { hosts: 1000, features: 40, scope: 'group', trained: true, ticks: 40, variants: 4 }
const SERVICES = 250
const A_SECOND = 500
/** Two cycles and more. */
const SECONDS = 32
/** Each hears so many first; with the 31st its forest grows for the last time in an hour. */
const WARM_UP = 32 * SERVICES
/** Services that are ill in the second half: their readings go through rules, guards and the store. */
const ILL = 3
/** The readings' own time need not be ours. */
const START = Date.UTC(2026, 0, 12, 9)

/** Readings of services, pushed while a fleet is scored. */
export async function benchPush(report: Report): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'homeostat-bench-'))
  const floor = startChild<{ answer: string }, { url: string }>(new URL('floor.ts', import.meta.url))
  const replay = startChild<ReplayPlan, ReplayReady>(new URL('../tick/replay-server.ts', import.meta.url))
  let daemon: RunningDaemon | undefined
  try {
    const config = configOf(FLEET, 'http://127.0.0.1:1', directory)
    await writeModels(FLEET, config, allFeatures.slice(0, FLEET.features), directory, Date.now())
    const startMs = Math.floor(Date.now() / INTERVAL_MS) * INTERVAL_MS
    const prometheus = (await replay.ask(replayPlanOf(FLEET, config, startMs))).url
    daemon = await startDaemon(directory, configText(FLEET, prometheus, directory))
    const scored = async () => (await daemon!.metric('homeostat_targets{state="fresh"}')) >= FLEET.hosts
    await daemon.until(scored)
    const { url } = daemon
    const push = (url: string, bodies: readonly string[]) => pushAtRate(url, bodies, A_SECOND, SERVICES)
    const warm = await push(
      url,
      bodies(0, WARM_UP, () => false),
    )
    const bare = await floor.ask({ answer: await exampleAnswer(url) })
    const readings = bodies(WARM_UP, SECONDS * A_SECOND, (i, service) => i > (SECONDS * A_SECOND) / 2 && service < ILL)
    const least = await push(bare.url, readings.slice(0, 5 * A_SECOND))
    const before = await countersOf(daemon)
    const taken = await push(url, readings)
    const after = await countersOf(daemon)
    const ticks = after.ticks - before.ticks
    if (ticks === 0) throw new Error('no fleet was scored meanwhile')
    tell(report, least, taken, ticks)
    tellCpu(report, (after.cpuSeconds - before.cpuSeconds) / readings.length)
    const counts = [warm, taken].flatMap(({ statuses }) => Object.entries(statuses))
    const others = counts.filter(([status]) => status !== '200')
    const refused = others.reduce((sum, [, count]) => sum + count, 0)
    for (const [status, count] of others) report.line(`  answered ${status}: ${count}`)
    report.judge(SECTION, 'readings refused or lost', refused, '', { atMost: 0 })
    report.judge(SECTION, 'observations: p99 of the answer', taken.p99, 'ms', { atMost: 10 })
  } finally {
    await daemon?.stop()
    await Promise.all([replay.stop(), floor.stop()])
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Cycles, and processor time of the process in seconds, until now. */
async function countersOf({ metric }: RunningDaemon): Promise<{ readonly ticks: number; readonly cpuSeconds: number }> {
  return { ticks: await metric('homeostat_ticks_total'), cpuSeconds: await metric('process_cpu_seconds_total') }
}

/** Readings of all services in turn, from the `first` one on, in a time that no clock is behind. */
function bodies(first: number, count: number, isIll: (i: number, service: number) => boolean): string[] {
  const random = createRandom(first + 1)
  const between = (low: number, high: number) => Number((low + random() * (high - low)).toFixed(2))
  return Array.from({ length: count }, (_, i) => {
    const service = (first + i) % SERVICES
    const ill = isIll(i, service)
    return JSON.stringify({
      service: `service-${service}`,
      timestamp: new Date(START + first + i).toISOString(),
      labels: { tier: 'app' },
      metrics: {
        cpu_percent: ill ? 95 : between(20, 40),
        memory_percent: between(40, 55),
        request_latency_ms: ill ? 430 : between(60, 100),
        error_rate_percent: between(0, 2),
        requests_per_second: between(100, 140),
        restarts: 0,
      },
    })
  })
}

/** What a reading is answered with. */
async function exampleAnswer(url: string): Promise<string> {
  const body = bodies(WARM_UP - 1, 1, () => false)[0].replace(/service-\d+/, 'example')
  const headers = { 'Content-Type': 'application/json' }
  return (await fetch(`${url}/api/v1/observations`, { method: 'POST', headers, body })).text()
}

function tell(report: Report, least: Pushed, taken: Pushed, ticks: number): void {
  report.title(
    `${A_SECOND} readings/s of ${SERVICES} services while ${FLEET.hosts} hosts are scored ${ticks} times: answer, ms`,
  )
  report.table([
    ['', 'p50', 'p99', 'slowest'],
    ['bare Express with as large an answer', ...[least.p50, least.p99, least.slowest].map(number)],
    ['the daemon', ...[taken.p50, taken.p99, taken.slowest].map(number)],
  ])
  for (const [name, { p50, p99 }] of Object.entries({ floor: least, daemon: taken })) {
    report.note(SECTION, `${name}: p50`, p50, 'ms')
    report.note(SECTION, `${name}: p99`, p99, 'ms')
  }
}

/** @param each of one reading, seconds */
function tellCpu(report: Report, each: number): void {
  report.line(`  processor time: ${number(each * 1000)} ms a reading, with all scoring`)
  report.note(SECTION, 'processor time a reading', each * 1000, 'ms')
}
