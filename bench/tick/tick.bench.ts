import { number, type Report } from '../report.ts'
import { median } from '../timing.ts'
import { startChild } from './child.ts'
import { type FleetPlan, INTERVAL_MS, START_MS, startFleet } from './fleet.ts'
import type { FloorRequest } from './floor.ts'
import type { Memory } from './product.ts'

const SECTION = 'tick'
/** The windows of the z-score hold 30 readings: from then on every tick is like the next. */
const WARM_UP = 32
const MB = 1024 * 1024

const FLEETS: readonly (Pick<FleetPlan, 'hosts' | 'features' | 'scope'> & { measured: number })[] = [
  { hosts: 100, features: 40, scope: 'host', measured: 40 },
  { hosts: 1_000, features: 40, scope: 'host', measured: 20 },
  { hosts: 1_000, features: 40, scope: 'group', measured: 12 },
  { hosts: 10_000, features: 40, scope: 'group', measured: 12 },
]

/** Medians in milliseconds, the fastest beside where the machine's noise matters. */
interface Measured {
  readonly plan: (typeof FLEETS)[number]
  readonly floor: number
  readonly tick: number
  readonly observe: number
  readonly featurize: number
  readonly detect: number
  readonly render: number
  /** Answer to `GET /metrics` as its client sees it. */
  readonly scrape: number
  /** Tick against floor, each pair one after the other. */
  readonly ratio: number
  readonly memory: Memory
  readonly ticks: number
}

/** A tick of the whole daemon for fleets of several sizes, beside the least that fetching its input can cost. */
export async function benchTick(report: Report): Promise<void> {
  report.title('A tick of the daemon, milliseconds (medians); floor: the same answers fetched and parsed, no more')
  const all: Measured[] = []
  for (const plan of FLEETS) all.push(await measure(plan, report))
  report.table([
    ['', 'floor', 'whole tick', 'fetch+parse+ingest', 'featurize', 'detect', 'tick / floor', 'render', '/metrics'],
    ...all.map((m) => [
      nameOf(m),
      ...[m.floor, m.tick, m.observe, m.featurize, m.detect, m.ratio, m.render, m.scrape].map(number),
    ]),
  ])
  report.title('Memory of the daemon, MB')
  report.table([
    ['', 'resident', 'highest', 'heap used', 'heap', 'array buffers', 'external'],
    ...all.map((m) => [nameOf(m), ...memoryRow(m.memory)]),
  ])
  for (const m of all) keep(m, report)
  judge(all, report)
}

const nameOf = ({ plan }: Measured) =>
  `${plan.hosts} hosts x ${plan.features}, ${plan.scope === 'group' ? 'one model' : 'own models'}`

function memoryRow({ rss, highest, heapUsed, heapTotal, arrayBuffers, external }: Memory): string[] {
  return [rss, highest, heapUsed, heapTotal, arrayBuffers, external].map((bytes) => (bytes / MB).toFixed(0))
}

async function measure(plan: (typeof FLEETS)[number], report: Report): Promise<Measured> {
  const ticks = WARM_UP + plan.measured + 1
  const fleet = await startFleet({ ...plan, trained: true, ticks, variants: 4 })
  const floor = startChild<FloorRequest, number>(new URL('floor.ts', import.meta.url))
  try {
    const { replay, queries, product, url } = fleet
    report.line(
      `  ${plan.hosts} hosts: ${queries.length} answers a tick, ${(replay.bytes / MB).toFixed(1)} MB, ${(replay.compressedBytes / MB).toFixed(1)} MB compressed`,
    )
    const floors: number[] = []
    const scrapes: number[] = []
    const stages: Record<string, number[]> = { tick: [], observe: [], featurize: [], detect: [], render: [] }
    let text = ''
    for (let tick = 0; tick < WARM_UP + plan.measured; tick++) {
      const { stages: took, complaints } = await product({ kind: 'tick' })
      if (complaints.length > 0) throw new Error(`the daemon complains: ${complaints[0].slice(0, 500)}`)
      // The rendering told with a tick is the one asked for after the tick before; none where that got an older answer.
      const { render } = took
      if (render === undefined) scrapes.pop()
      else if (tick > WARM_UP) stages['render'].push(render)
      if (tick < WARM_UP) continue
      for (const stage of ['tick', 'observe', 'featurize', 'detect']) stages[stage].push(took[stage])
      const began = performance.now()
      text = await (await fetch(`${url}/metrics`)).text()
      scrapes.push(performance.now() - began)
      floors.push(await floor.ask({ url: replay.url, queries, atMs: START_MS + tick * INTERVAL_MS }))
    }
    refuseUnscored(text, plan.hosts)
    const ratios = floors.map((least, i) => stages['tick'][i] / least)
    return {
      plan,
      ...(Object.fromEntries(Object.entries(stages).map(([stage, times]) => [stage, median(times)])) as Pick<
        Measured,
        'tick' | 'observe' | 'featurize' | 'detect' | 'render'
      >),
      floor: median(floors),
      scrape: median(scrapes),
      ratio: median(ratios),
      memory: await product({ kind: 'memory' }),
      ticks: WARM_UP + plan.measured,
    }
  } finally {
    await Promise.all([fleet.stop(), floor.stop()])
  }
}

/** A tick that scores nothing would be fast. */
function refuseUnscored(text: string, hosts: number): void {
  const scored = text.match(/^anomaly_score\{/gm)?.length ?? 0
  const forests = text.match(/^anomaly_detector_score\{.*detector="isolation_forest"/gm)?.length ?? 0
  const detected = text.match(/^anomaly_detected\{.*\} 1$/gm)?.length ?? 0
  if (scored !== hosts || forests !== hosts) throw new Error(`${scored} of ${hosts} hosts scored, ${forests} by forest`)
  if (detected > 0.1 * hosts) throw new Error(`${detected} of ${hosts} made-up hosts are anomalous`)
}

function keep(m: Measured, report: Report): void {
  const name = nameOf(m)
  for (const stage of ['floor', 'tick', 'observe', 'featurize', 'detect', 'render', 'scrape'] as const) {
    report.note(SECTION, `${name}: ${stage}`, m[stage], 'ms')
  }
  for (const part of ['rss', 'highest', 'heapUsed', 'heapTotal', 'arrayBuffers', 'external'] as const) {
    report.note(SECTION, `${name}: ${part}`, m.memory[part] / MB, 'MB')
  }
}

function judge(all: readonly Measured[], report: Report): void {
  report.title('Beside the goals')
  const own = all.find(({ plan }) => plan.hosts === 1_000 && plan.scope === 'host')!
  const small = all.find(({ plan }) => plan.hosts === 1_000 && plan.scope === 'group')!
  const large = all.find(({ plan }) => plan.hosts === 10_000)!
  report.judge(SECTION, '10,000 hosts: whole tick / floor', large.ratio, 'x', { atMost: 1.5 })
  report.judge(SECTION, '10,000 hosts: featurize + detect', large.featurize + large.detect, 'ms', { atMost: 250 })
  report.judge(SECTION, '10,000 hosts: GET /metrics', large.scrape, 'ms', { atMost: 100 })
  report.judge(SECTION, '10,000 hosts: highest resident memory', large.memory.highest / MB, 'MB', { atMost: 512 })
  report.judge(SECTION, '1,000 -> 10,000 hosts: cost of a tick a host', large.tick / small.tick / 10, 'x', {
    atMost: 1.25,
  })
  report.judge(SECTION, '1,000 hosts with own models: detect', own.detect, 'ms', { atMost: 15 })
}
