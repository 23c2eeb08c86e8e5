import type { Kpis, Mean } from '../domain/kpis.ts'
import type { KpisJson, MeanJson } from './contract.ts'
import { ApiError } from './problem.ts'
import { readQuery } from './query.ts'
import { type Route, read, wholeFleet } from './routes.ts'
import { KpisQuery } from './schemas/queries.ts'

const WEEK_MS = 7 * 86_400_000

/** Times are ms since the epoch, by the clock that incidents go by. */
export interface KpiSource {
  now(): number
  /** Of incidents that opened at or after `from`, and before `to`. @throws {JournalError} */
  read(from: number, to: number): Promise<Kpis>
}

/** How well trouble is detected and healed. Only for the whole fleet: a part of it is not told apart. */
export function kpiRoutes(kpis: KpiSource): Route[] {
  return [
    {
      pattern: '/api/v1/kpis',
      methods: {
        GET: wholeFleet(
          read(async (req, res) => {
            const { to = kpis.now(), period = WEEK_MS, from = to - period } = readQuery(req, KpisQuery)
            if (from >= to) throw new ApiError('invalid_parameter', 'from must lie before to')
            res.json(kpisJson(await kpis.read(from, to)) satisfies KpisJson)
          }),
        ),
      },
    },
  ]
}

function kpisJson(kpis: Kpis): KpisJson {
  return {
    from: new Date(kpis.from).toISOString(),
    to: new Date(kpis.to).toISOString(),
    incidents: kpis.incidents,
    detections: kpis.detections,
    missed: kpis.missed,
    detection_rate: finite(kpis.detectionRate),
    false_positive_rate: finite(kpis.falsePositiveRate),
    false_alarms_per_day: finite(kpis.falseAlarmsPerDay),
    time_to_detect: meanJson(kpis.timeToDetect),
    lead_over_alerts: meanJson(kpis.leadOverAlerts),
    time_to_recover: meanJson(kpis.timeToRecover),
    time_to_recover_acted: meanJson(kpis.timeToRecoverActed),
    time_to_recover_alone: meanJson(kpis.timeToRecoverAlone),
  }
}

function meanJson({ mean, of }: Mean): MeanJson {
  return { mean_seconds: finite(mean), of }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
