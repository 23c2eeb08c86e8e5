import type { Means } from '../action.ts'
import { assertUnchanged, lookAtContainer } from '../backends/container-goal.ts'
import type { Container } from '../resource.ts'

export const restartContainer: Means<Container> = {
  blastRadius: 'whoever talks to the container; its connections break, what it holds in memory is gone',
  undo: 'none: what was in memory is gone',
  precondition: 'the same container, and nobody else restarted it since it was looked at',
  success: 'State.StartedAt of the container is newer',
  timeoutMs: 60_000,
  async prepare(order) {
    const { docker } = order.world
    const seen = await lookAtContainer(order, order.signal)
    return {
      call: `POST /containers/${seen.id.slice(0, 12)}/restart?t=${docker.stopSeconds} (container ${seen.name}, Docker)`,
      async run(signal) {
        await assertUnchanged(order, seen, signal)
        await docker.restart(seen.id, signal)
        return { message: `container ${seen.name} restarted` }
      },
    }
  },
}
