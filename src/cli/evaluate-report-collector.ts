import type { Verdict } from '../domain/verdict.ts'
import type { ReportAlarm, ReportHost } from './evaluate-report-data.ts'

/** Gathers what the page shows of one host while its rows stream by. */
export interface ReportCollector {
  add(at: number, verdict: Verdict): void
  host(name: string, facts: readonly string[], lossCurve: ReportHost['lossCurve']): ReportHost
}

const FEATURES_NAMED = 5

export function createReportCollector(): ReportCollector {
  const times: number[] = []
  const level: number[] = []
  const alarms: ReportAlarm[] = []
  /** The alarm under way, with the features of its highest level so far. */
  let open: { from: number; peak: number; features: readonly string[] } | undefined

  function finish(to: number): void {
    if (open !== undefined) alarms.push({ from: open.from, to, features: open.features })
    open = undefined
  }

  return {
    add(at, verdict) {
      const row = times.push(at) - 1
      level.push(verdict.level)
      if (!verdict.detected) return finish(row - 1)
      open ??= { from: row, peak: Number.NEGATIVE_INFINITY, features: [] }
      if (!(verdict.level > open.peak)) return
      open.peak = verdict.level
      open.features = verdict.contributions.slice(0, FEATURES_NAMED).map(({ feature }) => feature)
    },
    host(name, facts, lossCurve) {
      finish(times.length - 1)
      return { name, times, level, alarms, facts, lossCurve }
    },
  }
}
