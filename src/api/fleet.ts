import type { Unit } from '../domain/feature.ts'
import type { Contribution, Verdict } from '../domain/verdict.ts'

/** What the API shows of the fleet; every answer comes from memory. */
export interface Fleet {
  readonly firstCycleDone: boolean
  /** Time of the newest cycle, ms since the epoch; undefined before the first. */
  readonly cycleAt: number | undefined
  verdicts(): Iterable<Verdict>
  detail(id: string): TargetDetail | undefined
  /** The model that scores a target; undefined before there is one. */
  modelOf(id: string): ModelInfo | undefined
  /** When a target that is warming up should have its first score, ms since the epoch; undefined where nobody can say. */
  readyAt(id: string): number | undefined
  /** The group that a target's safety is counted in; empty where it has none. */
  groupOf(labels: Verdict['target']['labels']): string
  /** What is known of a feature by its name. */
  feature(name: string): FeatureInfo | undefined
}

export interface FeatureInfo {
  readonly unit?: Unit
  /** In a few words. */
  readonly help: string
}

export interface TargetDetail {
  readonly verdict: Verdict
  /** Every feature, strongest first. */
  readonly features: readonly Contribution[]
  /** The target's false-alarm budget: that of the configuration, moved by feedback. */
  readonly alarmsPerDay: number
  /** The model behind the score, where there is one. */
  readonly model?: ModelInfo
}

export interface ModelInfo {
  readonly id: string
  readonly scope: 'host' | 'group'
  /** ms since the epoch */
  readonly trainedAt: number
  /** Time that its training data spans, ms. */
  readonly spanMs: number
  /** Mean squared error over scaled features at the end of its training; undefined where not known. */
  readonly trainingLoss?: number
  readonly validationLoss?: number
}
