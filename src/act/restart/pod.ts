import { EffectError } from '../../pipeline/effects.ts'
import type { Means } from '../action.ts'
import { assertNamespace, lookAtObject } from '../backends/kubernetes-goal.ts'
import type { KubernetesObject } from '../resource.ts'
import { describe } from '../resource.ts'

export const deletePod: Means<KubernetesObject> = {
  blastRadius: 'one pod; its controller starts another one, perhaps on another node',
  undo: 'none: the pod is gone, another one has its place',
  precondition: 'the uid and resourceVersion that were looked at; a controller owns the pod',
  success: 'the pod’s controller has as many ready replicas as before',
  timeoutMs: 30_000,
  check: assertNamespace,
  async prepare(order) {
    const { resource, world } = order
    const seen = await lookAtObject(order, '')
    const { uid, resourceVersion, ownerReferences = [] } = seen.metadata
    if (!ownerReferences.some(({ controller }) => controller === true)) {
      const message = `${describe(resource)} belongs to no controller: deleted, it would stay away`
      throw new EffectError('rejected', 'no', message)
    }
    return {
      call: `DELETE ${world.kubernetes.pathOf(resource)} with preconditions uid ${uid}, resourceVersion ${resourceVersion} (Kubernetes)`,
      async run(signal) {
        await world.kubernetes.remove(resource, seen, signal)
        return { message: `${describe(resource)} deleted; its controller starts another` }
      },
    }
  },
}
