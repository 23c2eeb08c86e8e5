import type { FeatureSeriesJson, TargetScoresJson } from '../../../api/contract.ts'
import { type Sample, type Span, spansOf, usualStep } from '../../charts/spans.ts'

/** Scores as charts take them. */
export interface Picture {
  readonly range: { readonly from: number; readonly to: number }
  readonly stepMs: number
  readonly level: readonly Sample[]
  /** What was anomalous when. */
  readonly spans: readonly Span[]
  /** By detector. */
  readonly detectors: ReadonlyMap<string, readonly Sample[]>
  readonly features: ReadonlyMap<string, FeaturePicture>
}

export interface FeaturePicture {
  readonly series: FeatureSeriesJson
  readonly stepMs: number
  readonly actual: readonly Sample[]
  readonly expected: readonly Sample[]
}

export function pictureOf({ from, to, step_seconds, points, features }: TargetScoresJson): Picture {
  const times = points.map(({ at }) => Date.parse(at))
  const stepMs = usualStep(times, step_seconds * 1000)
  const detectors = new Map<string, Sample[]>()
  for (const [i, point] of points.entries()) {
    for (const [name, value] of Object.entries(point.detectors)) {
      const samples = detectors.get(name) ?? []
      detectors.set(name, samples)
      samples.push({ at: times[i], value })
    }
  }
  return {
    range: { from: Date.parse(from), to: Date.parse(to) },
    stepMs,
    level: points.map(({ level }, i) => ({ at: times[i], value: level })),
    spans: spansOf(
      points.map(({ detected }, i) => ({ at: times[i], anomalous: detected })),
      stepMs,
    ),
    detectors,
    features: new Map(features.map((series) => [series.name, featurePicture(series, step_seconds * 1000)])),
  }
}

function featurePicture(series: FeatureSeriesJson, promisedMs: number): FeaturePicture {
  const times = series.points.map(({ at }) => Date.parse(at))
  return {
    series,
    stepMs: usualStep(times, promisedMs),
    actual: series.points.map(({ actual }, i) => ({ at: times[i], value: actual })),
    expected: series.points.map(({ expected }, i) => ({ at: times[i], value: expected })),
  }
}
