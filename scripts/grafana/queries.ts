import type { Annotation, Variable } from './dashboard.ts'
import { COLORS } from './scale.ts'

/** What the variables of a dashboard have chosen. */
export const CHOSEN = 'job=~"$job",instance=~"$instance"'

/** A series of the targets, whether it was scraped or comes from a Pushgateway. */
export const ofTargets = (metric: string, by = 'instance, job'): string => `max by (${by}) (${metric}{${CHOSEN}})`

/** Events of a counter in each step; what began with its first event is seen as well, which `increase` would not. */
export function newEvents(counter: string, by: string, window: string): string {
  const now = `sum by (${by}) (${counter})`
  return `${now} - (sum by (${by}) (${counter} offset ${window}) or 0 * ${now})`
}

/** Variables of the targets that have scores. */
export const TARGETS: readonly Variable[] = [
  { name: 'job', label: 'Job', series: 'anomaly_level' },
  { name: 'instance', label: 'Instance', series: 'anomaly_level{job=~"$job"}' },
]

/** Marks where the detectors called something anomalous, and where something was done. */
export const MARKS: readonly Annotation[] = [
  {
    name: 'Anomalies',
    color: COLORS.amber,
    expr: `max by (instance, job) (anomaly_detected{${CHOSEN}}) == 1`,
    title: 'Anomaly of {{instance}}',
  },
  {
    name: 'Actions',
    color: COLORS.action,
    // Actions have no instance: those of the whole fleet are shown.
    expr: `${newEvents('homeostat_actions_total', 'action, state', '15s')} > 0`,
    title: '{{action}}: {{state}}',
  },
]
