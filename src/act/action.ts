import type { z } from 'zod'
import type { ActionName, Parameters } from '../domain/decision.ts'
import type { EffectOutcome } from '../pipeline/effects.ts'
import type { Container, KubernetesObject, Resource, ResourceKind, Unit } from './resource.ts'
import type { Labels } from './slot.ts'
import type { World } from './world.ts'

/** What `prepare` works with. `resource` is undefined for an action that finds its own way, such as `http`. */
export interface Order<R = Resource | undefined, P = Parameters> {
  readonly resource: R
  readonly parameters: P
  /** Those of the target win over those of its alerts. Chosen by others: through slots only. */
  readonly labels: Labels
  readonly world: World
  readonly signal: AbortSignal
}

/** An effect whose goal was found and looked at. */
export interface ReadyEffect {
  /** The exact call, without secrets. */
  readonly call: string
  /** Where it differs from the means' own. */
  readonly timeoutMs?: number
  /** @throws {EffectError} `precondition` when the goal is no longer as it was looked at */
  run(signal: AbortSignal): Promise<EffectOutcome>
}

/** One way of doing an action: to a container, to a deployment, … The four texts are for people. */
export interface Means<R = Resource | undefined, P = Parameters> {
  /** What it touches beside the target. */
  readonly blastRadius: string
  readonly undo: string
  readonly precondition: string
  /** How success is seen from outside. */
  readonly success: string
  readonly timeoutMs: number
  /**
   * Says what can be said without asking anyone.
   *
   * @throws {EffectError}
   */
  check?(order: Omit<Order<R, P>, 'signal'>): void
  /** Looks at the goal; changes nothing. @throws {EffectError} with `happened: 'no'` */
  prepare(order: Order<R, P>): Promise<ReadyEffect>
  /** `parameters` are what an earlier effect left as `undo`; they come from the store. */
  prepareUndo?(order: Order<R, Parameters>): Promise<ReadyEffect>
}

/** An action without a mapped resource states `direct`; the others state what they can be done to. */
export interface ActionDefinition<P = Parameters> {
  readonly name: ActionName
  readonly summary: string
  /** Strict: what a rule may say beside the action's name. */
  readonly parameters: z.ZodType<P>
  readonly direct?: Means<undefined, P>
  readonly on?: {
    readonly container?: Means<Container, P>
    readonly unit?: Means<Unit, P>
    readonly pod?: Means<KubernetesObject, P>
    readonly deployment?: Means<KubernetesObject, P>
    readonly statefulset?: Means<KubernetesObject, P>
    readonly ingress?: Means<KubernetesObject, P>
  }
  /** Why it cannot be done to a kind for which one might expect it. */
  readonly refusals?: Readonly<Partial<Record<ResourceKind, string>>>
}

/** A definition as the runner sees it: its own parameters have become the runner's business. */
export type Action = ActionDefinition<Parameters>

/** Declares an action. Its means are called only with parameters that its own schema has read. */
export function defineAction<P extends Parameters>(definition: ActionDefinition<P>): Action {
  // Means are methods, so a means for narrower parameters stands where one for any is asked; the runner parses first.
  return definition as unknown as Action
}
