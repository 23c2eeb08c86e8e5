import type { KpiSource } from '../api/kpi-routes.ts'
import { kpisOf } from '../domain/kpis.ts'
import type { Journal } from '../pipeline/journal.ts'
import type { Clock } from '../platform/clock.ts'
import type { Metrics } from '../platform/metrics.ts'
import type { Experience } from './experience.ts'

const WEEK_MS = 7 * 86_400_000

/** KPIs of any period by the API, and of the last 7 days among the metrics. */
export function createKpis(
  journal: Journal,
  experience: Pick<Experience, 'incidents'>,
  { now }: Pick<Clock, 'now'>,
  metrics: Pick<Metrics, 'kpisFrom'>,
): KpiSource {
  // Without the store: scrapes come often, and go on when it does not answer.
  metrics.kpisFrom(() => kpisOf(experience.incidents(), now() - WEEK_MS, now() + 1))
  return {
    now,
    async read(from, to) {
      const incidents = await journal.transaction((entries) => entries.incidentsSince(from))
      return kpisOf(incidents, from, to)
    },
  }
}
