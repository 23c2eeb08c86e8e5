import { expect, it, onTestFinished } from 'vitest'
import { startDaemon } from '../support/daemon.ts'
import { until } from '../support/deadline.ts'
import { startLab } from '../support/lab.ts'
import { instantQuery } from '../support/query.ts'

const METRICS = { cpu_percent: 30, memory_percent: 48, request_latency_ms: 80 }

it('a real Pushgateway holds the scores of a pushed service, and Prometheus reads them there', async () => {
  const lab = await startLab({ parts: ['pushgateway'] })
  onTestFinished(() => lab.stop())
  const config = { interval: '1s', source: { local: { rate_window: '2s' } }, push: { pushgateway: lab.pushgatewayUrl } }
  const daemon = await startDaemon({ config })
  onTestFinished(async () => void (await daemon.stop()))
  await daemon.ready()
  const from = Date.now() - 60_000

  for (let i = 0; i < 8; i++) {
    const metrics = { ...METRICS, cpu_percent: METRICS.cpu_percent + (i % 3) }
    const body = JSON.stringify({ service: 'checkout', timestamp: new Date(from + i * 3000).toISOString(), metrics })
    const headers = { 'Content-Type': 'application/json' }
    const { status } = await fetch(`${daemon.url}/api/v1/observations`, { method: 'POST', headers, body })
    expect(status).toBe(200)
  }

  const level = 'anomaly_level{instance="checkout",job="push",origin="homeostat"}'
  const [found] = await until(
    async () => {
      const series = await instantQuery(lab.prometheusUrl, level)
      return series.length === 1 && series
    },
    { what: 'the level of checkout in Prometheus', withinMs: 30_000 },
  )
  expect(found.value).toBeGreaterThanOrEqual(0)
  expect(found.value).toBeLessThan(1)
  expect(daemon.logs()).not.toContain('does not take the scores')
})
