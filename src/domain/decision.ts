/** What can be done about a target. `alert` only tells people. */
export const ACTIONS = ['restart', 'scale_up', 'scale_down', 'throttle', 'exec', 'http', 'alert'] as const
export type ActionName = (typeof ACTIONS)[number]

/**
 * How much a rule may do by itself. observe: only recorded, with the exact call; suggest: also told to people; approve:
 * waits for a person's yes; auto: done when no guard objects.
 */
export const MODES = ['observe', 'suggest', 'approve', 'auto'] as const
export type Mode = (typeof MODES)[number]

export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

/** The reasons to say no, in the order in which they are asked. */
export const GUARDS = [
  'kill_switch',
  'protected',
  'selector',
  'fresh_data',
  'recovered',
  'maintenance',
  'soak',
  'flap',
  'fleet_breaker',
  'self_stop',
  'attempts',
  'cooldown',
  'concurrency',
  'rate',
] as const
export type GuardName = (typeof GUARDS)[number]

/** execute: planned; ask: waits for a person; observe: recorded only; refuse: a guard says no; none: no rule matches. */
export type DecisionVerdict = 'execute' | 'ask' | 'observe' | 'refuse' | 'none'

export type Parameters = Readonly<Record<string, string | number | boolean>>

/** How success is seen: by the signal that began it, or by a PromQL expression that must give a non-zero result. */
export interface Verification {
  readonly promql?: string
  /** Time until the first look, and until recovery must be seen; ms after the effect. */
  readonly afterMs: number
  readonly withinMs: number
}

/** What a rule wants done about a target, before the guards are asked. */
export interface Proposal {
  readonly rule: string
  readonly action: ActionName
  readonly parameters: Parameters
  readonly severity: Severity
  readonly mode: Mode
  readonly verification: Verification
  /** Place on the rule's ladder: 0 is its first action. */
  readonly step: number
  /** Steps of the ladder in all, ≥ 1. */
  readonly steps: number
}
