import { describe, expect, it } from 'vitest'
import { parseLabels } from '../observe/exposition.ts'
import { renderExposition } from './exposition.ts'
import { SHOP } from './service.ts'
import { createTraffic } from './traffic.ts'
import { createWorld, type Tick } from './world.ts'

const TICK_MS = 3000

/** A page before and one after a stretch of ticks, and what was read meanwhile. */
function stretch(ticks: number) {
  const world = createWorld({ services: SHOP, seed: 3, startAt: 0, tickMs: TICK_MS })
  const traffic = createTraffic(world, TICK_MS)
  const step = (): Tick => {
    const tick = world.tick()
    traffic.take(tick.readings)
    return tick
  }
  step()
  world.inject({ kind: 'crash_loop', service: 'ledger', ticks: 100, strength: 1 })
  const before = samplesOf(renderExposition(traffic.totals()))
  const read = Array.from({ length: ticks }, step)
  const page = renderExposition(traffic.totals())
  return { before, after: samplesOf(page), read, page }
}

type Samples = ReadonlyMap<string, number>

/** By name and labels, sorted. */
function samplesOf(page: string): Samples {
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const [, name, labels, value] = /^(\w+)(\{.*\}) (\S+)$/.exec(line)!
      return [keyOf(name, parseLabels(labels)), Number(value)]
    }),
  )
}

function keyOf(name: string, labels: Readonly<Record<string, string>>): string {
  return `${name} ${JSON.stringify(Object.entries(labels).sort())}`
}

function mean(read: readonly Tick[], service: string, metric: 'requests_per_second' | 'cpu_percent'): number {
  const values = read.map(({ readings }) => readings.find((one) => one.service === service)!.metrics[metric])
  return values.reduce((all, value) => all + value, 0) / values.length
}

describe('the exposition', () => {
  it('has rates, errors and durations as they were read', () => {
    const { before, after, read } = stretch(20)
    const seconds = (20 * TICK_MS) / 1000
    const grown = (name: string, labels: Readonly<Record<string, string>>) =>
      after.get(keyOf(name, labels))! - before.get(keyOf(name, labels))!

    for (const { name: service, tier } of SHOP) {
      const labels = { service, tier }
      const [good, bad] = ['200', '500'].map((code) => grown('http_requests_total', { ...labels, code }))
      const [sum, count] = ['sum', 'count'].map((end) => grown(`http_request_duration_seconds_${end}`, labels))
      const requests = mean(read, service, 'requests_per_second') * seconds
      const failed = read.reduce((all, { readings }) => {
        const { metrics } = readings.find((one) => one.service === service)!
        return all + metrics.requests_per_second * 3 * (metrics.error_rate_percent / 100)
      }, 0)
      const waited = read.reduce((all, { readings }) => {
        const { metrics } = readings.find((one) => one.service === service)!
        return all + metrics.requests_per_second * 3 * (metrics.request_latency_ms / 1000)
      }, 0)

      expect(Math.abs(good + bad - requests)).toBeLessThan(3)
      expect(Math.abs(bad - failed)).toBeLessThan(2)
      expect(count).toBe(good + bad)
      expect(Math.abs(sum / count / (waited / requests) - 1)).toBeLessThan(0.01)
    }
  })

  it('has buckets that grow with their bound, and a median near the mean', () => {
    const { after } = stretch(20)
    const labels = { service: 'cart', tier: 'app' }
    const bucket = (le: string) => after.get(keyOf('http_request_duration_seconds_bucket', { ...labels, le }))!

    const bounds = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '+Inf']
    const counts = bounds.map(bucket)

    expect(counts).toEqual([...counts].sort((a, b) => a - b))
    expect(bucket('0.05') / bucket('+Inf')).toBeLessThan(0.5)
    expect(bucket('0.1') / bucket('+Inf')).toBeGreaterThan(0.5)
  })

  it('has processor time and memory in the units of cAdvisor', () => {
    const { before, after, read } = stretch(20)
    const labels = { service: 'cart', container: 'cart', pod: 'cart-0', namespace: 'simulated', node: 'm3' }
    const value = (name: string, page = after) => page.get(keyOf(name, labels))!

    const used = value('container_cpu_usage_seconds_total') - value('container_cpu_usage_seconds_total', before)
    const cpu = used / 60 / (value('container_spec_cpu_quota') / value('container_spec_cpu_period'))
    const memory = value('container_memory_working_set_bytes') / value('container_spec_memory_limit_bytes')
    const last = read.at(-1)!.readings.find(({ service }) => service === 'cart')!.metrics

    expect(100 * cpu).toBeCloseTo(mean(read, 'cart', 'cpu_percent'), 6)
    expect(100 * memory).toBeCloseTo(last.memory_percent, 4)
  })

  it('counts every restart', () => {
    const { after } = stretch(20)
    const labels = { service: 'ledger', container: 'ledger', pod: 'ledger-0', namespace: 'simulated', node: 'm2' }

    expect(after.get(keyOf('kube_pod_container_status_restarts_total', labels))).toBe(20 * 2)
  })

  it('has the graph of calls: a service is called as often as it answers', () => {
    const { after } = stretch(20)
    const calls = (client: string, server: string) =>
      after.get(keyOf('traces_service_graph_request_total', { client, server }))
    const answered = (service: string, tier: string) =>
      after.get(keyOf('http_request_duration_seconds_count', { service, tier }))

    expect(calls('payments', 'ledger')).toBe(answered('ledger', 'app'))
    expect(calls('ledger', 'database')! + calls('shipping', 'database')! + calls('accounts', 'database')!).toBe(
      answered('database', 'data'),
    )
    expect(calls('user', 'gateway')).toBe(answered('gateway', 'edge'))
    expect(calls('ledger', 'payments')).toBeUndefined()
  })

  it('never counts backwards', () => {
    const world = createWorld({ services: SHOP, seed: 3, startAt: 0, tickMs: 100 })
    const traffic = createTraffic(world, 100)
    let before: Samples = new Map()

    for (let i = 0; i < 300; i++) {
      if (i === 100) world.inject({ kind: 'traffic_drop', service: 'database', ticks: 50, strength: 1 })
      traffic.take(world.tick().readings)
      const page = samplesOf(renderExposition(traffic.totals()))
      const shrunk = [...page].filter(
        ([key, value]) => /_total|_bucket|_count|_sum/.test(key) && value < (before.get(key) ?? 0),
      )
      expect(shrunk).toEqual([])
      before = page
    }
  })

  it('names and explains every family once, and escapes what a name may hold', () => {
    const services = [{ name: 'a"b\\c', tier: 'x', machine: 'm', dependsOn: [] }]
    const world = createWorld({ services, seed: 3, startAt: 0, tickMs: TICK_MS })
    const traffic = createTraffic(world, TICK_MS)
    traffic.take(world.tick().readings)

    const page = renderExposition(traffic.totals())
    const types = page.match(/^# TYPE \S+/gm)!

    expect(new Set(types).size).toBe(types.length)
    expect(page.match(/^# HELP \S+ \S/gm)).toHaveLength(types.length)
    expect(page).toContain('http_requests_total{service="a\\"b\\\\c",tier="x",code="200"}')
  })

  it('is empty before the first tick', () => {
    const world = createWorld({ services: SHOP, seed: 3, startAt: 0, tickMs: TICK_MS })

    expect(renderExposition(createTraffic(world, TICK_MS).totals())).toBe('')
  })
})
