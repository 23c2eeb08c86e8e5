import { z } from 'zod'
import { EffectError } from '../../pipeline/effects.ts'
import type { Means, Order, ReadyEffect } from '../action.ts'
import { assertNamespace, lookAtObject } from '../backends/kubernetes-goal.ts'
import type { KubernetesObject } from '../resource.ts'
import { describe } from '../resource.ts'

const undoParameters = z.strictObject({ replicas: z.int().min(0), expected: z.int().min(0) })

/** Why nothing but a deployment or a stateful set can be scaled. */
export const SCALE_REFUSALS = {
  container: 'Docker has no replicas: a container cannot be scaled; map the target to a deployment or a statefulset',
  unit: 'systemd has no replicas: a unit cannot be scaled; map the target to a deployment or a statefulset',
  pod: 'a pod cannot be scaled: map the target to its deployment or statefulset',
} as const

/** One replica more or less, within the bounds of the mapping. */
export function scaleBy(step: 1 | -1): Means<KubernetesObject> {
  return {
    blastRadius: step > 0 ? 'one more pod takes room on a node' : 'one pod ends; the others carry its load',
    undo: 'the number of replicas that it was, if it is still the one that this action set',
    precondition: 'the resourceVersion that was looked at; the new number is within min_replicas and max_replicas',
    success: 'readyReplicas equals the new number',
    timeoutMs: 30_000,
    check: assertNamespace,
    async prepare(order) {
      const { replicas, resourceVersion } = await lookAtScale(order)
      const wanted = replicas + step
      assertWithin(order.resource, replicas, wanted)
      return scaleTo(order, { from: replicas, to: wanted, resourceVersion })
    },
    async prepareUndo(order) {
      const { replicas: earlier, expected } = undoOf(order.parameters)
      const { replicas, resourceVersion } = await lookAtScale(order)
      if (replicas !== expected) {
        const message = `${describe(order.resource)} has ${replicas} replicas, not the ${expected} that were set: somebody else scaled it`
        throw new EffectError('precondition', 'no', message)
      }
      return scaleTo(order, { from: replicas, to: earlier, resourceVersion })
    },
  }
}

interface Step {
  readonly from: number
  readonly to: number
  readonly resourceVersion: string
}

type ScaleOrder = Order<KubernetesObject>

async function lookAtScale(order: ScaleOrder): Promise<{ replicas: number; resourceVersion: string }> {
  const { metadata, spec } = await lookAtObject(order, '/scale')
  // The API leaves zeros out.
  return { replicas: spec?.replicas ?? 0, resourceVersion: metadata.resourceVersion }
}

function assertWithin(resource: KubernetesObject, now: number, wanted: number): void {
  const { min, max } = resource.replicas
  const refuse = (why: string) =>
    new EffectError('rejected', 'no', `${describe(resource)} has ${now} replicas, and ${why}`)
  if (now === 0) throw refuse('that was somebody’s decision')
  if (wanted > now && max === undefined) throw refuse('its entry of actions.targets gives no max_replicas')
  if (wanted > now && wanted > (max ?? 0)) throw refuse(`max_replicas is ${max}`)
  if (wanted < now && wanted < min) throw refuse(`min_replicas is ${min}`)
}

function scaleTo({ resource, world }: ScaleOrder, { from, to, resourceVersion }: Step): ReadyEffect {
  const path = world.kubernetes.pathOf(resource, '/scale')
  return {
    call: `PATCH ${path} replicas ${from} → ${to}, resourceVersion ${resourceVersion} (Kubernetes)`,
    async run(signal) {
      const body = { metadata: { resourceVersion }, spec: { replicas: to } }
      await world.kubernetes.patch(resource, '/scale', { type: 'application/merge-patch+json', body }, signal)
      const message = `${describe(resource)} scaled from ${from} to ${to} replicas`
      return { message, undo: { replicas: from, expected: to } }
    },
  }
}

function undoOf(parameters: unknown): z.output<typeof undoParameters> {
  const result = undoParameters.safeParse(parameters)
  if (result.success) return result.data
  throw new EffectError('invalid', 'no', 'what was kept for the undo of scaling is not readable')
}
