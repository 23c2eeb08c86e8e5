import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { until } from '../support/deadline.ts'
import { addScrapeTarget } from '../support/lab.ts'
import { instantQuery } from '../support/query.ts'

const lab = inject('lab')
const identity = { instance: lab.instance, job: 'node' }
let daemon: Daemon
let removeTarget: () => void

beforeAll(async () => {
  daemon = await startDaemon({
    config: {
      interval: '1s',
      source: {
        type: 'prometheus',
        prometheus: { url: lab.prometheusUrl, matchers: '{job="node"}', rate_window: '5s' },
      },
      targets: { stale_after: '10s' },
      train: { min_history: '1m', history: '1h', scope: 'host' },
    },
  })
  removeTarget = addScrapeTarget(lab, 'homeostat', daemon.address)
  await daemon.ready()
  const isScored = async () => (await daemon.metric('anomaly_score', identity)) !== undefined
  await daemon.waitFor('an anomaly_score', isScored, { withinMs: 150_000, everyMs: 500 })
})

afterAll(async () => {
  removeTarget?.()
  await daemon?.stop()
})

it('exposes what `promtool check metrics` accepts', async () => {
  const text = await daemon.metricsText()

  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })

  expect(`${stdout}${stderr}`).toBe('')
  expect(status).toBe(0)
})

it.each(['anomaly_score', 'anomaly_threshold', 'anomaly_level', 'anomaly_severity', 'anomaly_detected'])(
  '%s is queryable in the Prometheus that scrapes it, under the labels of the host',
  async (name) => {
    const expr = `${name}{instance="${lab.instance}",job="node"}`
    const ask = async () => {
      const found = await instantQuery(lab.prometheusUrl, expr)
      return found.length > 0 && found
    }

    const found = await until(ask, { what: `${expr} in Prometheus`, withinMs: 20_000, everyMs: 250 })

    expect(found).toHaveLength(1)
    expect(found[0].labels).toEqual({ __name__: name, ...identity })
    expect(found[0].value).toBeGreaterThanOrEqual(0)
  },
)

it('exposes itself: build, ticks, stages and the state of the targets', async () => {
  const metrics = await daemon.metrics()
  const names = new Set(metrics.map(({ name }) => name))

  for (const name of [
    'homeostat_build_info',
    'homeostat_ticks_total',
    'homeostat_ticks_missed_total',
    'homeostat_stage_duration_seconds_count',
    'homeostat_data_age_seconds',
    'homeostat_model_age_seconds',
    'homeostat_config_last_reload_successful',
  ]) {
    expect(names).toContain(name)
  }
  expect(await daemon.metric('homeostat_targets', { state: 'fresh' })).toBe(1)
})
