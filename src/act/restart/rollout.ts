import { EffectError } from '../../pipeline/effects.ts'
import type { Means } from '../action.ts'
import { assertNamespace, lookAtObject } from '../backends/kubernetes-goal.ts'
import type { KubernetesObject } from '../resource.ts'
import { describe } from '../resource.ts'

export const rolloutRestart: Means<KubernetesObject> = {
  blastRadius: 'all pods of the workload, one after the other as its strategy says',
  undo: 'none: the pods run the same template as before',
  precondition: 'the resourceVersion that was looked at; the rollout is not paused',
  success: 'the rollout completes: updatedReplicas and readyReplicas equal replicas',
  timeoutMs: 30_000,
  check: assertNamespace,
  async prepare(order) {
    const { resource, world } = order
    const seen = await lookAtObject(order, '')
    const { resourceVersion } = seen.metadata
    if (seen.spec?.paused === true) {
      throw new EffectError('rejected', 'no', `${describe(resource)} is paused: a restart would change nothing`)
    }
    const path = world.kubernetes.pathOf(resource)
    return {
      call: `PATCH ${path} restartedAt of the pod template = now, resourceVersion ${resourceVersion} (Kubernetes)`,
      async run(signal) {
        const restartedAt = new Date(world.clock.now()).toISOString()
        const annotations = { 'kubectl.kubernetes.io/restartedAt': restartedAt }
        const body = { metadata: { resourceVersion }, spec: { template: { metadata: { annotations } } } }
        const type = 'application/strategic-merge-patch+json'
        await world.kubernetes.patch(resource, '', { type, body }, signal)
        return { message: `${describe(resource)} restarts its pods one after the other` }
      },
    }
  },
}
