import type { Contribution, Verdict } from '../domain/verdict.ts'

/** What the API shows of the fleet; every answer comes from memory. */
export interface Fleet {
  readonly firstCycleDone: boolean
  verdicts(): Iterable<Verdict>
  detail(id: string): TargetDetail | undefined
  /** The model that scores a target; undefined before there is one. */
  modelOf(id: string): ModelInfo | undefined
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
}
