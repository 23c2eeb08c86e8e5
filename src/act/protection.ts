import { EffectError } from '../pipeline/effects.ts'
import type { Resource } from './resource.ts'
import { describe } from './resource.ts'
import { type Labels, shown } from './slot.ts'

/** Our Prometheus, our database: a server that must not be touched. */
export interface Endpoint {
  /** For people: `our Prometheus`. */
  readonly what: string
  /** In small letters. */
  readonly host: string
  readonly port: number
}

/** What is never to be touched, whatever a rule or a mapping says. */
export interface Protection {
  readonly containers: readonly string[]
  readonly units: readonly string[]
  readonly namespaces: readonly string[]
  readonly endpoints: readonly Endpoint[]
  /** Where this very process runs, as far as it runs in one of them. */
  readonly own: {
    /** The control groups and mounts of this process, in which the id of its container stands. */
    readonly traces: string
    readonly hostName: string
    readonly namespace?: string
  }
}

/**
 * Why a target must never be touched: it is the server of one of our own endpoints, or we ourselves.
 *
 * @returns undefined for all others
 */
export function protectedTarget({ endpoints }: Protection, labels: Labels): string | undefined {
  const instance = Object.hasOwn(labels, 'instance') ? labels['instance'].toLowerCase() : ''
  const mine = endpoints.find(({ host, port }) => instance === `${host}:${port}` || instance === `[${host}]:${port}`)
  return mine && `${shown(instance)} is ${mine.what}`
}

/** @throws {EffectError} `protected`, by name alone; what a look at the resource shows is for its backend to say */
export function assertUnprotected(resource: Resource, protection: Protection): void {
  const why = protectedResource(resource, protection)
  if (why !== undefined) throw new EffectError('protected', 'no', `${describe(resource)} is never touched: ${why}`)
}

/** By name alone; undefined for what may be touched. */
export function protectedResource(resource: Resource, protection: Protection): string | undefined {
  switch (resource.kind) {
    case 'container':
      return protection.containers.includes(resource.name) ? 'it is listed under actions.protected' : undefined
    case 'unit':
      if (protection.units.includes(resource.name)) return 'it is listed under actions.protected'
      return isOwnUnit(resource.name, protection) ? 'Homeostat runs in it' : undefined
    default:
      if (protection.namespaces.includes(resource.namespace)) return `the namespace ${resource.namespace} is protected`
      if (isOwnWorkload(resource.name, resource.namespace, protection)) return 'Homeostat runs in it'
      return isEndpointService(resource.name, resource.namespace, protection)
  }
}

function isOwnUnit(unit: string, { own }: Protection): boolean {
  return own.traces.split('\n').some((line) => line.split('/').includes(unit))
}

/** Pods of a deployment are named `NAME-HASH-HASH`, of a stateful set `NAME-NUMBER`; a pod's host name is its name. */
function isOwnWorkload(name: string, namespace: string, { own }: Protection): boolean {
  if (own.namespace !== namespace) return false
  const rest = own.hostName.startsWith(name) ? own.hostName.slice(name.length) : undefined
  return rest === '' || (rest !== undefined && /^-[a-z0-9]+(-[a-z0-9]+)?$/.test(rest))
}

/** A service is reached as NAME, NAME.NAMESPACE or NAME.NAMESPACE.svc…, and its workload mostly bears its name. */
function isEndpointService(name: string, namespace: string, { endpoints, own }: Protection): string | undefined {
  const mine = endpoints.find(({ host }) => {
    const [service, where = own.namespace] = host.split('.')
    return service === name && where === namespace
  })
  return mine && `it is ${mine.what}`
}
