import { describe, expect, it } from 'vitest'
import { Frame } from '../frame.ts'
import { planOf } from '../plan.ts'
import { compile } from '../promql.ts'
import { ScrapedTarget } from '../scraped-target.ts'
import { catalogueOf } from './preset.ts'
import { type RedMetrics, redPreset } from './red.ts'

const named = (metric: string) => ({ metric, matchers: [] })
const failed = (label: string) => [{ label, op: '=~', value: '5..' }] as const

const METRICS: RedMetrics = {
  requests: [
    {
      counter: named('http_requests_total'),
      errors: [failed('code'), failed('status')],
      duration: named('took_seconds'),
    },
    { counter: named('rpc_total'), errors: [failed('code')], duration: named('rpc_took_ms') },
  ],
  cpu: [named('container_cpu_usage_seconds_total'), named('process_cpu_seconds_total')],
  cpuLimit: [named('cpu_limit')],
  cores: 2,
  memory: [named('memory_bytes')],
  memoryLimit: [named('memory_limit_bytes')],
  memorySize: undefined,
  restarts: [named('restarts_total')],
  restartWindowMs: 600_000,
}
const WINDOW_MS = 60_000
const STEP_MS = 15_000

/** The features after a quarter of an hour: rates grow by so much a second, gauges stay. */
function observed(
  rates: Readonly<Record<string, number>>,
  gauges: Readonly<Record<string, number>> = {},
  metrics = METRICS,
): Record<string, number> {
  const plan = planOf(catalogueOf([redPreset(metrics)]))
  const target = new ScrapedTarget(plan, { instance: 'shop:80', job: 'shop' }, WINDOW_MS)
  const append = (series: string, value: number) => target.store.append(series, series.split('{')[0], value, Number.NaN)
  for (let at = 0; at <= 900_000; at += STEP_MS) {
    target.store.begin(at)
    for (const [series, perSecond] of Object.entries(rates)) append(series, 1000 + (perSecond * at) / 1000)
    for (const [series, value] of Object.entries(gauges)) append(series, value)
  }
  const frame = new Frame(900_000, plan.features.length, 1)
  target.evaluateInto(frame, 0)
  const { values } = frame.finish(plan.features, [undefined], [])
  return Object.fromEntries(plan.features.map((name, i) => [name, values[i]]))
}

const REQUESTS = { 'http_requests_total{code="200"}': 90, 'http_requests_total{code="503"}': 10 }

describe('preset red', () => {
  it('has the features of a pushed reading, and the 95th percentile', () => {
    expect(redPreset(METRICS).features.map(({ name }) => name)).toEqual([
      'requests_per_second',
      'error_rate_percent',
      'request_latency_ms',
      'request_latency_p95_ms',
      'cpu_percent',
      'memory_percent',
      'restarts',
    ])
  })

  it('counts requests and the share of errors', () => {
    const found = observed(REQUESTS)

    expect(found['requests_per_second']).toBeCloseTo(100)
    expect(found['error_rate_percent']).toBeCloseTo(10)
  })

  it('takes a service for free of errors that has no series of them yet', () => {
    expect(observed({ 'http_requests_total{code="200"}': 90 })['error_rate_percent']).toBe(0)
  })

  it('goes by the selector of errors that fits, and by the counter that is there', () => {
    const byStatus = { 'http_requests_total{status="200"}': 75, 'http_requests_total{status="500"}': 25 }

    expect(observed(byStatus)['error_rate_percent']).toBeCloseTo(25)
    expect(observed({ 'rpc_total{code="200"}': 1, 'rpc_total{code="500"}': 1 })['error_rate_percent']).toBeCloseTo(50)
  })

  it('tells the mean and the 95th percentile of the time in ms, whatever the unit of the histogram', () => {
    const seconds = { took_seconds_sum: 12, took_seconds_count: 100 }
    const buckets = {
      'took_seconds_bucket{le="0.1"}': 90,
      'took_seconds_bucket{le="0.2"}': 100,
      'took_seconds_bucket{le="+Inf"}': 100,
    }

    const found = observed({ ...REQUESTS, ...seconds, ...buckets })

    expect(found['request_latency_ms']).toBeCloseTo(120)
    expect(found['request_latency_p95_ms']).toBeCloseTo(150)
    expect(observed({ ...REQUESTS, rpc_took_ms_sum: 700, rpc_took_ms_count: 10 })['request_latency_ms']).toBeCloseTo(70)
  })

  it('sets CPU time against the limit: the quota, the limit that is told, or the cores that are assumed', () => {
    const used = { ...REQUESTS, container_cpu_usage_seconds_total: 0.3 }
    const quota = { container_spec_cpu_quota: 50_000, container_spec_cpu_period: 100_000 }

    expect(observed(used, quota)['cpu_percent']).toBeCloseTo(60)
    expect(observed(used, { cpu_limit: 3 })['cpu_percent']).toBeCloseTo(10)
    expect(observed(used)['cpu_percent']).toBeCloseTo(15)
    expect(observed({ ...REQUESTS, process_cpu_seconds_total: 1 })['cpu_percent']).toBeCloseTo(50)
  })

  it('sets memory against a limit, where 0 is none', () => {
    const share = (gauges: Readonly<Record<string, number>>, metrics = METRICS) =>
      observed(REQUESTS, { memory_bytes: 300, ...gauges }, metrics)['memory_percent']

    expect(share({ memory_limit_bytes: 1000 })).toBeCloseTo(30)
    expect(share({ memory_limit_bytes: 0 })).toBeNaN()
    expect(share({ memory_limit_bytes: 0 }, { ...METRICS, memorySize: 600 })).toBeCloseTo(50)
  })

  it('counts restarts over a window of its own', () => {
    expect(observed({ ...REQUESTS, restarts_total: 1 / 120 })['restarts']).toBeCloseTo(5, 0)
  })

  it('leaves out what has containers but answers no requests', () => {
    const found = observed({ container_cpu_usage_seconds_total: 0.3, restarts_total: 1 }, { memory_bytes: 5 })

    expect(Object.values(found).every(Number.isNaN)).toBe(true)
  })

  it('leaves out features for which no metric is named', () => {
    const few = { ...METRICS, requests: [{ counter: named('a_total'), errors: [] }], cpu: [], memory: [], restarts: [] }

    expect(redPreset(few).features.map(({ name }) => name)).toEqual(['requests_per_second', 'error_rate_percent'])
    expect(() => redPreset({ ...few, requests: [] })).toThrow(RangeError)
  })

  it('compiles to queries that were reviewed', () => {
    const written = redPreset(METRICS).features.map(({ name, expr }) => {
      return `${name}\n  ${compile(expr, { identity: ['service'], rateWindowMs: WINDOW_MS })}`
    })

    expect(written.join('\n')).toMatchSnapshot()
  })
})
