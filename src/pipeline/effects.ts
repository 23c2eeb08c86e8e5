import type { ActionName, Parameters } from '../domain/decision.ts'
import type { Target } from '../domain/target.ts'

/** What is asked of `act/`: one action on one target. */
export interface EffectRequest {
  readonly target: Target
  readonly action: ActionName
  readonly parameters: Parameters
  /** Labels of the target and of its alerts. Chosen by others: they reach a call through named slots only. */
  readonly labels: Readonly<Record<string, string>>
}

/** What an effect left behind. */
export interface EffectOutcome {
  /** For people: `container web restarted`. */
  readonly message: string
  /** What `undo` needs to take it back; undefined where nothing does. */
  readonly undo?: Parameters
}

/** An effect that is ready: its target was found and looked at, nothing was changed yet. */
export interface Effect {
  /** The exact call, without secrets. */
  readonly call: string
  /** What it touches beside the target, for people. */
  readonly blastRadius: string
  readonly timeoutMs: number
  /**
   * Does it once, on condition that the target is still as it was looked at.
   *
   * @throws {EffectError}
   */
  run(signal: AbortSignal): Promise<EffectOutcome>
}

/** `act/` as the pipeline uses it. */
export interface Effects {
  /**
   * Whether the explicit mappings name exactly one thing for a request, and its slots fit; asks that thing nothing, so
   * that guards can ask for every decision.
   */
  selector(request: EffectRequest): { readonly ok: true } | { readonly ok: false; readonly reason: string }
  /** Why the target must never be touched; undefined for the others. */
  protectedBy(request: Pick<EffectRequest, 'target' | 'labels'>): string | undefined
  /**
   * Finds what the request means by the explicit mappings and looks at it; changes nothing.
   *
   * @throws {EffectError} with `happened: 'no'`
   */
  prepare(request: EffectRequest, signal: AbortSignal): Promise<Effect>
  /** The effect that takes back an earlier one. @throws {EffectError} when there is no undo, or its target is gone */
  prepareUndo(request: EffectRequest, undo: Parameters, signal: AbortSignal): Promise<Effect>
}

/** unmapped: no mapping names this target; protected: never to be touched; invalid: a parameter or a label does not fit. */
export type EffectFailure =
  | 'unmapped'
  | 'protected'
  | 'invalid'
  | 'not_found'
  | 'precondition'
  | 'unauthorized'
  | 'rejected'
  | 'unavailable'
  | 'timeout'

/** An effect that did not come about, or of which nobody knows whether it did. */
export class EffectError extends Error {
  override readonly name = 'EffectError'
  readonly reason: EffectFailure
  /** `unknown` where the request may have reached its goal all the same. */
  readonly happened: 'no' | 'unknown'

  constructor(reason: EffectFailure, happened: 'no' | 'unknown', message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
    this.happened = happened
  }
}
