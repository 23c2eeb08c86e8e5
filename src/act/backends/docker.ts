import type * as https from 'node:https'
import { EffectError } from '../../pipeline/effects.ts'
import { type Asked, failure, isSuccess, refusal } from './status.ts'
import type { Answer, Exchange, Origin, Send } from './transport.ts'

/** What we look at in a container, out of the Engine API's much longer answer. */
export interface ContainerState {
  readonly id: string
  /** Without the slash in front. */
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly running: boolean
  /** As the engine writes it: the same text means the same start. */
  readonly startedAt: string
  /** Restarts by its own restart policy; begins again at 0 when a person restarts it. */
  readonly restartCount: number
  /** Billionths of a processor; 0 for no limit. */
  readonly nanoCpus: number
  /** The older way to limit: microseconds per period; 0 for no limit. */
  readonly cpuQuota: number
  readonly cpuPeriod: number
  /** Addresses and names in its networks, and ports of the host that lead to it. */
  readonly addresses: readonly string[]
  readonly publishedPorts: readonly number[]
}

/** The CPU limit of a container, in the one of two ways in which it is or was set. */
export type CpuLimit = { readonly NanoCpus: number } | { readonly CpuPeriod: number; readonly CpuQuota: number }

/** The Engine API of Docker, or of podman. All methods throw EffectErrors. */
export interface DockerClient {
  /** The label `NAME=VALUE` or `NAME` without which a container is not touched; empty: none is asked for. */
  readonly requiredLabel: string
  /** Seconds that a container gets to end before it is killed. */
  readonly stopSeconds: number
  inspect(nameOrId: string, signal: AbortSignal): Promise<ContainerState>
  restart(id: string, signal: AbortSignal): Promise<void>
  limitCpus(id: string, limit: CpuLimit, signal: AbortSignal): Promise<void>
  /** Processors of the machine. */
  processors(signal: AbortSignal): Promise<number>
}

export interface DockerOptions {
  readonly origin: { readonly socketPath: string } | { readonly url: URL; readonly tls?: () => https.AgentOptions }
  readonly requiredLabel: string
  readonly stopSeconds: number
}

/** An inspected container with a long environment is some 100 kB. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024

const ACCESS = 'check who may use the Docker socket (actions.docker)'

export function createDockerClient(options: DockerOptions, send: Send): DockerClient {
  const { requiredLabel, stopSeconds } = options

  async function ask(asked: Asked, request: Pick<Exchange, 'method' | 'path' | 'body'>, signal: AbortSignal) {
    const headers = request.body === undefined ? undefined : { 'content-type': 'application/json' }
    let answer: Answer
    try {
      answer = await send({ ...request, headers, origin: originOf(options), maxBytes: MAX_ANSWER_BYTES }, signal)
    } catch (error) {
      throw failure(asked, error, signal)
    }
    if (isSuccess(answer)) return answer
    throw refusal(asked, answer.status, wordsOf(answer.body))
  }

  const reading = (what: string): Asked => ({ what: `Docker: ${what}`, changes: false, access: ACCESS })
  const changing = (what: string): Asked => ({ what: `Docker: ${what}`, changes: true, access: ACCESS })

  return {
    requiredLabel,
    stopSeconds,
    async inspect(nameOrId, signal) {
      const asked = reading(`inspect ${nameOrId}`)
      const path = `/containers/${encodeURIComponent(nameOrId)}/json`
      return stateOf(parsed(await ask(asked, { method: 'GET', path }, signal), asked))
    },
    async restart(id, signal) {
      const path = `/containers/${encodeURIComponent(id)}/restart?t=${stopSeconds}`
      await ask(changing('restart'), { method: 'POST', path }, signal)
    },
    async limitCpus(id, limit, signal) {
      const asked = changing('update of the CPU limit')
      const path = `/containers/${encodeURIComponent(id)}/update`
      try {
        await ask(asked, { method: 'POST', path, body: JSON.stringify(limit) }, signal)
      } catch (error) {
        throw isMissingRoute(error) ? await explainMissing(id, error, signal) : error
      }
    },
    async processors(signal) {
      const asked = reading('info')
      const info = parsed(await ask(asked, { method: 'GET', path: '/info' }, signal), asked) as { NCPU?: unknown }
      if (typeof info.NCPU === 'number' && info.NCPU > 0) return info.NCPU
      throw new EffectError('rejected', 'no', `${asked.what}: does not say how many processors there are`)
    },
  }

  /** A 404 means that the container is gone, or that the engine has no such call, as podman has none. */
  async function explainMissing(id: string, error: unknown, signal: AbortSignal): Promise<unknown> {
    try {
      const path = `/containers/${encodeURIComponent(id)}/json`
      await ask(reading('inspect'), { method: 'GET', path }, signal)
    } catch {
      return error
    }
    const message =
      'this engine cannot change the CPU limit of a running container: it answers 404 although the container is there, as podman does; use Docker, or map the target to an ingress'
    return new EffectError('rejected', 'no', message)
  }
}

