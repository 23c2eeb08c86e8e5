import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TargetScoresJson } from '../../src/api/contract.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { until } from '../support/deadline.ts'
import { addScrapeTarget, type Lab, startLab } from '../support/lab.ts'
import { instantQuery } from '../support/query.ts'

let lab: Lab
let daemon: Daemon
let removeTarget: () => void

const start = (port?: number) =>
  startDaemon({
    port,
    config: {
      interval: '1s',
      source: {
        type: 'prometheus',
        prometheus: { url: lab.prometheusUrl, matchers: '{job="node"}', rate_window: '5s' },
      },
      targets: { stale_after: '10s' },
    },
  })

async function scores(query: string): Promise<TargetScoresJson> {
  const id = encodeURIComponent(`${lab.instance}@node`)
  const answer = await fetch(`${daemon.url}/api/v1/targets/${id}/scores?${query}`)
  expect(answer.status).toBe(200)
  return (await answer.json()) as TargetScoresJson
}

beforeAll(async () => {
  lab = await startLab({ parts: ['node_exporter'] })
  daemon = await start()
  removeTarget = addScrapeTarget(lab, 'homeostat', daemon.address)
})

afterAll(async () => {
  removeTarget?.()
  await daemon?.stop()
  await lab?.stop()
})

it('a chart goes on over a restart: what was before comes from the Prometheus that scrapes us', async () => {
  const expr = `count_over_time(anomaly_level{instance="${lab.instance}",job="node"}[1m]) > 20`
  const isKept = async () => (await instantQuery(lab.prometheusUrl, expr)).length > 0
  await until(isKept, { what: 'twenty levels in Prometheus', withinMs: 90_000, everyMs: 500 })
  const stoppedAt = Date.now()

  await daemon.stop()
  daemon = await start(Number(new URL(daemon.url).port))
  await daemon.ready()
  const both = await daemon.waitFor(
    'a chart of both',
    async () => {
      const found = await scores(`from=${new Date(stoppedAt - 60_000).toISOString()}&features=cpu_busy`)
      return found.source === 'both' && found
    },
    { withinMs: 60_000, everyMs: 1000 },
  )

  expect(both.problems).toEqual([])
  const old = both.points.filter(({ at }) => Date.parse(at) < stoppedAt)
  expect(old.length).toBeGreaterThanOrEqual(1)
  for (const { level, detectors } of old) {
    expect(level).toBeGreaterThanOrEqual(0)
    expect(detectors['zscore']).toBeGreaterThanOrEqual(0)
  }
  const [cpu] = both.features
  expect(cpu).toMatchObject({ name: 'cpu_busy', unit: 'percent', source: 'prometheus' })
  const values = cpu.points.flatMap(({ actual }) => actual ?? [])
  expect(values.length).toBeGreaterThanOrEqual(2)
  for (const value of values) expect(value).toBeGreaterThanOrEqual(0)
  for (const value of values) expect(value).toBeLessThanOrEqual(100)
})
