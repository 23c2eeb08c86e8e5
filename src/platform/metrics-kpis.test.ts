import { expect, it } from 'vitest'
import { createMetrics } from './metrics.ts'

it('shows KPIs, and no series for one of which nothing is known', async () => {
  const metrics = createMetrics({ now: () => 0, version: '0', node: '0' })
  const lines = async () => {
    const text = await metrics.registry.metrics()
    return text.split('\n').filter((line) => line.startsWith('homeostat_kpi_'))
  }

  const before = await lines()
  metrics.kpisFrom(() => ({
    detections: { true: 3, false: 1, unknown: 2 },
    missed: 1,
    detectionRate: 0.75,
    falsePositiveRate: 0.25,
    falseAlarmsPerDay: 1 / 7,
    timeToDetect: { mean: 12 },
    timeToRecover: { mean: Number.NaN },
    leadOverAlerts: { mean: -5 },
  }))

  expect(before.filter((line) => !line.startsWith('homeostat_kpi_detections'))).toEqual([])
  expect(await lines()).toEqual(
    expect.arrayContaining([
      'homeostat_kpi_detection_rate 0.75',
      'homeostat_kpi_missed 1',
      'homeostat_kpi_mean_time_to_detect_seconds 12',
      'homeostat_kpi_mean_lead_over_alerts_seconds -5',
      'homeostat_kpi_detections{judgement="unknown"} 2',
    ]),
  )
  expect((await lines()).some((line) => line.includes('time_to_recover'))).toBe(false)
})
