import { z } from 'zod'
import { EffectError } from '../../pipeline/effects.ts'
import type { Means, Order, ReadyEffect } from '../action.ts'
import { assertNamespace, lookAtObject } from '../backends/kubernetes-goal.ts'
import type { KubernetesObject } from '../resource.ts'
import { describe } from '../resource.ts'
import type { ThrottleParameters } from './parameters.ts'

const ANNOTATION = 'nginx.ingress.kubernetes.io/limit-rps'

/** Texts as annotations are; empty for no limit. */
const undoParameters = z.strictObject({ limit: z.string().max(32), expected: z.string().max(32) })

export const throttleIngress: Means<KubernetesObject, ThrottleParameters> = {
  blastRadius: 'all who come through the ingress: nginx answers 503 beyond the limit, per client address',
  undo: 'the limit that it had, or none, if it is still the one that this action set',
  precondition: 'the resourceVersion that was looked at; the new limit is lower',
  success: `the annotation ${ANNOTATION} has the new value`,
  timeoutMs: 30_000,
  check: assertNamespace,
  async prepare(order) {
    const { requests_per_second: wanted } = order.parameters
    const { limit, resourceVersion } = await lookAtLimit(order)
    if (limit !== '' && !(Number(limit) > wanted)) {
      const message = `${describe(order.resource)} is limited to ${JSON.stringify(limit)} requests/s already; ${wanted} would not be less`
      throw new EffectError('rejected', 'no', message)
    }
    return limitTo(order, { from: limit, to: String(wanted), resourceVersion })
  },
  async prepareUndo(order) {
    const result = undoParameters.safeParse(order.parameters)
    if (!result.success) {
      throw new EffectError('invalid', 'no', 'what was kept for the undo of throttling is not readable')
    }
    const { limit: earlier, expected } = result.data
    const { limit, resourceVersion } = await lookAtLimit(order)
    if (limit !== expected) {
      const message = `${describe(order.resource)} has the limit ${JSON.stringify(limit)}, not the ${expected} that was set: somebody else changed it`
      throw new EffectError('precondition', 'no', message)
    }
    return limitTo(order, { from: limit, to: earlier, resourceVersion })
  },
}

type IngressOrder = Pick<Order<KubernetesObject>, 'resource' | 'world' | 'signal'>

async function lookAtLimit(order: IngressOrder): Promise<{ limit: string; resourceVersion: string }> {
  const { annotations = {}, resourceVersion } = (await lookAtObject(order, '')).metadata
  return { limit: Object.hasOwn(annotations, ANNOTATION) ? annotations[ANNOTATION] : '', resourceVersion }
}

interface Change {
  readonly from: string
  readonly to: string
  readonly resourceVersion: string
}

function limitTo({ resource, world }: IngressOrder, { from, to, resourceVersion }: Change): ReadyEffect {
  const inWords = (limit: string) => (limit === '' ? 'no limit' : `${limit} requests/s`)
  const path = world.kubernetes.pathOf(resource)
  return {
    call: `PATCH ${path} ${ANNOTATION}: ${inWords(from)} → ${inWords(to)}, resourceVersion ${resourceVersion} (Kubernetes)`,
    async run(signal) {
      // In a merge patch null takes a key away.
      const annotations = { [ANNOTATION]: to === '' ? null : to }
      const body = { metadata: { resourceVersion, annotations } }
      await world.kubernetes.patch(resource, '', { type: 'application/merge-patch+json', body }, signal)
      const message = `${describe(resource)}: ${inWords(from)} before, ${inWords(to)} now`
      return { message, undo: { limit: from, expected: to } }
    },
  }
}
