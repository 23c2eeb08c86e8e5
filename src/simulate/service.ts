/** One service of the simulated world, before anything happens to it. */
export interface ServiceDefinition {
  readonly name: string
  /** Services that it calls. */
  readonly dependsOn: readonly string[]
  /** The machine it runs on; services on one machine disturb each other. */
  readonly machine: string
  /** `edge`, `app`, `data` or any other word; a label of its readings. */
  readonly tier: string
}

/** What a service shows at one tick. The first six are those of a pushed observation, in its units. */
export interface ServiceMetrics {
  /** Of what its replicas may use, 0–100. */
  readonly cpu_percent: number
  /** 0–100 */
  readonly memory_percent: number
  /** Mean over the tick, > 0. */
  readonly request_latency_ms: number
  /** 0–100 */
  readonly error_rate_percent: number
  readonly requests_per_second: number
  /** Restarts within the last `RESTART_MEMORY` ticks. */
  readonly restarts: number
  /** 0–100 */
  readonly disk_percent: number
}

/** A shop of twelve services on four machines. */
export const SHOP: readonly ServiceDefinition[] = [
  { name: 'gateway', tier: 'edge', dependsOn: ['checkout', 'catalogue', 'accounts'], machine: 'm1' },
  { name: 'checkout', tier: 'app', dependsOn: ['payments', 'cart', 'shipping'], machine: 'm1' },
  { name: 'payments', tier: 'app', dependsOn: ['ledger', 'fraud'], machine: 'm2' },
  { name: 'ledger', tier: 'app', dependsOn: ['database'], machine: 'm2' },
  { name: 'fraud', tier: 'app', dependsOn: [], machine: 'm3' },
  { name: 'cart', tier: 'app', dependsOn: ['cache'], machine: 'm3' },
  { name: 'shipping', tier: 'app', dependsOn: ['database'], machine: 'm3' },
  { name: 'catalogue', tier: 'app', dependsOn: ['search', 'cache'], machine: 'm4' },
  { name: 'search', tier: 'data', dependsOn: [], machine: 'm4' },
  { name: 'accounts', tier: 'app', dependsOn: ['database'], machine: 'm2' },
  { name: 'cache', tier: 'data', dependsOn: [], machine: 'm1' },
  { name: 'database', tier: 'data', dependsOn: [], machine: 'm4' },
]

/**
 * Makes sure that every call goes to a service of the world and none comes back to where it began.
 *
 * @throws {RangeError} naming the services
 */
export function checkCalls(services: readonly ServiceDefinition[]): void {
  const byName = new Map(services.map((service) => [service.name, service]))
  if (services.length === 0) throw new RangeError('a world needs at least one service')
  if (byName.size < services.length) throw new RangeError('two services have the same name')
  const done = new Set<string>()
  const visit = (name: string, path: readonly string[]): void => {
    if (done.has(name)) return
    const caller = path.at(-1)
    if (path.includes(name)) throw new RangeError(`${name} depends on itself: ${[...path, name].join(' -> ')}`)
    const service = byName.get(name)
    if (service === undefined) throw new RangeError(`${caller} depends on ${name}, which is no service of this world`)
    for (const called of service.dependsOn) visit(called, [...path, name])
    done.add(name)
  }
  for (const { name } of services) visit(name, [])
}

/** The services that call each service, by its name. */
export function callersOf(services: readonly ServiceDefinition[]): ReadonlyMap<string, readonly string[]> {
  const callers = new Map<string, string[]>(services.map(({ name }) => [name, []]))
  for (const { name, dependsOn } of services) for (const called of dependsOn) callers.get(called)?.push(name)
  return callers
}
