import type { FeatureJson, FeatureSeriesJson, TargetDetailJson } from '../../../api/contract.ts'
import { formatClock, formatDuration, formatLevel, formatRelative } from '../../format.ts'
import { featureWords, formatValue, unitOf } from '../../format-value.ts'
import { bandOf } from '../../level.ts'
import { trendOf } from './trend.ts'

/** Pairs of actual and expected that make a usual deviation. */
const FEWEST_PAIRS = 20

/**
 * What is the matter, before any chart: "memory 93 %, expected 46 ± 3; rising for 6 min; only this one of 12".
 *
 * @param series of the strongest feature, where there is one
 * @param now ms since the epoch
 */
export function evidenceOf(target: TargetDetailJson, series: FeatureSeriesJson | undefined, now: number): string {
  if (target.state === 'stale') return staleSentence(target, now)
  if (target.state === 'warming_up' || target.level === null) return warmingSentence(target, now)
  const strongest = target.features[0]
  if (!target.detected && bandOf(target.level) === 'neutral') {
    return `Nothing stands out: level ${formatLevel(target.level)}, and the threshold is at 1.`
  }
  const parts = [deviation(strongest, series), course(target, series, now), peers(target)]
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
function deviation(feature: FeatureJson | undefined, series: FeatureSeriesJson | undefined): string | undefined {
  if (feature === undefined || feature.actual === null || !(feature.share !== null && feature.share > 0))
    return undefined
  const unit = unitOf(feature.name, feature.unit)
  const said = `${featureWords(feature.name)} ${formatValue(feature.actual, unit)}`
  if (feature.expected === null) return said
  const usual = usualDeviation(series)
  const around = usual === undefined ? '' : ` ± ${formatValue(usual, unit)}`
  return `${said}, expected ${formatValue(feature.expected, unit)}${around}`
}

/** How far readings usually lie from what was expected: the middle one of all shown, so that an anomaly does not count. */
export function usualDeviation(series: FeatureSeriesJson | undefined): number | undefined {
  const errors = (series?.points ?? []).flatMap(({ actual, expected }) =>
    actual === null || expected === null ? [] : [Math.abs(actual - expected)],
  )
  if (errors.length < FEWEST_PAIRS) return undefined
  return errors.sort((a, b) => a - b)[errors.length >> 1]
}

function course(
  { incident }: TargetDetailJson,
  series: FeatureSeriesJson | undefined,
  now: number,
): string | undefined {
  const samples = (series?.points ?? []).map(({ at, actual }) => ({ at: Date.parse(at), value: actual }))
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
