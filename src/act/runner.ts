import type { ActionName, Parameters } from '../domain/decision.ts'
import { type Effect, EffectError, type EffectRequest, type Effects } from '../pipeline/effects.ts'
import type { Clock } from '../platform/clock.ts'
import { redactUrls } from '../platform/secrets.ts'
import type { Action, Means, Order, ReadyEffect } from './action.ts'
import { withDeadline } from './deadline.ts'
import { type MappingRule, mappedResources, resolveMapping } from './mapping.ts'
import { assertUnprotected, protectedResource, protectedTarget } from './protection.ts'
import { asEffectError, redact } from './redact.ts'
import { describe, type Resource, type ResourceKind } from './resource.ts'
import type { Labels } from './slot.ts'
import type { World } from './world.ts'

export interface RunnerOptions {
  readonly actions: readonly Action[]
  readonly mapping: readonly MappingRule[]
  readonly world: World
}

/** Looking at a goal is one or two requests. */
const LOOK_MS = 10_000

/** Implements the pipeline's port: mapping → definition → look → run, with every error an EffectError. */
export function createRunner({ actions, mapping, world }: RunnerOptions): Effects {
  const definitions = new Map<ActionName, Action>(actions.map((action) => [action.name, action]))

  function plan(request: EffectRequest): { action: Action; means: Means; order: Omit<Order, 'signal'> } {
    const labels = labelsOf(request)
    const action = definitions.get(request.action)
    if (action === undefined) throw new EffectError('invalid', 'no', `there is no action ${request.action}`)
    const carrier = carrierOf(action.name, labels)
    if (carrier !== undefined) {
      assertTargetUnprotected(labels)
      const order = { resource: undefined, labels, world, parameters: { request: carrier } }
      return { action, means: httpMeans, order }
    }
    const { means, resource } = meansOf(action, request, labels)
    if (resource !== undefined) assertUnprotected(resource, world.protection)
    return { action, means, order: { resource, labels, world, parameters: request.parameters } }
  }

  const httpMeans = definitions.get('http')?.direct as Means

  /** The HTTP request that carries an action out for a target. @throws {EffectError} where two of them would */
  function carrierOf(action: ActionName, labels: Labels): string | undefined {
    const [one, other] = world.http.requests.filter(({ does, matches }) => does === action && matches(labels))
    if (other === undefined) return one?.name
    const message = `${one.place} and ${other.place} both say how to ${action} this target: it must be one of them`
    throw new EffectError('invalid', 'no', message)
  }

  /** An action with a goal of its own, or the one that the mapping gives it. */
  function meansOf(action: Action, request: EffectRequest, labels: Labels): { means: Means; resource?: Resource } {
    // To tell people is no touch; everything else leaves our own servers alone.
    if (action.name !== 'alert') assertTargetUnprotected(labels)
    if (action.direct !== undefined) return { means: action.direct as Means }
    const ways = action.on ?? {}
    const refusals = action.refusals ?? {}
    const kinds = Object.keys({ ...ways, ...refusals }) as ResourceKind[]
    const resource = resolveMapping(mapping, labels, kinds, request.target.id)
    const means = ways[resource.kind] as Means | undefined
    if (means === undefined) throw new EffectError('invalid', 'no', refusals[resource.kind] ?? 'cannot be done')
    return { means, resource }
  }

  function assertTargetUnprotected(labels: Labels): void {
    const why = protectedTarget(world.protection, labels)
    if (why !== undefined) throw new EffectError('protected', 'no', `the target is never touched: ${why}`)
  }

  function planChecked(request: EffectRequest) {
    const planned = plan(request)
    const checked = parametersOf(planned.action, request.parameters)
    const order =
      planned.means === httpMeans && planned.action.name !== 'http'
        ? planned.order
        : { ...planned.order, parameters: checked }
    planned.means.check?.(order)
    return { means: planned.means, order }
  }

  return {
    async prepare(request, signal) {
      return looking(signal, world.clock, async (deadline) => {
        const { means, order } = planChecked(request)
        return effectOf(means, await means.prepare({ ...order, signal: deadline }), world.clock)
      })
    },
    async prepareUndo(request, undo, signal) {
      return looking(signal, world.clock, async (deadline) => {
        const { means, order } = plan(request)
        if (means.prepareUndo === undefined) {
          throw new EffectError('invalid', 'no', `${request.action} cannot be undone: ${means.undo}`)
        }
        const ready = await means.prepareUndo({ ...order, parameters: undo, signal: deadline })
        return effectOf(means, ready, world.clock)
      })
    },
    selector(request) {
      try {
        planChecked(request)
        return { ok: true }
      } catch (error) {
        return { ok: false, reason: asEffectError(error, 'no').message }
      }
    },
    protectedBy(request) {
      const labels = labelsOf(request)
      const ofItself = protectedTarget(world.protection, labels)
      if (ofItself !== undefined) return ofItself
      for (const resource of mappedResources(mapping, labels)) {
        const why = protectedResource(resource, world.protection)
        if (why !== undefined) return `${describe(resource)}: ${why}`
      }
    },
  }
}

/** An alert may not rename its target: the target's own labels win. */
function labelsOf({ target, labels }: Pick<EffectRequest, 'target' | 'labels'>): Labels {
  return { ...labels, ...target.labels }
}

function parametersOf(action: Action, given: Parameters): Parameters {
  const result = action.parameters.safeParse(given)
  if (result.success) return result.data
  const wrong = result.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '))
  throw new EffectError('invalid', 'no', `parameters of ${action.name}: ${redact(wrong.join('; '))}`)
}

async function looking<T>(signal: AbortSignal, clock: Clock, look: (deadline: AbortSignal) => Promise<T>): Promise<T> {
  try {
    return await withDeadline({ clock, signal, ms: LOOK_MS, what: 'looking at the target' }, look)
  } catch (error) {
    throw asEffectError(error, 'no')
  }
}

function effectOf(means: Means, ready: ReadyEffect, clock: Clock): Effect {
  const timeoutMs = ready.timeoutMs ?? means.timeoutMs
  let begun = false
  return {
    call: redactUrls(ready.call),
    blastRadius: means.blastRadius,
    timeoutMs,
    async run(signal) {
      if (begun) throw new EffectError('precondition', 'no', 'this effect was begun before; it is never begun twice')
      begun = true
      try {
        const outcome = await withDeadline({ clock, signal, ms: timeoutMs, what: 'the effect' }, ready.run)
        return { ...outcome, message: redact(outcome.message) }
      } catch (error) {
        throw asEffectError(error, 'unknown')
      }
    },
  }
}
