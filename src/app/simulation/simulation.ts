import type { Clock } from '../../platform/clock.ts'
import { renderExposition } from '../../simulate/exposition.ts'
import type { Fault, WorldAction } from '../../simulate/fault.ts'
import type { ServiceMetrics } from '../../simulate/service.ts'
import { createTraffic, type ServiceTotals } from '../../simulate/traffic.ts'
import type { ActiveFault, ActOptions, ServiceReading, World } from '../../simulate/world.ts'
import type { Acted, SimulationEvent } from './events.ts'
import type { FaultFeed } from './fault-feed.ts'

export interface SimulationOptions {
  readonly world: World
  /** The world's own time of its first tick, ms since the epoch, and from tick to tick, ms. */
  readonly startAt: number
  readonly tickMs: number
  /** How much faster than the clock the world goes; 1 is real time. */
  readonly speed: number
  readonly faults: FaultFeed
  /** Gets every tick that is not too late; must not throw. */
  readonly emit: (readings: readonly ServiceReading[], totals: readonly ServiceTotals[]) => void
  readonly report: (event: SimulationEvent) => void
  readonly clock: Clock
}

/** A world that goes on by itself, and that one can look at and act on meanwhile. */
export interface Simulation {
  readonly world: World
  /** The latest reading of every service; none before the first tick. */
  latest(): ReadonlyMap<string, ServiceMetrics>
  /** The world as a page in the text format of Prometheus. */
  exposition(): string
  /** @throws {RangeError} for an unknown service, or one that has this fault already */
  inject(fault: Fault): ActiveFault
  /** @throws {RangeError} for an unknown service */
  act(service: string, action: WorldAction, options?: ActOptions): Acted
  /** Ticks until the signal, or so many times. */
  run(signal: AbortSignal, ticks?: number): Promise<void>
}

/** More ticks than this are not made up for at once, after the machine has slept. */
const MOST_MADE_UP = 10_000

export function createSimulation(options: SimulationOptions): Simulation {
  const { world, startAt, tickMs, speed, faults, emit, report, clock } = options
  const traffic = createTraffic(world, tickMs)
  let latest: ReadonlyMap<string, ServiceMetrics> = new Map()
  let ticked = 0
  let tickedAt = clock.now()

  const nextTickAt = () => startAt + ticked * tickMs
  /** The world's time between two ticks. */
  function now(): number {
    if (ticked === 0) return startAt
    return nextTickAt() - tickMs + Math.min((clock.now() - tickedAt) * speed, tickMs)
  }

  function inject(fault: Fault, by: 'schedule' | 'chance' | 'command', at: number): ActiveFault {
    const { kind, service, ticks, strength } = fault
    world.inject({ kind, service, ticks, strength })
    report({ event: 'fault', at, by, kind, service, ticks, strength })
    return { kind, service, ticks, strength, ticksLeft: ticks }
  }

  function injectDue(): void {
    for (const { by, atTick: _, ...fault } of faults.due(ticked)) {
      // One that was brought about by hand goes on; a second of its kind would change nothing.
      const isThere = world.faults().some(({ kind, service }) => kind === fault.kind && service === fault.service)
      if (!isThere) inject(fault, by, nextTickAt())
    }
  }

  function step(): readonly ServiceReading[] {
    injectDue()
    const { at, readings, over } = world.tick()
    ticked++
    tickedAt = clock.now()
    for (const { service, kind } of over) report({ event: 'fault_over', at, service, kind })
    latest = new Map(readings.map(({ service, metrics }) => [service, metrics]))
    traffic.take(readings)
    return readings
  }

  return {
    world,
    latest: () => latest,
    exposition: () => renderExposition(traffic.totals()),
    inject: (fault) => inject(fault, 'command', now()),
    act(service, action, actOptions) {
      const acted = { service, action, ...world.act(service, action, actOptions) }
      report({ event: 'action', at: now(), ...acted })
      return acted
    },
    async run(signal, ticks = Number.POSITIVE_INFINITY) {
      const stepMs = tickMs / speed
      let due = clock.now()
      while (ticked < ticks && !signal.aborted) {
        // After a pause of the machine the world has gone on; readings of that time come too late for anybody.
        const missed = Math.min(Math.floor((clock.now() - due) / stepMs), MOST_MADE_UP, ticks - ticked - 1)
        for (let i = 0; i < missed; i++) step()
        emit(step(), traffic.totals())
        due += (Math.max(missed, 0) + 1) * stepMs
        if (ticked < ticks) await clock.sleep(Math.max(0, due - clock.now()), signal).catch(() => {})
      }
    },
  }
}
