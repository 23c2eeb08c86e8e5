import { z } from 'zod'
import { EffectError } from '../../pipeline/effects.ts'
import type { Means, Order, ReadyEffect } from '../action.ts'
import { assertUnchanged, lookAtContainer } from '../backends/container-goal.ts'
import type { ContainerState, CpuLimit } from '../backends/docker.ts'
import type { Container } from '../resource.ts'
import type { ThrottleParameters } from './parameters.ts'

const undoParameters = z.strictObject({
  container: z.string().min(1),
  cpus: z.number().min(0),
  expected: z.number().min(0),
})

export const throttleContainer: Means<Container, ThrottleParameters> = {
  blastRadius: 'the container alone: it gets less processor time and answers more slowly',
  undo: 'the limit that it had, or all processors of the machine, if the limit is still the one that this action set',
  precondition: 'the same container, not restarted since it was looked at; the new limit is lower',
  success: 'HostConfig of the container has the new limit',
  timeoutMs: 30_000,
  async prepare(order) {
    const seen = await lookAtContainer(order, order.signal)
    if (!seen.running) throw new EffectError('rejected', 'no', `container ${seen.name} does not run`)
    const before = cpusOf(seen)
    const { cpus } = order.parameters
    if (before !== 0 && before <= cpus) {
      const message = `container ${seen.name} is limited to ${before} CPUs already; ${cpus} would not be less`
      throw new EffectError('rejected', 'no', message)
    }
    return limitTo(order, seen, before, cpus)
  },
  async prepareUndo(order) {
    const result = undoParameters.safeParse(order.parameters)
    if (!result.success) {
      throw new EffectError('invalid', 'no', 'what was kept for the undo of throttling is not readable')
    }
    const { container, cpus, expected } = result.data
    const seen = await lookAtContainer(order, order.signal)
    if (seen.id !== container) {
      throw new EffectError('precondition', 'no', `container ${seen.name} was made anew: its limit is its own again`)
    }
    if (cpusOf(seen) !== expected) {
      const message = `container ${seen.name} is limited to ${cpusOf(seen)} CPUs, not to the ${expected} that were set: somebody else changed it`
      throw new EffectError('precondition', 'no', message)
    }
    // The engine takes 0 for "as it is": no limit can only be said as all processors.
    const wanted = cpus === 0 ? await order.world.docker.processors(order.signal) : cpus
    return limitTo(order, seen, expected, wanted)
  },
}

type ContainerOrder = Pick<Order<Container>, 'resource' | 'world'>

function limitTo(order: ContainerOrder, seen: ContainerState, from: number, to: number): ReadyEffect {
  const limit = limitOf(seen, to)
  return {
    call: `POST /containers/${seen.id.slice(0, 12)}/update ${JSON.stringify(limit)} (container ${seen.name}, Docker)`,
    async run(signal) {
      await assertUnchanged(order, seen, signal)
      await order.world.docker.limitCpus(seen.id, limit, signal)
      const before = from === 0 ? 'no limit' : `${from} CPUs`
      const message = `container ${seen.name}: ${before} before, ${to} CPUs now`
      return { message, undo: { container: seen.id, cpus: from, expected: to } }
    },
  }
}

/** 0 for no limit. */
function cpusOf({ nanoCpus, cpuQuota, cpuPeriod }: ContainerState): number {
  return nanoCpus > 0 ? nanoCpus / 1e9 : cpuQuota / cpuPeriod
}

/** The engine refuses one of the two notations while a limit in the other stands. */
function limitOf({ nanoCpus, cpuQuota, cpuPeriod }: ContainerState, cpus: number): CpuLimit {
  if (nanoCpus === 0 && cpuQuota > 0) return { CpuPeriod: cpuPeriod, CpuQuota: Math.round(cpus * cpuPeriod) }
  return { NanoCpus: Math.round(cpus * 1e9) }
}
