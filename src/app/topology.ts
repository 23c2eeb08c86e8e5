import type { Config } from '../config/resolve.ts'
import { type Call, createTopology, type Topology } from '../diagnose/topology.ts'
import type { Source } from '../observe/source.ts'
import type { Logger } from '../platform/logger.ts'
import { createTroubleLog, troubleOf } from './troubles.ts'

/** Calls that are made less often than this are not seen at once. */
const SHORTEST_WINDOW_MS = 600_000

/** The services and their calls: those that the configuration names, and those that were seen. */
export interface TopologyKeeper {
  readonly current: () => Topology
  /** Learns anew when it is time; what fails is logged, and what is known stays. @param at ms since the epoch */
  poll(at: number): void
  /** Ends what is under way. */
  close(): Promise<void>
}

/** @param calls asks the source; undefined where it cannot be asked */
export function createTopologyKeeper({ topology }: Config, calls: Source['calls'], logger: Logger): TopologyKeeper {
  const { label, dependencies, metric, client_label: client, server_label: server, refresh, memory } = topology
  const named = Object.entries(dependencies).flatMap(([from, all]) => all.map((to): Call => [from, to]))
  const seenAt = new Map<string, { readonly call: Call; readonly at: number }>()
  const trouble = createTroubleLog(logger, {
    begun: 'calls of services cannot be learned',
    over: 'calls are learned again',
  })
  const closing = new AbortController()
  let current = createTopology(label, named)
  let askedAt = Number.NEGATIVE_INFINITY
  let underWay: Promise<void> | undefined

  async function learn(at: number): Promise<void> {
    if (metric === null || calls === undefined) return
    const windowMs = Math.max(SHORTEST_WINDOW_MS, refresh)
    try {
      const found = await calls({ ...metric, client, server, windowMs }, at, closing.signal)
      if (found === undefined) return trouble.say('incomplete', { reason: 'the answer is incomplete' })
      trouble.say(undefined, {})
      for (const call of found) if (!call.includes('')) seenAt.set(JSON.stringify(call), { call, at })
    } catch (error) {
      if (!closing.signal.aborted) trouble.say(...troubleOf(error))
      return
    }
    for (const [key, seen] of seenAt) if (at - seen.at > memory) seenAt.delete(key)
    const before = current.size
    current = createTopology(label, [...named, ...[...seenAt.values()].map(({ call }) => call)])
    if (current.size !== before) logger.info({ calls: current.size, before }, 'calls between services')
  }

  return {
    current: () => current,
    poll(at) {
      if (metric === null || underWay !== undefined || at - askedAt < refresh) return
      askedAt = at
      underWay = learn(at).finally(() => {
        underWay = undefined
      })
    },
    async close() {
      closing.abort(new Error('closing'))
      await underWay
    },
  }
}
