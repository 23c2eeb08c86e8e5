import { hostname } from 'node:os'
import { setInterval } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Expr, Matcher, Unit } from '../../src/domain/feature.ts'
import type { Snapshot } from '../../src/domain/snapshot.ts'
import { feature } from '../../src/observe/catalogue/builders.ts'
import { catalogueOf } from '../../src/observe/catalogue/preset.ts'
import { presets } from '../../src/observe/catalogue/presets.ts'
import { evaluate } from '../../src/observe/evaluate.ts'
import { seriesKey } from '../../src/observe/exposition.ts'
import { nodeFs } from '../../src/observe/local/fs.ts'
import { createLocalSource } from '../../src/observe/local/index.ts'
import { createNodeExporterSource } from '../../src/observe/node-exporter/index.ts'
import { planOf } from '../../src/observe/plan.ts'
import { createPrometheusSource } from '../../src/observe/prometheus/index.ts'
import { compile } from '../../src/observe/promql.ts'
import { SeriesStore } from '../../src/observe/series-store.ts'
import type { Source } from '../../src/observe/source.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { until } from '../support/deadline.ts'
import { instantQuery } from '../support/query.ts'

// All scrape the node_exporter every second; the addresses come from the shared lab or, run alone, by environment.
const prometheusUrl = addressOf('PROMETHEUS_URL', 'prometheusUrl')
const nodeExporterUrl = addressOf('NODE_EXPORTER_URL', 'nodeExporterUrl')
const victoriaMetricsUrl = addressOf('VICTORIA_METRICS_URL', 'victoriaMetricsUrl')
const instance = new URL(nodeExporterUrl).host
const windowMs = 20_000
const all = [presets['node-exporter'], presets.classic]
const catalogue = catalogueOf(all)
const features = catalogue.features.map((feature) => feature.name)
const extraMatchers = [{ label: 'instance', op: '=', value: instance }] as const
const log = { info() {}, warn() {} }
const never = new AbortController().signal

beforeAll(async () => {
  // A lab just started has not yet the samples that a rate needs.
  const expr = `count_over_time(node_time_seconds{instance="${instance}"}[${windowMs}ms])`
  for (const url of [prometheusUrl, victoriaMetricsUrl]) {
    const enough = async () => ((await instantQuery(url, expr))[0]?.value ?? 0) >= 5
    await until(enough, { what: `five samples of ${instance} at ${url}`, withinMs: 30_000, everyMs: 250 })
  }
}, 40_000)

/** Not readable from /proc; node_exporter asks the kernel by adjtimex(2). */
const NOT_LOCAL = ['clock_offset']

/** The scrapes see the window's edges apart by a few events, 4 kB pages or 10 ms clock ticks, told by unit for 20 s. */
const EDGE: Record<Unit, number> = {
  per_second: 3 / 20,
  bytes: 3 * 4096,
  bytes_per_second: (3 * 4096) / 20,
  percent: (100 * 3 * 0.01) / 20,
  ratio: (3 * 0.01) / 20,
  seconds: 1e-3,
  count: (3 * 0.01) / 20,
  flag: 0,
}

/** Momentary counts that jump between two looks, by as much as the lab's own programs and these tests make them. */
const JUMPY: Record<string, number> = {
  active_processes: 8,
  processes_running: 8,
  processes_blocked: 8,
  processes: 25,
  tcp_established: 12,
  tcp_inuse: 12,
  tcp_allocated: 12,
  tcp_time_wait: 30,
  sockets_used: 25,
  udp_inuse: 4,
  conntrack_used_ratio: 1e-3,
  // Debian's node_exporter leaves out what is mounted below /mnt and /media.
  filesystems_readonly: 4,
  // Pages come and go by the megabyte: a thousandth of a memory of gigabytes.
  memory_dirty_ratio: 2e-3,
  memory_used_ratio: 5e-3,
  memory_active_ratio: 5e-3,
  memory_cached_ratio: 5e-3,
  memory_committed_ratio: 2e-2,
  memory_usage: 0.5,
  file_descriptors_used_ratio: 1e-3,
  load1_per_core: 0.05,
}

