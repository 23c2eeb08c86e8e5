import { EffectError } from '../../pipeline/effects.ts'
import type { Means } from '../action.ts'
import type { UnitState } from '../backends/systemd.ts'
import { assertUnprotected } from '../protection.ts'
import type { Unit } from '../resource.ts'

export const restartUnit: Means<Unit> = {
  blastRadius: 'whoever talks to the unit, and the units that are bound to it',
  undo: 'none: what was in memory is gone',
  precondition: 'the same InvocationID, or only restarts by its own Restart= since it was looked at',
  success: 'ActiveState is active with a new InvocationID',
  timeoutMs: 120_000,
  async prepare(order) {
    const { resource, world } = order
    const seen = await world.systemd.show(resource.name, order.signal)
    assertRestartable(resource.name, seen)
    // The name may have been an alias.
    assertUnprotected({ kind: 'unit', name: seen.id }, world.protection)
    return {
      call: world.systemd.restartArgv(seen.id).join(' '),
      async run(signal) {
        const now = await world.systemd.show(seen.id, signal)
        if (now.invocation !== seen.invocation && now.restarts <= seen.restarts) {
          throw new EffectError('precondition', 'no', `${seen.id} was started anew after it was looked at`)
        }
        await world.systemd.restart(seen.id, signal)
        return { message: `unit ${seen.id} restarted` }
      },
    }
  },
}

function assertRestartable(name: string, { loaded, refusesManualStart }: UnitState): void {
  if (!loaded) throw new EffectError('not_found', 'no', `systemd knows no unit ${name}`)
  if (refusesManualStart) throw new EffectError('rejected', 'no', `the unit ${name} refuses to be started by hand`)
}
