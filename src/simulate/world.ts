import { pass, type Running, restarted, type Seen, show, startService } from './behaviour.ts'
import { CURES, type Fault, type FaultKind, type Impact, impactOf, type WorldAction } from './fault.ts'
import { callersOf, checkCalls, type ServiceDefinition, type ServiceMetrics } from './service.ts'

export interface WorldOptions {
  readonly services: readonly ServiceDefinition[]
  readonly seed: number
  /** Time of the first tick, ms since the epoch. */
  readonly startAt: number
  /** Time from one tick to the next, ms. */
  readonly tickMs: number
}

export interface ServiceReading {
  readonly service: string
  /** ms since the epoch */
  readonly at: number
  readonly metrics: ServiceMetrics
}

/** One tick of the world. */
export interface Tick {
  /** ms since the epoch */
  readonly at: number
  /** One of every service, in the order of `World.services`. */
  readonly readings: readonly ServiceReading[]
  /** Faults that were over by themselves before it. */
  readonly over: readonly Fault[]
}

export interface ActiveFault extends Fault {
  /** Ticks that it goes on, ≥ 1. */
  readonly ticksLeft: number
}

/** What an action did to the world. */
export interface ActionEffect {
  /** Faults that ended by it. */
  readonly healed: readonly FaultKind[]
  /** Faults of the service that go on. */
  readonly left: readonly FaultKind[]
  /** Whether the service itself is another now: restarted, scaled, throttled. */
  readonly changed: boolean
}

/** What else there is to say of a service than its readings. */
export interface ServiceState {
  readonly replicas: number
  /** Requests per second that are let in, while throttled. */
  readonly throttledTo: number | undefined
  /** Since the world began. */
  readonly restartsTotal: number
}

export interface ActOptions {
  /** For `throttle`: requests per second that are let in, 50 unless given; null lifts it. */
  readonly requestsPerSecond?: number | null
}

/**
 * A fleet of services that call each other: load, noise, faults that spread to whoever calls, and cures. The same
 * options give the same readings; faults and actions leave the noise as it is, so a world with and one without compare.
 */
export interface World {
  readonly services: readonly ServiceDefinition[]
  /** One reading of every service; time moves on by one tick. */
  tick(): Tick
  /** Shows from the next tick on. @throws {RangeError} for an unknown service, or one that has this fault already */
  inject(fault: Fault): void
  faults(): readonly ActiveFault[]
  /** @throws {RangeError} for an unknown service */
  state(service: string): ServiceState
  /** Works from the next tick on. @throws {RangeError} for an unknown service */
  act(service: string, action: WorldAction, options?: ActOptions): ActionEffect
}

/** Ticks that a restarted service needs to come up. */
const RESTART_OUTAGE = 1
const THROTTLED_RPS = 50
/** Ticks that a throttle stays unless it is lifted. */
const THROTTLE_TICKS = 10
const MOST_REPLICAS = 10

/** @throws {RangeError} when the services do not form a graph without cycles */
export function createWorld({ services, seed, startAt, tickMs }: WorldOptions): World {
  checkCalls(services)
  const callers = callersOf(services)
  const running = new Map(services.map((definition) => [definition.name, startService(definition, seed)]))
  let shown: ReadonlyMap<string, ServiceMetrics> = new Map()
  let active: { readonly fault: Fault; readonly since: number }[] = []
  let now = 0

  function find(service: string): Running {
    const found = running.get(service)
    if (found === undefined) throw new RangeError(`${service} is no service of this world`)
    return found
  }

  function impactsOn({ definition: { name, machine } }: Running): Impact[] {
    return active.flatMap(({ fault, since }) => {
      const impact = impactOf(fault, now - since)
      if (fault.service === name) return [impact]
      const isNear = impact.neighbours !== undefined && find(fault.service).definition.machine === machine
      return isNear ? [felt(impact, impact.neighbours)] : []
    })
  }

  /** As they were a tick ago: so trouble needs a tick for every call that it travels along. */
  function seen(names: readonly string[]): Seen[] {
    return names.flatMap((name) => {
      const metrics = shown.get(name)
      return metrics === undefined ? [] : [{ metrics, usual: find(name).usual }]
    })
  }

  function look(one: Running, at: number): ServiceMetrics {
    const { name, dependsOn } = one.definition
    const around = { called: seen(dependsOn), callers: seen(callers.get(name)!) }
    return show(one, { impacts: impactsOn(one), ...around, tick: now, at })
  }

  function tick(): Tick {
    const isOver = ({ fault, since }: (typeof active)[number]) => now - since >= fault.ticks
    const over = active.filter(isOver).map(({ fault }) => fault)
    active = active.filter((one) => !isOver(one))
    const at = startAt + now * tickMs
    const next = new Map([...running].map(([name, one]) => [name, look(one, at)]))
    for (const one of running.values()) pass(one)
    shown = next
    now++
    return { at, over, readings: services.map(({ name }) => ({ service: name, at, metrics: next.get(name)! })) }
  }

  return {
    services,
    tick,
    inject(fault) {
      find(fault.service)
      if (active.some((one) => one.fault.service === fault.service && one.fault.kind === fault.kind))
        throw new RangeError(`${fault.service} has the fault ${fault.kind} already`)
      active = [...active, { fault, since: now }]
    },
    faults: () =>
      active
        .map(({ fault, since }) => ({ ...fault, ticksLeft: fault.ticks - (now - since) }))
        .filter(({ ticksLeft }) => ticksLeft > 0),
    state(service) {
      const { replicas, throttle, restartsTotal } = find(service)
      return { replicas, throttledTo: throttle?.limit, restartsTotal }
    },
    act(service, action, options = {}) {
      const changed = change(find(service), action, now, options)
      const kinds = (healed: boolean) =>
        active
          .map(({ fault }) => fault)
          .filter((fault) => fault.service === service && isHealed(fault, action, changed, options) === healed)
          .map(({ kind }) => kind)
      const [healed, left] = [kinds(true), kinds(false)]
      active = active.filter(({ fault }) => fault.service !== service || !healed.includes(fault.kind))
      return { healed, left, changed }
    },
  }
}

/** What the machine's other services have of it. */
function felt({ cpu = 0, latencyFactor = 1 }: Impact, share: number): Impact {
  return { cpu: cpu * share, latencyFactor: 1 + (latencyFactor - 1) * share }
}

/** @returns whether the service is another now */
function change(one: Running, action: WorldAction, now: number, { requestsPerSecond }: ActOptions): boolean {
  const { replicas, throttle } = one
  switch (action) {
    case 'restart':
      one.outage = RESTART_OUTAGE
      restarted(one, now)
      return true
    case 'scale_up':
      one.replicas = Math.min(replicas + 1, MOST_REPLICAS)
      return one.replicas !== replicas
    case 'scale_down':
      one.replicas = Math.max(replicas - 1, 1)
      return one.replicas !== replicas
    case 'throttle':
      one.throttle =
        requestsPerSecond === null ? undefined : { limit: requestsPerSecond ?? THROTTLED_RPS, ticks: THROTTLE_TICKS }
      return one.throttle !== throttle
  }
}

function isHealed({ kind }: Fault, action: WorldAction, changed: boolean, { requestsPerSecond }: ActOptions): boolean {
  return CURES[kind] === action && changed && requestsPerSecond !== null
}
