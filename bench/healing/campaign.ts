import type { ActionName } from '../../src/domain/decision.ts'
import type { Cause } from '../../src/domain/diagnosis.ts'
import { type CampaignOptions, campaign, type ScheduledFault } from '../../src/simulate/campaign.ts'
import type { FaultKind } from '../../src/simulate/fault.ts'
import { callersOf, type ServiceDefinition, type ServiceMetrics } from '../../src/simulate/service.ts'
import { createWorld } from '../../src/simulate/world.ts'
import { type Done, openHarness } from './harness.ts'

const TICK_MS = 3000
const START = Date.UTC(2026, 10, 21, 9)
/** Readings after a fault in which its effects on others, and those of its cure, still ebb away. */
const EBB = 16

/** What counts as the right cause. Of some kinds the six metrics of a service show less than the name says. */
export const RIGHT_CAUSES: Readonly<Record<FaultKind, readonly Cause[]>> = {
  cpu_spike: ['cpu_saturation'],
  memory_leak: ['memory_leak'],
  crash_loop: ['crash_loop'],
  high_error_rate: ['high_error_rate'],
  // Nothing but its time says that a service waits for another one.
  slow_dependency: ['dependency_failing', 'latency'],
  // The disk itself is not among what is pushed: its callers’ view is all there is.
  disk_filling: ['disk_filling', 'disk_saturation', 'latency', 'dependency_failing'],
  // It is the noisy one: more is asked of it than it should.
  noisy_neighbour: ['noisy_neighbour', 'overload'],
  traffic_drop: ['traffic_drop'],
  latency_creep: ['latency'],
}

/** B9, by a reading: the first rule that matches, 6 where none but the last does. */
const B9: readonly (readonly [action: ActionName, matches: (m: ServiceMetrics) => boolean])[] = [
  ['restart', (m) => m.restarts >= 3 && m.error_rate_percent > 20],
  ['scale_up', (m) => m.cpu_percent > 80 && m.request_latency_ms > 300],
  ['restart', (m) => m.memory_percent > 80],
  ['throttle', (m) => m.error_rate_percent > 10],
  ['alert', (m) => m.request_latency_ms > 450],
]

/** What became of one fault. Times are in readings from its first. */
export interface FaultCourse {
  readonly fault: ScheduledFault
  detectedAfter?: number
  cause?: Cause
  /** The first action that touches something; alert where none did. */
  firstAction: ActionName
  /** What B9 asks for, by the readings of the fault until it was acted on. */
  wantedActions: Set<ActionName>
  /** Until it was over and the service was called well. */
  recoveredAfter?: number
}

export interface CampaignResult {
  readonly courses: readonly FaultCourse[]
  /** Anomalies that began without a fault near. */
  readonly falseAlarms: number
  readonly serviceHours: number
  /** Actions on a service that had nothing wrong. */
  readonly harmful: readonly Done[]
  /** Actions that did not help. */
  readonly vain: number
  readonly cpuMsPerReading: number
}

export interface CampaignRun {
  readonly services: readonly ServiceDefinition[]
  readonly seed: number
  readonly faults: number
  /** Readings that a fault lasts, left alone. */
  readonly lasts: number
  readonly heals: boolean
  /** Looks at every reading as well. */
  readonly onReading?: (service: string, metrics: ServiceMetrics, isExplained: boolean, isFaulty: boolean) => void
}

export async function runCampaign(run: CampaignRun): Promise<CampaignResult> {
  const { services, seed, lasts, heals, onReading } = run
  const world = createWorld({ services, seed, startAt: START, tickMs: TICK_MS })
  const harness = await openHarness(world, heals)
  const options: CampaignOptions = { services, seed, quiet: 60, ticks: [lasts, lasts] }
  const faults = campaign(options)
  const courses: FaultCourse[] = []
  const near = nearOf(services)
  const ill = new Set<string>()
  const explainedUntil = new Map<string, number>()
  const harmful: Done[] = []
  let [vain, falseAlarms, readings, tick] = [0, 0, 0, 0]
  let next = faults.next().value
  let current: FaultCourse | undefined

  for (; courses.length < run.faults || tick < next.atTick; tick++) {
    if (tick === next.atTick && courses.length < run.faults) {
      world.inject(next)
      current = { fault: next, firstAction: 'alert', wantedActions: new Set() }
      courses.push(current)
      next = faults.next().value
    }
    const shown = world.tick()
    const active = world.faults()
    for (const { service } of active) for (const one of near.get(service)!) explainedUntil.set(one, tick + EBB)
    const judged = await harness.take(shown.readings)
    for (const { service, metrics } of shown.readings) {
      readings++
      const { verdict, diagnosis } = judged.get(service)!
      const isExplained = (explainedUntil.get(service) ?? -1) >= tick
      const isOwn = current?.fault.service === service
      if (isOwn) follow(current!, tick, metrics, verdict.detected, diagnosis?.cause, active.length > 0)
      if (verdict.detected && !ill.has(service) && !isExplained) falseAlarms++
      if (verdict.detected) ill.add(service)
      else ill.delete(service)
      onReading?.(service, metrics, isExplained, isOwn && active.length > 0)
    }
    for (const one of harness.done()) {
      if (one.healed.length === 0 && one.left.length === 0) harmful.push(one)
      else if (one.healed.length === 0) vain++
      if (current?.fault.service === one.service && current.firstAction === 'alert') current.firstAction = one.action
    }
  }
  const serviceHours = (tick * services.length * TICK_MS) / 3_600_000
  return { courses, falseAlarms, serviceHours, harmful, vain, cpuMsPerReading: harness.cpuMs / readings }
}

function follow(
  course: FaultCourse,
  tick: number,
  metrics: ServiceMetrics,
  detected: boolean,
  cause: Cause | undefined,
  isActive: boolean,
): void {
  const age = tick - course.fault.atTick + 1
  if (detected && isActive) course.detectedAfter ??= age
  if (detected && isActive && cause !== undefined) course.cause = cause
  if (isActive && course.firstAction === 'alert') {
    const wanted = B9.find(([, matches]) => matches(metrics))?.[0]
    if (wanted !== undefined) course.wantedActions.add(wanted)
  }
  if (!isActive && !detected && course.detectedAfter !== undefined) course.recoveredAfter ??= age
}

/** A service, those that call it or that it calls, however far, and those on its machine. */
function nearOf(services: readonly ServiceDefinition[]): ReadonlyMap<string, ReadonlySet<string>> {
  const callers = callersOf(services)
  const called = new Map(services.map(({ name, dependsOn }) => [name, dependsOn]))
  const reach = (from: string, ways: ReadonlyMap<string, readonly string[]>) => {
    const found = new Set([from])
    for (const name of found) for (const one of ways.get(name)!) found.add(one)
    return found
  }
  return new Map(
    services.map(({ name, machine }) => {
      const there = services.filter((one) => one.machine === machine).map((one) => one.name)
      return [name, new Set([...reach(name, callers), ...reach(name, called), ...there])]
    }),
  )
}

/** Whether the first action was one that B9 asks for. */
export function isRightAction({ firstAction, wantedActions }: FaultCourse): boolean {
  return firstAction === 'alert'
    ? [...wantedActions].every((wanted) => wanted === 'alert')
    : wantedActions.has(firstAction)
}
