import type { Target } from '../domain/target.ts'
import type { FeatureSeriesJson, TargetScoresJson } from './contract.ts'

export interface ScoresRequest {
  /** ms since the epoch; `fromMs` < `toMs` */
  readonly fromMs: number
  readonly toMs: number
  /** Names, each once. */
  readonly features: readonly string[]
}

/** What is known of a target's past; numbers that are not known are NaN, times ms since the epoch, all oldest first. */
export interface TargetScores {
  readonly stepMs: number
  readonly source: TargetScoresJson['source']
  readonly points: readonly ScorePointFacts[]
  readonly features: readonly FeatureSeriesFacts[]
  /** What could not be read, for people. */
  readonly problems: readonly string[]
}

export interface ScorePointFacts {
  readonly at: number
  readonly level: number
  readonly score: number
  readonly threshold: number
  readonly detected?: boolean
  /** By detector, 0–1. */
  readonly detectors?: Readonly<Record<string, number>>
}

export interface FeatureSeriesFacts {
  readonly name: string
  readonly source: FeatureSeriesJson['source']
  readonly points: readonly { readonly at: number; readonly actual: number; readonly expected: number }[]
}

/** Where charts get their numbers from. */
export interface Scores {
  /**
   * Does not fail where a source does: what could be read is what there is.
   *
   * @throws {ApiError} `overloaded` when too much is being read already
   */
  read(target: Target, request: ScoresRequest, signal: AbortSignal): Promise<TargetScores>
}