describe('compiled expressions, on a real Prometheus', () => {
  it('are accepted with any label value, as by VictoriaMetrics', async () => {
    for (const expr of anyExpressions(50)) {
      const promql = compile(expr, { identity: ['instance', 'job'], rateWindowMs: windowMs, extraMatchers })
      for (const url of [prometheusUrl, victoriaMetricsUrl]) {
        expect(await query(promql, Date.now(), url), promql).toMatchObject({ status: 'success' })
      }
    }
  })

  it('of the catalogue are accepted, each query with one series for the host', async () => {
    for (const { name, expr } of catalogue.features) {
      const promql = compile(expr, { identity: ['instance', 'job'], rateWindowMs: windowMs, extraMatchers })
      const answer = await query(promql)

      expect(answer, `${name}: ${promql}`).toMatchObject({ status: 'success' })
      expect(answer.data.result, `${name}: ${promql}`).toHaveLength(1)
    }
  })

  it('are evaluated by ourselves to the same values, from the same samples', async () => {
    const random = anyExpressions(100).map((expr, i) => feature(`random_${i}`, 'count', '', expr))
    const catalogue = catalogueOf([...all, { heartbeat: 'node_time_seconds', features: random }])
    const at = Math.floor(Date.now() / 1000) * 1000 - 1500
    const plan = planOf(catalogue)
    const store = new SeriesStore(plan, {}, windowMs)
    const raw = await query(
      `{instance="${instance}",job="node"}[${windowMs / 1000 - 0.001}s]`.replace('19.999s', '19999ms'),
      at,
    )
    const scrapes = new Map<number, [string, string, number][]>()
    for (const { metric, values } of raw.data.result) {
      const { __name__: name, ...labels } = metric
      if (!plan.wanted.has(name)) continue
      for (const [seconds, value] of values) {
        const time = Math.round(seconds * 1000)
        if (!scrapes.has(time)) scrapes.set(time, [])
        scrapes.get(time)!.push([seriesKey(name, labels), name, Number(value)])
      }
    }
    for (const [time, samples] of [...scrapes].sort(([a], [b]) => a - b)) {
      store.begin(time)
      for (const [series, name, value] of samples) store.append(series, name, value, time)
    }
    store.scrapedAt = at
    const ours = new Map<string, number>()
    evaluate(plan, store, windowMs, (feature, value) => ours.set(plan.features[feature], value))

    for (const { name, expr } of catalogue.features) {
      const promql = compile(expr, { identity: ['instance', 'job'], rateWindowMs: windowMs, extraMatchers })
      const answer = Number((await query(promql, at)).data.result[0]?.value[1])
      const theirs = Number.isFinite(answer) ? answer : Number.NaN
      const value = ours.get(name)!
      if (Number.isNaN(theirs)) {
        expect(value, `${name}: ${promql}`).toBeNaN()
        continue
      }

      expect(Math.abs(value - theirs), `${name}: ${value}, Prometheus ${theirs}: ${promql}`).toBeLessThanOrEqual(
        1e-9 + 1e-6 * Math.abs(theirs),
      )
    }
  })
})

