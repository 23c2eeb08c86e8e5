import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redOf } from '../../src/app/features.ts'
import { redSchema } from '../../src/config/red-schema.ts'
import { catalogueOf } from '../../src/observe/catalogue/preset.ts'
import { evaluate } from '../../src/observe/evaluate.ts'
import { seriesKey } from '../../src/observe/exposition.ts'
import { planOf } from '../../src/observe/plan.ts'
import { createPrometheusSource } from '../../src/observe/prometheus/index.ts'
import { compile } from '../../src/observe/promql.ts'
import { SeriesStore } from '../../src/observe/series-store.ts'
import type { Source } from '../../src/observe/source.ts'
import { EXPOSITION_TYPE, renderExposition } from '../../src/simulate/exposition.ts'
import { type ServiceMetrics, SHOP } from '../../src/simulate/service.ts'
import { createTraffic } from '../../src/simulate/traffic.ts'
import { createWorld } from '../../src/simulate/world.ts'
import { until } from '../support/deadline.ts'
import { type Lab, startLab } from '../support/lab.ts'
import { instantQuery } from '../support/query.ts'

const TICK_MS = 500
const WINDOW_MS = 10_000
const identity = ['service']
const red = redOf(redSchema.parse({}))
const log = { info() {}, warn() {} }
const never = new AbortController().signal

/** The newest readings of each service, oldest first. */
const readings = new Map<string, ServiceMetrics[]>(SHOP.map(({ name }) => [name, []]))
let lab: Lab
let source: Source
let stop: () => Promise<void>

/** A shop that lives in real time, whose cart fails now and then, under a real Prometheus. */
beforeAll(async () => {
  const world = createWorld({ services: SHOP, seed: 4, startAt: Date.now(), tickMs: TICK_MS })
  const traffic = createTraffic(world, TICK_MS)
  world.inject({ kind: 'high_error_rate', service: 'cart', ticks: 10_000, strength: 1 })
  let next = Date.now()
  // On a busy machine a timer is late: then several ticks are made up for at once, so that rates hold.
  const timer = setInterval(() => {
    for (; next <= Date.now(); next += TICK_MS) {
      const tick = world.tick().readings
      traffic.take(tick)
      for (const { service, metrics } of tick) readings.set(service, [...readings.get(service)!, metrics].slice(-20))
    }
  }, TICK_MS)
  const page = createServer((_req, res) => {
    res.setHeader('Content-Type', EXPOSITION_TYPE)
    res.end(renderExposition(traffic.totals()))
  })
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve))
  const { port } = page.address() as AddressInfo
  lab = await startLab({ parts: [] })
  mkdirSync(join(lab.dir, 'scrape'), { recursive: true })
  writeFileSync(join(lab.dir, 'scrape', 'shop.json'), JSON.stringify([{ targets: [`127.0.0.1:${port}`] }]))
  source = createPrometheusSource(
    { url: lab.prometheusUrl, presets: [red], identity, rateWindowMs: WINDOW_MS },
    { log },
  )
  stop = async () => {
    clearInterval(timer)
    await source.close()
    await lab.stop()
    page.close()
    page.closeAllConnections()
  }
  const samples = `min(count_over_time(http_requests_total[${WINDOW_MS / 1000}s]))`
  const enough = async () => ((await instantQuery(lab.prometheusUrl, samples))[0]?.value ?? 0) >= 9
  await until(enough, { what: 'ten seconds of samples of the shop', withinMs: 60_000, everyMs: 500 })
}, 120_000)

afterAll(() => stop())

