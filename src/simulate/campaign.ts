import { createRandom, type Random, shuffle } from '../domain/random.ts'
import { FAULTS, type Fault, type FaultKind } from './fault.ts'
import { callersOf, type ServiceDefinition } from './service.ts'

export interface ScheduledFault extends Fault {
  /** Tick of the world before which it is injected, counted from 0. */
  readonly atTick: number
}

/** From … to, both included. */
export type Span = readonly [number, number]

export interface CampaignOptions {
  readonly services: readonly ServiceDefinition[]
  readonly seed: number
  /** All unless given. */
  readonly kinds?: readonly FaultKind[]
  /** Ticks without faults at the start, 30 unless given: time for detectors to learn what is normal. */
  readonly quiet?: number
  /** Ticks from the end of one fault, left alone, to the start of the next; 20–60 unless given. */
  readonly pause?: Span
  /** Ticks that a fault lasts, left alone; 8–18 unless given. */
  readonly ticks?: Span
}

/**
 * Faults one after the other, without end. Every kind comes once before any comes again, and so does every service; the
 * same options give the same faults.
 */
export function* campaign({
  services,
  seed,
  kinds = FAULTS,
  quiet = 30,
  pause = [20, 60],
  ticks = [8, 18],
}: CampaignOptions): Generator<ScheduledFault, never> {
  const random = createRandom(seed)
  const nextKind = dealer(kinds, random)
  const nextService = dealer(services, random)
  for (let atTick = quiet; ; ) {
    const lasts = within(ticks, random)
    const strength = 0.9 + 0.3 * random()
    yield { kind: nextKind(), service: nextService().name, ticks: lasts, strength, atTick }
    atTick += lasts + within(pause, random)
  }
}

/** A fault whose effects reach other services. */
export interface Cascade extends ScheduledFault {
  /** Services that call the root, by one call or more: calls to the root, ≥ 1. */
  readonly dependants: ReadonlyMap<string, number>
}

/** The kinds that callers feel clearly. */
const TRAVELLING: readonly FaultKind[] = ['cpu_spike', 'crash_loop', 'high_error_rate', 'slow_dependency']

/** A campaign of cascades: each fault is at a service that others call, and of a kind that they feel. */
export function* cascades(options: CampaignOptions): Generator<Cascade, never> {
  const callers = callersOf(options.services)
  const roots = options.services.filter(({ name }) => callers.get(name)!.length > 0)
  if (roots.length === 0) throw new RangeError('no service of this world is called by another: nothing can spread')
  const faults = campaign({ kinds: TRAVELLING, ...options, services: roots })
  while (true) {
    const fault = faults.next().value
    yield { ...fault, dependants: dependantsOf(fault.service, callers) }
  }
}

function dependantsOf(root: string, callers: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  let ring: readonly string[] = [root]
  for (let calls = 1; ring.length > 0; calls++) {
    ring = [...new Set(ring.flatMap((name) => callers.get(name)!))].filter((name) => !found.has(name))
    for (const name of ring) found.set(name, calls)
  }
  return found
}

/** Deals shuffled items; when all are dealt, shuffles again. */
function dealer<T>(items: readonly T[], random: Random): () => T {
  const order = Int32Array.from(items, (_, i) => i)
  let dealt = items.length
  return () => {
    if (dealt === items.length) {
      shuffle(order, random)
      dealt = 0
    }
    return items[order[dealt++]]
  }
}

function within([low, high]: Span, random: Random): number {
  return low + Math.floor(random() * (high - low + 1))
}
