import type { Target } from '../domain/target.ts'

/** A service, and one that it calls. */
export type Call = readonly [caller: string, called: string]

/** Which services call which, by name; calls may go round in circles. */
export interface Topology {
  /** The service that a target belongs to; several targets may be one service. Undefined for a target without a name. */
  serviceOf(labels: Target['labels']): string | undefined
  /** Services that one calls directly. */
  calledBy(service: string): readonly string[]
  /** Services that call one directly. */
  callersOf(service: string): readonly string[]
  /** Calls that are known, each counted once. */
  readonly size: number
}

const NOBODY: readonly string[] = []

/**
 * The graph of calls; what is said twice counts once, and a service that calls itself says nothing.
 *
 * @param label the label of a target that bears the name of its service
 */
export function createTopology(label: string, calls: Iterable<Call>): Topology {
  const called = new Map<string, string[]>()
  const callers = new Map<string, string[]>()
  let size = 0
  for (const [from, to] of calls) {
    if (from === to || called.get(from)?.includes(to)) continue
    called.set(from, [...(called.get(from) ?? []), to])
    callers.set(to, [...(callers.get(to) ?? []), from])
    size++
  }
  return {
    serviceOf(labels) {
      const name = Object.hasOwn(labels, label) ? labels[label] : ''
      return name === '' ? undefined : name
    },
    calledBy: (service) => called.get(service) ?? NOBODY,
    callersOf: (service) => callers.get(service) ?? NOBODY,
    size,
  }
}
