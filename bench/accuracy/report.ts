import type { ReportHost } from '../../src/cli/evaluate-report-data.ts'
import { alarmEvents } from './events.ts'
import { highestRow } from './hit100.ts'
import type { Outcome } from './measure.ts'

const MERGE_MS = 10 * 60_000
/** The data carry no clock: the page counts from here. */
const FIRST_ROW_AT = Date.UTC(2026, 0, 1)
const FEATURES_NAMED = 5

/** One host of the page: level, alarm events with their features, labelled segments. */
export function reportHost({ method, host, scores, level, alarms, topFeatures }: Outcome): ReportHost {
  const { intervalMs, names } = host.test
  const events = alarmEvents(alarms, Math.round(MERGE_MS / intervalMs))
  return {
    name: `${host.name} · ${method}`,
    times: Float64Array.from(scores, (_, row) => FIRST_ROW_AT + row * intervalMs),
    level,
    alarms: events.map((event) => {
      const ranked = topFeatures === undefined ? [] : Array.from(topFeatures(highestRow(scores, event)))
      return { from: event[0], to: event[1], features: ranked.slice(0, FEATURES_NAMED).map((column) => names[column]) }
    }),
    segments: host.segments.map(([from, to]) => ({ from, to })),
  }
}
