import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { createMetrics } from './metrics.ts'

function metricsAt(nowMs: number) {
  const clock = { ms: nowMs }
  return { clock, metrics: createMetrics({ now: () => clock.ms, version: '1.2.3', node: '24.0.0' }) }
}

async function lines(metrics: ReturnType<typeof createMetrics>): Promise<string[]> {
  return (await metrics.registry.metrics()).split('\n')
}

describe('createMetrics', () => {
  it('begins every closed label set at 0', async () => {
    const all = await lines(metricsAt(0).metrics)

    expect(all).toContain('homeostat_stage_failures_total{stage="observe",reason="timeout"} 0')
    expect(all).toContain('homeostat_ticks_total 0')
    expect(all).toContain('homeostat_ticks_missed_total 0')
    expect(all).toContain('homeostat_targets{state="stale"} 0')
    expect(all).toContain('homeostat_cleaning_total{kind="forward_filled"} 0')
    expect(all).toContain('homeostat_trainings_total{outcome="accepted"} 0')
    expect(all).toContain('homeostat_stage_duration_seconds_count{stage="detect"} 0')
    expect(all).toContain('homeostat_build_info{version="1.2.3",node="24.0.0"} 1')
  })

  it('lets ages grow with the clock, and has none before there is anything to be old', async () => {
    const { clock, metrics } = metricsAt(100_000)
    expect((await lines(metrics)).filter((line) => /^homeostat_(data|model)_age/.test(line))).toEqual([])

    metrics.newestSampleAt(90_000)
    metrics.modelTrainedAt(40_000)
    clock.ms = 105_000

    expect(await lines(metrics)).toContain(`homeostat_data_age_seconds ${105 - 90}`)
    expect(await lines(metrics)).toContain(`homeostat_model_age_seconds ${105 - 40}`)
  })

  it('counts what it does not know as other', async () => {
    const { metrics } = metricsAt(0)

    metrics.stageFailed('observe', 'http://evil/?token=1')
    metrics.requestServed('/metrics', 'PROPFIND', 405)

    expect(await lines(metrics)).toContain('homeostat_stage_failures_total{stage="observe",reason="other"} 1')
    expect(await lines(metrics)).toContain(
      'homeostat_http_requests_total{route="/metrics",method="other",code="405"} 1',
    )
  })

  it('shares nothing with a second set', async () => {
    const [one, two] = [metricsAt(0).metrics, metricsAt(0).metrics]

    one.ticked()

    expect(await lines(one)).toContain('homeostat_ticks_total 1')
    expect(await lines(two)).toContain('homeostat_ticks_total 0')
  })

  it.skipIf(spawnSync('promtool', ['--version']).error)('passes promtool', async () => {
    const { metrics } = metricsAt(0)
    metrics.requestServed('/metrics', 'GET', 200)

    const { stdout, stderr, status } = spawnSync('promtool', ['check', 'metrics'], {
      input: await metrics.registry.metrics(),
    })

    expect(`${stdout}${stderr}`).toBe('')
    expect(status).toBe(0)
  })
})
