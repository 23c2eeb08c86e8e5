import type { FeatureJson, FeatureSeriesJson, TargetDetailJson } from '../../../api/contract.ts'
import type { Span } from '../../charts/spans.ts'
import { formatClock, formatDuration, formatLevel, formatRelative } from '../../format.ts'
import { featureWords, formatValue, unitOf } from '../../format-value.ts'
import { bandOf } from '../../level.ts'
import { trendOf } from './trend.ts'

/** How the strongest feature went, and when the target was anomalous. */
export interface Past {
  readonly series: FeatureSeriesJson
  readonly spans: readonly Span[]
}

/** Pairs of actual and expected that make a usual deviation. */
const FEWEST_PAIRS = 20

/**
 * What is the matter, before any chart: "memory 93 %, expected 46 ± 3; rising for 6 min; only this one of 12".
 *
 * @param past of the strongest feature, where it is known
 * @param now ms since the epoch
 */
export function evidenceOf(target: TargetDetailJson, past: Past | undefined, now: number): string {
  if (target.state === 'stale') return staleSentence(target, now)
  if (target.state === 'warming_up' || target.level === null) return warmingSentence(target, now)
  const strongest = target.features[0]
  if (!target.detected && bandOf(target.level) === 'neutral') {
    return `Nothing stands out: level ${formatLevel(target.level)}, and the threshold is at 1.`
  }
  const parts = [deviation(strongest, past), course(target, past, now), peers(target)]
  const said = parts.filter((part) => part !== undefined).join('; ')
  return said === '' ? `Level ${formatLevel(target.level)}, and no feature stands out.` : `${said}.`
}

function staleSentence({ updated_at }: TargetDetailJson, now: number): string {
  if (updated_at === null) return 'No data yet: nothing can be said of it.'
  const at = Date.parse(updated_at)
  return `No data for ${formatDuration((now - at) / 1000)}: the last reading is of ${formatClock(at)}.`
}

function warmingSentence({ ready_at }: TargetDetailJson, now: number): string {
  const at = Date.parse(ready_at ?? '')
  if (!(at > now)) return 'Warming up: the first score is about to come.'
  return `Warming up: scores from ${formatClock(at)}, ${formatRelative(at, now)}.`
}

/** `memory 93 %, expected 46 % ± 3 %` */
function deviation(feature: FeatureJson | undefined, past: Past | undefined): string | undefined {
  if (feature === undefined || feature.actual === null || !(feature.share !== null && feature.share > 0))
    return undefined
  const unit = unitOf(feature.name, feature.unit)
  const said = `${featureWords(feature.name)} ${formatValue(feature.actual, unit)}`
  if (feature.expected === null) return said
  const usual = usualDeviation(past)
  const around = usual === undefined ? '' : ` ± ${formatValue(usual, unit)}`
  return `${said}, expected ${formatValue(feature.expected, unit)}${around}`
}

/** How far readings lie from what was expected while all is well: the middle one of those shown. */
export function usualDeviation(past: Past | undefined): number | undefined {
  const anomalous = past?.spans.filter((span) => span.anomalous) ?? []
  const isAnomalous = (at: number) => anomalous.some(({ from, to }) => at >= from && at < to)
  const errors = (past?.series.points ?? []).flatMap(({ at, actual, expected }) =>
    actual === null || expected === null || isAnomalous(Date.parse(at)) ? [] : [Math.abs(actual - expected)],
  )
  if (errors.length < FEWEST_PAIRS) return undefined
  return errors.sort((a, b) => a - b)[errors.length >> 1]
}

function course({ incident }: TargetDetailJson, past: Past | undefined, now: number): string | undefined {
  const samples = (past?.series.points ?? []).map(({ at, actual }) => ({ at: Date.parse(at), value: actual }))
  const trend = trendOf(samples)
  if (trend !== undefined) return `${trend.direction} for ${formatDuration((now - trend.since) / 1000)}`
  if (incident === null || incident.closed_at !== null) return undefined
  return `for ${formatDuration(Math.max(0, now - Date.parse(incident.opened_at)) / 1000)}`
}

function peers({ peers: of, detected }: TargetDetailJson): string | undefined {
  if (of === null || of.size < 2 || !detected) return undefined
  if (of.anomalous <= 1) return `only this one of ${of.size} in ${of.group}`
  return `${of.anomalous} of ${of.size} in ${of.group}`
}
