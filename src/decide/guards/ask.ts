import { GUARDS, type GuardName } from '../../domain/decision.ts'
import { attempts } from './attempts.ts'
import { concurrency } from './concurrency.ts'
import { cooldown } from './cooldown.ts'
import { flap } from './flap.ts'
import { fleetBreaker } from './fleet-breaker.ts'
import { freshData } from './fresh-data.ts'
import type { Guard, Situation } from './guard.ts'
import { killSwitch } from './kill-switch.ts'
import { maintenance } from './maintenance.ts'
import { protectedTargets } from './protected.ts'
import { rate } from './rate.ts'
import { recovered } from './recovered.ts'
import { selector } from './selector.ts'
import { selfStop } from './self-stop.ts'
import { soak } from './soak.ts'

const ALL: readonly Guard[] = [
  killSwitch,
  protectedTargets,
  selector,
  freshData,
  recovered,
  maintenance,
  soak,
  flap,
  fleetBreaker,
  selfStop,
  attempts,
  cooldown,
  concurrency,
  rate,
]

const BY_NAME = new Map(ALL.map((guard) => [guard.name, guard]))

/** A guard's no. */
export interface Objection {
  readonly guard: GuardName
  /** For people. */
  readonly reason: string
  /** Why everything is to be stopped until a person unfreezes. */
  readonly freeze?: string
}

/** Asks the guards in the order of `GUARDS`; the first no counts. */
export function askGuards(situation: Situation, asked: readonly GuardName[] = GUARDS): Objection | undefined {
  for (const name of asked) {
    const guard = BY_NAME.get(name)!
    const reason = guard.objection(situation)
    if (reason !== undefined) return { guard: name, reason, freeze: guard.freezes?.(situation) }
  }
  return undefined
}

/** To take something back needs no reason but the kill switch may be on. */
export const GUARDS_OF_UNDO: readonly GuardName[] = ['kill_switch', 'protected', 'concurrency']

/** Guards whose no passes by itself in a moment, so that an action that is planned waits for it. */
export const PASSING: ReadonlySet<GuardName> = new Set(['concurrency', 'rate'])
