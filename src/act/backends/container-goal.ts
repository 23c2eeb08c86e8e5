import { EffectError } from '../../pipeline/effects.ts'
import type { Order } from '../action.ts'
import type { Endpoint, Protection } from '../protection.ts'
import type { Container } from '../resource.ts'
import type { ContainerState } from './docker.ts'

type ContainerOrder = Pick<Order<Container>, 'resource' | 'world'>

/** A container that may be touched. @throws {EffectError} `protected`, `not_found`, … */
export async function lookAtContainer(order: ContainerOrder, signal: AbortSignal): Promise<ContainerState> {
  const { docker, protection } = order.world
  const state = await docker.inspect(order.resource.name, signal)
  const why = protectedContainer(state, protection) ?? unlabelled(state, docker.requiredLabel)
  if (why === undefined) return state
  throw new EffectError('protected', 'no', `container ${state.name || order.resource.name} is never touched: ${why}`)
}

/**
 * Looks again, right before the deed.
 *
 * A restart by the container's own restart policy counts up, so a crash loop stays what it was looked at as; a restart
 * by anybody else begins the count anew.
 *
 * @throws {EffectError} `precondition` when the container was restarted or replaced since
 */
export async function assertUnchanged(order: ContainerOrder, seen: ContainerState, signal: AbortSignal): Promise<void> {
  const { docker } = order.world
  const now = await docker.inspect(seen.id, signal)
  const looping = now.restartCount > seen.restartCount
  if (now.id === seen.id && (now.startedAt === seen.startedAt || looping)) return
  const message = `container ${seen.name} was started anew at ${now.startedAt}, after it was looked at`
  throw new EffectError('precondition', 'no', message)
}

function unlabelled({ labels }: ContainerState, required: string): string | undefined {
  if (required === '') return undefined
  const at = required.indexOf('=')
  const name = at === -1 ? required : required.slice(0, at)
  const carries = Object.hasOwn(labels, name) && (at === -1 || labels[name] === required.slice(at + 1))
  return carries ? undefined : `it does not carry the label ${required} (actions.docker.label)`
}

function protectedContainer(state: ContainerState, { containers, endpoints, own }: Protection): string | undefined {
  if (own.traces.includes(state.id) || isShortId(own.hostName, state.id)) return 'Homeostat runs in it'
  if (containers.includes(state.name)) return 'it is listed under actions.protected'
  const endpoint = endpoints.find((one) => serves(state, one))
  return endpoint && `it is ${endpoint.what}`
}

/** Docker gives a container the first 12 digits of its id as host name. */
function isShortId(hostName: string, id: string): boolean {
  return /^[0-9a-f]{12}$/.test(hostName) && id.startsWith(hostName)
}

const LOOPBACK = ['localhost', '127.0.0.1', '::1', 'host.docker.internal']

function serves({ name, labels, addresses, publishedPorts }: ContainerState, { host, port }: Endpoint): boolean {
  if (LOOPBACK.includes(host)) return publishedPorts.includes(port)
  return [name, labels['com.docker.compose.service'], ...addresses].includes(host)
}