describe('the three sources on one live machine', () => {
  const prometheus = createPrometheusSource(
    { url: prometheusUrl, presets: all, rateWindowMs: windowMs, extraMatchers },
    { log },
  )
  const exporter = createNodeExporterSource(
    { targets: [{ url: `${nodeExporterUrl}/metrics` }], presets: all, rateWindowMs: windowMs },
    { clock: systemClock, log },
  )
  const local = createLocalSource(
    { presets: all, hostname: hostname(), rateWindowMs: windowMs },
    { clock: systemClock, fs: nodeFs, log },
  )
  let seen: Record<Source['kind'], Snapshot>
  /**
   * Prometheus at half-second steps around the same moment, over windows of some seconds more too: 20 samples of
   * Prometheus span 19 s and ours 20, so a burst at the edge may be in the one and not in the other.
   */
  let around: { windowMs: number; snapshots: Snapshot[] }[]

  beforeAll(async () => {
    const end = Date.now() + windowMs + 2_000
    for await (const _ of setInterval(1_000)) {
      const at = Date.now()
      if (at >= end) break
      seen = { ...seen, node_exporter: await exporter.observe(at, never), local: await local.observe(at, never) }
    }
    const at = seen.local.at
    await until(() => isScrapedAfter(at + 2_000), { what: 'samples of the time after', withinMs: 20_000 })
    seen.prometheus = await prometheus.observe(at, never)
    around = await Promise.all(
      [0, 1000, 2000, 3000].map(async (more) => {
        const options = { url: prometheusUrl, presets: all, rateWindowMs: windowMs + more, extraMatchers }
        const source = createPrometheusSource(options, { log })
        const range = { fromMs: at - 2000, toMs: at + 2000, stepMs: 500 }
        const snapshots = await Array.fromAsync(source.history!.read(range, never))
        await source.close()
        return { windowMs: windowMs + more, snapshots }
      }),
    )
    await Promise.all([prometheus, exporter, local].map((source) => source.close()))
  }, 60_000)

  it('names the same features in the same order, of one fresh target each', () => {
    for (const snapshot of Object.values(seen)) {
      expect(snapshot.features).toEqual(features)
      expect(snapshot.targets).toHaveLength(1)
      expect(snapshot.warnings).toEqual([])
      expect(Math.abs(snapshot.sampledAt[0] - snapshot.at)).toBeLessThan(2_500)
    }
    expect(seen.prometheus.targets[0]?.id).toBe(`${instance}@node`)
    expect(seen.node_exporter.targets[0]?.id).toBe(`${instance}@node`)
    expect(seen.local.targets[0]?.id).toBe(`${hostname()}@local`)
  })

  it.each(['node_exporter', 'local'] as const)('reads the same values through %s as through Prometheus', (kind) => {
    const apart: string[] = []
    for (const [f, { name, unit, expr }] of catalogue.features.entries()) {
      const value = seen[kind].values[f]
      if (kind === 'local' && NOT_LOCAL.includes(name)) {
        expect(value).toBeNaN()
        continue
      }
      const range = around.flatMap((other) => {
        const scale = isIncrease(expr) ? windowMs / other.windowMs : 1
        return other.snapshots.map(({ values }) => values[f] * scale).filter((v) => !Number.isNaN(v))
      })
      range.push(seen.prometheus.values[f])
      const slack = (JUMPY[name] ?? EDGE[unit]) + 0.02 * Math.max(...range.map(Math.abs))
      const inside = value >= Math.min(...range) - slack && value <= Math.max(...range) + slack
      if (!inside) apart.push(`${name}: ${value}, Prometheus ${Math.min(...range)} to ${Math.max(...range)}`)
    }

    expect(apart).toEqual([])
  })
})

