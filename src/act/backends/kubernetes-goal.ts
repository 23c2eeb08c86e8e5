import { EffectError } from '../../pipeline/effects.ts'
import type { Order } from '../action.ts'
import type { KubernetesObject } from '../resource.ts'
import { describe } from '../resource.ts'
import type { KubernetesBody, Subresource } from './kubernetes.ts'

type ObjectOrder<P> = Pick<Order<KubernetesObject, P>, 'resource' | 'world' | 'signal'>

/** @throws {EffectError} `protected` outside of the namespaces that the configuration opens */
export function assertNamespace<P>({ resource, world }: Pick<Order<KubernetesObject, P>, 'resource' | 'world'>): void {
  if (world.kubernetes.namespaces.includes(resource.namespace)) return
  const why = `actions.kubernetes.namespaces does not open the namespace ${resource.namespace}`
  throw new EffectError('protected', 'no', `${describe(resource)} is never touched: ${why}`)
}

/** An object that may be touched. */
export async function lookAtObject<P>(order: ObjectOrder<P>, subresource: Subresource): Promise<KubernetesBody> {
  assertNamespace(order)
  const seen = await order.world.kubernetes.read(order.resource, subresource, order.signal)
  if (seen.metadata.deletionTimestamp === undefined) return seen
  throw new EffectError('precondition', 'no', `${describe(order.resource)} is being deleted already`)
}
