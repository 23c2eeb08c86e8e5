import { Gauge, type Registry } from '@prometheus-io/client'

/** How well trouble was detected lately; NaN where nothing can be said. */
export interface KpiValues {
  readonly detections: Readonly<Record<(typeof JUDGEMENTS)[number], number>>
  readonly missed: number
  /** 0–1 */
  readonly detectionRate: number
  readonly falsePositiveRate: number
  readonly falseAlarmsPerDay: number
  /** Seconds. */
  readonly timeToDetect: { readonly mean: number }
  readonly timeToRecover: { readonly mean: number }
  readonly leadOverAlerts: { readonly mean: number }
}

const JUDGEMENTS = ['true', 'false', 'unknown'] as const

const GAUGES: readonly (readonly [name: string, help: string, value: (kpis: KpiValues) => number])[] = [
  ['detection_rate', 'Share of confirmed incidents that the detectors saw.', (kpis) => kpis.detectionRate],
  ['false_positive_rate', 'Share of judged detections that people called false.', (kpis) => kpis.falsePositiveRate],
  ['false_alarms_per_day', 'Detections that people called false, per day.', (kpis) => kpis.falseAlarmsPerDay],
  ['missed', 'Confirmed incidents of which only alerts spoke.', (kpis) => kpis.missed],
  [
    'mean_time_to_detect_seconds',
    'From the first sign of a confirmed incident to the first word of the detectors.',
    (kpis) => kpis.timeToDetect.mean,
  ],
  ['mean_time_to_recover_seconds', 'From the opening of an incident to its end.', (kpis) => kpis.timeToRecover.mean],
  [
    'mean_lead_over_alerts_seconds',
    'How far the detectors were ahead of the first alert; below 0: behind it.',
    (kpis) => kpis.leadOverAlerts.mean,
  ],
]

/** @param read asked at each scrape; undefined while there is nothing to ask */
export function addKpiMetrics(registry: Registry, read: () => KpiValues | undefined): void {
  const registers = [registry]
  for (const [name, help, value] of GAUGES) {
    new Gauge({
      name: `homeostat_kpi_${name}`,
      help: `${help} Over the last 7 days.`,
      registers,
      collect() {
        const kpis = read()
        const now = kpis === undefined ? Number.NaN : value(kpis)
        if (Number.isNaN(now)) this.remove()
        else this.set(now)
      },
    })
  }
  new Gauge({
    name: 'homeostat_kpi_detections',
    help: 'Incidents in which the detectors spoke, by what they turned out to be. Over the last 7 days.',
    labelNames: ['judgement'],
    registers,
    collect() {
      const kpis = read()
      for (const judgement of JUDGEMENTS) this.set({ judgement }, kpis?.detections[judgement] ?? 0)
    },
  })
}