describe('VictoriaMetrics', () => {
  const victoria = createPrometheusSource({ url: victoriaMetricsUrl, presets: all, extraMatchers }, { log })
  afterAll(() => victoria.close())

  it('answers with every feature, no older than two scrapes', async () => {
    const snapshot = await victoria.observe(Date.now(), never)

    expect(snapshot.warnings).toEqual([])
    expect(snapshot.targets.map((target) => target?.id)).toEqual([`${instance}@node`])
    expect(features.filter((_, f) => Number.isNaN(snapshot.values[f]))).toEqual([])
    expect(snapshot.at - snapshot.sampledAt[0]).toBeLessThan(4_000)
  })

  it('reads its past on our grid', async () => {
    const toMs = Date.now() - 2_000
    const snapshots = await Array.fromAsync(victoria.history!.read({ fromMs: toMs - 3_000, toMs, stepMs: 500 }, never))

    expect(snapshots.map((snapshot) => snapshot.at)).toEqual([0, 1, 2, 3, 4, 5, 6].map((i) => toMs - 3_000 + i * 500))
    expect(snapshots.at(-1)?.values.some((value) => value > 0)).toBe(true)
  })

  it('names the feature and the query that it refuses', async () => {
    const custom = [{ name: 'broken', promql: 'rate(' }]
    const options = { url: victoriaMetricsUrl, presets: all, custom, extraMatchers, rateWindowMs: windowMs }
    const source = createPrometheusSource(options, { log })

    const { warnings } = await source.observe(Date.now(), never)

    expect(warnings).toEqual([expect.stringMatching(/^feature broken not read: query rate\(: /)])
    await source.close()
  })
})

/** Prometheus has a sample of this host that is no older than `atMs`. */
async function isScrapedAfter(atMs: number): Promise<boolean> {
  const newest = await instantQuery(prometheusUrl, `timestamp(node_time_seconds{instance="${instance}"})`)
  return newest.some(({ value }) => value * 1000 >= atMs)
}

// biome-ignore lint/suspicious/noExplicitAny: the answers of a foreign API, looked at by assertions only
async function query(promql: string, atMs = Date.now(), url = prometheusUrl): Promise<any> {
  const params = new URLSearchParams({ query: promql, time: String(atMs / 1000) })
  const answer = await fetch(`${url}/api/v1/query`, { method: 'POST', body: params })
  return answer.json()
}

/** Expressions that may mean anything, over metrics that are there; always the same ones. */
function anyExpressions(count: number): Expr[] {
  const metrics = [
    'node_cpu_seconds_total',
    'node_load1',
    'node_intr_total',
    'node_disk_read_bytes_total',
    'node_filesystem_files',
  ]
  const labels = ['mode', 'cpu', 'device', 'missing']
  const value = fc.oneof(fc.constantFrom('idle', 'user', '0', ''), fc.string({ unit: 'grapheme' }))
  const regex = fc.constantFrom('i.*|user', '[0-9]+', '', '.+', 'a"b\\\\c', '(?i)IDLE')
  const matcher: fc.Arbitrary<Matcher> = fc.oneof(
    fc.record({ label: fc.constantFrom(...labels), op: fc.constantFrom('=', '!='), value }),
    fc.record({ label: fc.constantFrom(...labels), op: fc.constantFrom('=~', '!~'), value: regex }),
  )
  const leaf = fc.record({
    kind: fc.constantFrom('gauge', 'rate', 'increase'),
    metric: fc.constantFrom(...metrics),
    matchers: fc.array(matcher, { maxLength: 2 }),
  })
  const { expr } = fc.letrec<{ expr: Expr }>((tie) => ({
    expr: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.record({
        kind: fc.constant('aggregate'),
        by: fc.constantFrom('sum', 'avg', 'max', 'min', 'count'),
        of: tie('expr'),
      }),
      fc.record({
        kind: fc.constant('binary'),
        op: fc.constantFrom('+', '-', '*', '/'),
        left: tie('expr'),
        right: fc.oneof(tie('expr'), fc.integer({ min: -9, max: 9 })),
      }),
    ) as fc.Arbitrary<Expr>,
  }))
  return fc.sample(expr, { numRuns: count, seed: 20_261_121 })
}

function isIncrease(expr: Expr | number): boolean {
  if (typeof expr === 'number') return false
  if (expr.kind === 'aggregate') return isIncrease(expr.of)
  if (expr.kind === 'binary') return isIncrease(expr.left) || isIncrease(expr.right)
  return expr.kind === 'increase'
}

function addressOf(variable: string, name: 'prometheusUrl' | 'nodeExporterUrl' | 'victoriaMetricsUrl'): string {
  const address = process.env[variable] ?? inject('lab')?.[name]
  if (!address) throw new Error(`${variable} must be set, or the tests run by npm run test:stack`)
  return address.replace(/\/$/, '')
}
