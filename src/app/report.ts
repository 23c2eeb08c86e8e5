import type { TargetState } from '../domain/verdict.ts'
import type { TickResult, Verdicts } from '../pipeline/tick.ts'
import type { Logger } from '../platform/logger.ts'
import type { Metrics } from '../platform/metrics.ts'

/** Tells the metrics and the log what a cycle that succeeded brought. */
export function reportCycle({ matrix, verdicts, snapshot }: TickResult, metrics: Metrics, logger: Logger): void {
  const { cleaning } = matrix
  metrics.sourceUp(true)
  metrics.sourceWarned(snapshot.warnings.length)
  metrics.cleaned({
    forward_filled: cleaning.forwardFilled,
    missing: cleaning.missing,
    dropped_rows: cleaning.droppedRows,
  })
  metrics.newestSampleAt(newest(snapshot.sampledAt))
  logger.debug({ at: new Date(matrix.at).toISOString(), ...statesOf(verdicts) }, 'cycle')
}

/** Targets by state. */
export function statesOf(verdicts: Verdicts): Record<TargetState, number> {
  const counts = { fresh: 0, warming_up: 0, stale: 0 }
  for (const verdict of verdicts) if (verdict !== undefined) counts[verdict.state]++
  return counts
}

function newest(times: Float64Array): number {
  let latest = Number.NaN
  for (const time of times) if (!(time <= latest) && !Number.isNaN(time)) latest = time
  return latest
}

/** Tells the log which anomalies began and ended between two cycles. */
export function announceChanges(before: Verdicts, after: Verdicts, logger: Logger): void {
  for (const [slot, verdict] of after.entries()) {
    const earlier = before[slot]
    const same = earlier?.target.id === verdict?.target.id
    if (verdict?.detected && !(same && earlier?.detected)) {
      const features = verdict.contributions.slice(0, 3).map(({ feature }) => feature)
      logger.info({ target: verdict.target.id, level: round(verdict.level), features }, 'anomaly')
    } else if (same && earlier?.detected && verdict && !verdict.detected) {
      const ended = verdict.adopted ? 'anomaly ended: it lasted and is taken for the new normal' : 'anomaly ended'
      logger.info({ target: verdict.target.id, state: verdict.state }, ended)
    }
  }
}

function round(level: number): number {
  return Math.round(level * 100) / 100
}
