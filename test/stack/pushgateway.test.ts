import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { until } from '../support/deadline.ts'
import { addScrapeTarget, type Lab, startLab } from '../support/lab.ts'
import { instantQuery } from '../support/query.ts'
import { type Simulator, startSimulator } from '../support/simulator.ts'

let lab: Lab
let world: Simulator
let removeTarget: () => void

beforeAll(async () => {
  lab = await startLab({ parts: ['pushgateway'] })
  world = await startSimulator(['--interval', '2s', '--faults', 'none', '--pushgateway', lab.pushgatewayUrl])
  removeTarget = addScrapeTarget(lab, 'simulated', world.url.replace('http://', ''))
})

afterAll(async () => {
  removeTarget?.()
  await world?.stop()
  await lab?.stop()
})

async function value(expr: string): Promise<number | undefined> {
  return (await instantQuery(lab.prometheusUrl, expr))[0]?.value
}

const reading = async (metric: string): Promise<number> =>
  JSON.parse((await world.ask('GET', '/services/cart')).body).metrics[metric]

it('a real Pushgateway takes every service as a group of its own, and Prometheus reads them there', async () => {
  const count = 'count(http_requests_total{job="homeostat_simulate",code="200"})'

  await until(async () => (await value(count)) === 12, { what: '12 services in Prometheus', withinMs: 30_000 })

  const instances = await instantQuery(lab.prometheusUrl, 'push_failure_time_seconds{job="homeostat_simulate"}')
  expect(instances).toHaveLength(12)
  expect(instances.every((one) => one.value === 0)).toBe(true)
  expect(world.lines().slice(1)).toEqual([])
})

it('what is pushed is the latest reading', async () => {
  const expr = 'simulated_service_reading{job="homeostat_simulate",service="cart",metric="requests_per_second"}'

  await until(
    async () => {
      const shown = await value(expr)
      return shown !== undefined && Math.abs(shown - (await reading('requests_per_second'))) < 15
    },
    { what: 'the requests of cart', withinMs: 20_000 },
  )
})

it('the exposition is what `promtool check metrics` accepts', async () => {
  const { body } = await world.ask('GET', '/metrics')

  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: body, encoding: 'utf8' })

  expect(`${stdout}${stderr}`).toBe('')
  expect(status).toBe(0)
})

it('rates, durations and shares that Prometheus computes from a scrape are the readings', async () => {
  const of = 'job="simulated",service="cart"'
  const rates = {
    requests_per_second: `sum(rate(http_requests_total{${of}}[20s]))`,
    request_latency_ms: `1000 * rate(http_request_duration_seconds_sum{${of}}[20s]) / rate(http_request_duration_seconds_count{${of}}[20s])`,
    cpu_percent: `100 * rate(container_cpu_usage_seconds_total{${of}}[20s]) / (container_spec_cpu_quota{${of}} / container_spec_cpu_period{${of}})`,
    memory_percent: `100 * container_memory_working_set_bytes{${of}} / container_spec_memory_limit_bytes{${of}}`,
  }
  await until(async () => (await value(`count_over_time(up{job="simulated"}[1m]) > 25`)) !== undefined, {
    what: 'half a minute of scrapes',
    withinMs: 60_000,
  })

  for (const [metric, expr] of Object.entries(rates)) {
    const [computed, shown] = [await value(expr), await reading(metric)]
    expect(computed, metric).toBeGreaterThan(0.85 * shown)
    expect(computed, metric).toBeLessThan(1.15 * shown)
  }
})

it('the graph of calls can be learned from the scrape', async () => {
  const edges = await instantQuery(
    lab.prometheusUrl,
    'sum by (client, server) (rate(traces_service_graph_request_total{job="simulated",client!="user"}[20s])) > 0',
  )

  expect(edges.map(({ labels }) => `${labels['client']} -> ${labels['server']}`).sort()).toEqual(
    [
      'accounts -> database',
      'cart -> cache',
      'catalogue -> cache',
      'catalogue -> search',
      'checkout -> cart',
      'checkout -> payments',
      'checkout -> shipping',
      'gateway -> accounts',
      'gateway -> catalogue',
      'gateway -> checkout',
      'ledger -> database',
      'payments -> fraud',
      'payments -> ledger',
      'shipping -> database',
    ].sort(),
  )
})

it('leaves nothing behind in the Pushgateway when it stops', async () => {
  const code = await world.stop()

  const groups = (await (await fetch(`${lab.pushgatewayUrl}/api/v1/metrics`)).json()) as { data: { labels: object }[] }
  const own = groups.data.filter(({ labels }) => 'job' in labels && labels.job === 'homeostat_simulate')
  expect(code).toBe(0)
  expect(own).toEqual([])
})
