import { expect, inject, it } from 'vitest'
import { type DaemonOptions, startDaemon } from '../support/daemon.ts'

const lab = inject('lab')
const interval = '1s'
const targets = { stale_after: '10s' }
/** A filesystem of the machine that is full would give a level before the first rates are known. */
const detect = { exhaustion: { resources: [] } }

const SOURCES: Record<string, DaemonOptions> = {
  VictoriaMetrics: {
    config: {
      interval,
      targets,
      detect,
      source: {
        type: 'prometheus',
        prometheus: { url: lab.victoriaMetricsUrl, matchers: '{job="node"}', rate_window: '5s' },
      },
    },
  },
  'node_exporter itself': {
    config: {
      interval,
      targets,
      detect,
      source: {
        type: 'node_exporter',
        node_exporter: { urls: [`${lab.nodeExporterUrl}/metrics`], rate_window: '5s' },
      },
    },
  },
  'the Prometheus that PROMETHEUS_URL names': {
    env: { PROMETHEUS_URL: lab.prometheusUrl },
    config: { interval, targets, detect, source: { prometheus: { matchers: '{job="node"}', rate_window: '5s' } } },
  },
}

it.each(Object.entries(SOURCES))('scores the host through %s', async (_, options) => {
  const daemon = await startDaemon(options)
  try {
    const level = () => daemon.metric('anomaly_level', { instance: lab.instance, job: 'node' })
    await daemon.waitFor('an anomaly_level', level, { withinMs: 30_000, everyMs: 250 })

    expect(await daemon.targetIds()).toEqual([`${lab.instance}@node`])
    const { state, features } = await daemon.target(`${lab.instance}@node`)
    expect(state).toBe('fresh')
    expect(features.filter(({ actual }) => actual !== null).length).toBeGreaterThanOrEqual(40)
    expect(daemon.warnings()).toEqual([])
  } finally {
    await daemon.stop()
  }
})