function originOf({ origin }: DockerOptions): Origin {
  return 'socketPath' in origin ? origin : { url: origin.url, tls: origin.tls?.() }
}

function isMissingRoute(error: unknown): boolean {
  return error instanceof EffectError && error.reason === 'not_found'
}

/** The engine's own words, `{"message": …}`. */
function wordsOf(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown }
    return typeof message === 'string' ? message.slice(0, 300) : ''
  } catch {
    return ''
  }
}

function parsed({ body, partial }: Answer, { what }: Asked): unknown {
  try {
    if (!partial) return JSON.parse(body)
  } catch {
    // Said below.
  }
  throw new EffectError('rejected', 'no', `${what}: the answer is not the JSON of the Engine API`)
}

interface Inspected {
  readonly Id?: string
  readonly Name?: string
  readonly RestartCount?: number
  readonly State?: { readonly Running?: boolean; readonly StartedAt?: string }
  readonly Config?: { readonly Labels?: Record<string, string> | null }
  readonly HostConfig?: { readonly NanoCpus?: number; readonly CpuQuota?: number; readonly CpuPeriod?: number }
  readonly NetworkSettings?: {
    readonly Ports?: Record<string, readonly { readonly HostPort?: string }[] | null> | null
    readonly Networks?: Record<string, Network | null> | null
  }
}

interface Network {
  readonly IPAddress?: string
  readonly GlobalIPv6Address?: string
  readonly Aliases?: readonly string[] | null
  readonly DNSNames?: readonly string[] | null
}

function stateOf(answer: unknown): ContainerState {
  const { Id, Name, RestartCount, State, Config, HostConfig, NetworkSettings } = answer as Inspected
  if (typeof Id !== 'string' || Id === '' || typeof State?.StartedAt !== 'string') {
    throw new EffectError('rejected', 'no', 'Docker: inspect: the answer lacks Id or State.StartedAt')
  }
  const networks = Object.values(NetworkSettings?.Networks ?? {})
  const ports = Object.values(NetworkSettings?.Ports ?? {}).flatMap((bindings) => bindings ?? [])
  return {
    id: Id,
    name: (Name ?? '').replace(/^\//, ''),
    labels: Config?.Labels ?? {},
    running: State.Running === true,
    startedAt: State.StartedAt,
    restartCount: RestartCount ?? 0,
    nanoCpus: HostConfig?.NanoCpus ?? 0,
    cpuQuota: Math.max(0, HostConfig?.CpuQuota ?? 0),
    cpuPeriod: HostConfig?.CpuPeriod || 100_000,
    addresses: networks
      .flatMap((network) =>
        network === null
          ? []
          : [network.IPAddress, network.GlobalIPv6Address, ...(network.Aliases ?? []), ...(network.DNSNames ?? [])],
      )
      .filter((address): address is string => typeof address === 'string' && address !== ''),
    publishedPorts: ports.map(({ HostPort }) => Number(HostPort)),
  }
}
