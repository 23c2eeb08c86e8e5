import type { Fault, FaultKind, WorldAction } from '../../simulate/fault.ts'

/** Something that happened in a simulated world; `at` is the world's own time, ms since the epoch. */
export type SimulationEvent =
  | {
      readonly event: 'started'
      readonly at: number
      readonly url: string
      readonly services: number
      readonly seed: number
      readonly interval: string
    }
  | ({ readonly event: 'fault'; readonly at: number; readonly by: 'schedule' | 'chance' | 'command' } & Fault)
  | ({ readonly event: 'fault_over'; readonly at: number } & Pick<Fault, 'service' | 'kind'>)
  | ({ readonly event: 'action'; readonly at: number } & Acted)

/** An action and what came of it. */
export interface Acted {
  readonly service: string
  readonly action: WorldAction
  readonly healed: readonly FaultKind[]
  readonly left: readonly FaultKind[]
  readonly changed: boolean
}

/** One line: `12:00:03 fault crash_loop at ledger (12 ticks)`. */
export function eventLine(event: SimulationEvent): string {
  return `${new Date(event.at).toISOString().slice(11, 19)} ${wordsOf(event)}`
}

/** The same as JSON, in the names of the API. */
export function eventJson({ at, ...rest }: SimulationEvent): string {
  return JSON.stringify({ at: new Date(at).toISOString(), ...rest })
}

/** `restart of ledger helped: crash_loop is over` */
export function actedWords({ service, action, healed, left, changed }: Acted): string {
  const goesOn = left.length === 0 ? '' : `${left.join(', ')} ${left.length === 1 ? 'goes' : 'go'} on`
  const subject = `${action} of ${service}`
  if (healed.length > 0) {
    const over = `${healed.join(', ')} ${healed.length === 1 ? 'is' : 'are'} over`
    return `${subject} helped: ${[over, goesOn].filter((part) => part !== '').join(', ')}`
  }
  if (goesOn !== '') return `${subject} did not help: ${goesOn}`
  return changed ? `${subject} was done, nothing was wrong` : `${subject} changed nothing`
}

function wordsOf(event: SimulationEvent): string {
  switch (event.event) {
    case 'started':
      return `${event.services} services at ${event.url}, a reading every ${event.interval}, seed ${event.seed}`
    case 'fault':
      return `fault ${event.kind} at ${event.service} (${event.ticks} ticks)`
    case 'fault_over':
      return `${event.kind} at ${event.service} is over`
    case 'action':
      return actedWords(event)
  }
}