describe('preset red on a real Prometheus', () => {
  it('shows of every service what it would have pushed', async () => {
    const { features, targets, values, sampledAt, warnings } = await source.observe(Date.now(), never)

    expect(warnings).toEqual([])
    expect(targets.map((target) => target?.id).sort()).toEqual(SHOP.map(({ name }) => name).sort())
    for (const [slot, target] of targets.entries()) {
      const own = readings.get(target!.id)!
      const mean = (name: keyof ServiceMetrics) => own.reduce((sum, one) => sum + one[name], 0) / own.length
      const value = (name: string) => values[slot * features.length + features.indexOf(name)]
      expect(Date.now() - sampledAt[slot]).toBeLessThan(10_000)
      expect(Math.abs(value('requests_per_second') / mean('requests_per_second') - 1), target!.id).toBeLessThan(0.15)
      expect(Math.abs(value('error_rate_percent') - mean('error_rate_percent')), target!.id).toBeLessThan(2)
      expect(Math.abs(value('request_latency_ms') / mean('request_latency_ms') - 1), target!.id).toBeLessThan(0.15)
      expect(value('request_latency_p95_ms')).toBeGreaterThan(value('request_latency_ms'))
      expect(Math.abs(value('cpu_percent') - mean('cpu_percent')), target!.id).toBeLessThan(6)
      expect(Math.abs(value('memory_percent') - mean('memory_percent')), target!.id).toBeLessThan(2)
      expect(value('restarts')).toBe(0)
    }
    const cart = targets.findIndex((target) => target?.id === 'cart')
    expect(values[cart * features.length + features.indexOf('error_rate_percent')]).toBeGreaterThan(15)
  })

  it('is evaluated by ourselves to the same values, from the same samples', async () => {
    const at = Math.floor(Date.now() / 1000) * 1000 - 1500
    const plan = planOf(catalogueOf([red]))
    const store = new SeriesStore(plan, {}, 600_000)
    const raw = await instant('{service="cart"}[600s]', at)
    const scrapes = new Map<number, [string, string, number][]>()
    for (const { metric, values } of raw) {
      const { __name__: name, ...labels } = metric
      if (!plan.wanted.has(name)) continue
      for (const [seconds, value] of values ?? []) {
        const time = Math.round(seconds * 1000)
        scrapes.set(time, [...(scrapes.get(time) ?? []), [seriesKey(name, labels), name, Number(value)]])
      }
    }
    for (const [time, samples] of [...scrapes].sort(([a], [b]) => a - b)) {
      store.begin(time)
      for (const [series, name, value] of samples) store.append(series, name, value, time)
    }
    store.scrapedAt = at
    const ours = new Map<string, number>()
    evaluate(plan, store, WINDOW_MS, (feature, value) => ours.set(plan.features[feature], value))

    for (const { name, expr } of red.features) {
      const extraMatchers = [{ label: 'service', op: '=', value: 'cart' }] as const
      const [answer] = await instant(compile(expr, { identity, rateWindowMs: WINDOW_MS, extraMatchers }), at)
      const theirs = Number(answer?.value?.[1])

      expect(theirs, name).not.toBeNaN()
      expect(Math.abs(ours.get(name)! - theirs), `${name}: ${ours.get(name)}, Prometheus ${theirs}`).toBeLessThan(
        1e-9 + 1e-6 * Math.abs(theirs),
      )
    }
  })
})

it('learns from the service graph who calls whom', async () => {
  const counter = { metric: 'traces_service_graph_request_total', matchers: [], client: 'client', server: 'server' }

  const calls = await source.calls!({ ...counter, windowMs: 600_000 }, Date.now(), never)

  const wanted = SHOP.flatMap(({ name, dependsOn }) => dependsOn.map((called) => `${name} ${called}`))
  const known = calls!.map((call) => call.join(' '))
  expect(known).toEqual(expect.arrayContaining(wanted))
  expect(known.filter((call) => !wanted.includes(call))).toEqual(['user gateway'])
})

interface WireSeries {
  readonly metric: Readonly<Record<string, string>>
  readonly value?: readonly [number, string]
  readonly values?: readonly (readonly [number, string])[]
}

async function instant(promql: string, atMs: number): Promise<readonly WireSeries[]> {
  const body = new URLSearchParams({ query: promql, time: String(atMs / 1000) })
  const answer = await fetch(`${lab.prometheusUrl}/api/v1/query`, { method: 'POST', body })
  const { status, data, error } = (await answer.json()) as {
    status: string
    error?: string
    data: { result: WireSeries[] }
  }
  if (status !== 'success') throw new Error(`${promql}: ${error}`)
  return data.result
}
