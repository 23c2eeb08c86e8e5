import type { FeatureSeriesJson, ScorePointJson, TargetScoresJson } from './contract.ts'
import type { FeatureInfo } from './fleet.ts'
import type { FeatureSeriesFacts, ScorePointFacts, ScoresRequest, TargetScores } from './scores.ts'

/** @param feature what is known of a feature by its name */
export function scoresJson(
  target: string,
  { fromMs, toMs }: ScoresRequest,
  { stepMs, source, points, features, problems }: TargetScores,
  feature: (name: string) => FeatureInfo | undefined,
): TargetScoresJson {
  return {
    target,
    from: time(fromMs),
    to: time(toMs),
    step_seconds: stepMs / 1000,
    source,
    points: points.map(pointJson),
    features: features.map((series) => seriesJson(series, feature(series.name))),
    problems,
  }
}

function pointJson({ at, level, score, threshold, detected, detectors = {} }: ScorePointFacts): ScorePointJson {
  return {
    at: time(at),
    level: digits(level),
    score: digits(score),
    threshold: digits(threshold),
    detected: detected ?? null,
    detectors: Object.fromEntries(Object.entries(detectors).map(([name, one]) => [name, digits(one)])),
  }
}

function seriesJson({ name, source, points }: FeatureSeriesFacts, info: FeatureInfo | undefined): FeatureSeriesJson {
  return {
    name,
    unit: info?.unit ?? null,
    source,
    points: points.map(({ at, actual, expected }) => {
      return { at: time(at), actual: digits(actual), expected: digits(expected) }
    }),
  }
}

/** More digits than a chart shows would only make the answer longer. */
function digits(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(6)) : null
}

function time(ms: number): string {
  return new Date(ms).toISOString()
}
