import type { Message } from '../domain/message.ts'
import type { Routed } from './outbox.ts'
import { directLeg, type Leg, type Receiver } from './receivers.ts'
import { isQuiet, type TellDependencies } from './tell-dependencies.ts'
import { createReceiverQueue, type ReceiverQueue } from './tell-receiver.ts'
import { sweep } from './tell-sweep.ts'

/** How often the outbox is looked into without being woken. */
const POLL_MS = 1_000
/** How often what goes on is looked through: for what nobody has acknowledged, and what is to be said again. */
const SWEEP_MS = 15_000
const ROUTED_AT_ONCE = 200
/** Pause after the store has failed. */
const STORE_PAUSE_MS = 5_000

/** Empties the outbox. */
export interface Tell {
  /** Until the signal aborts; what was being sent then is sent again later. */
  run(signal: AbortSignal): Promise<void>
  /** Something is in the outbox. */
  wake(): void
}

/**
 * Routes what is new in the outbox, and delivers it with a queue for each receiver, so that one that is slow or down
 * delays nobody else. Each message is sent at least once, or given up with its reason kept.
 */
export function createTell(dependencies: TellDependencies): Tell {
  const { receivers, clock, logger } = dependencies
  const queues = receivers.map((receiver) => createReceiverQueue(receiver, dependencies))
  const sleepers = new Set<AbortController>()
  /** When groups that wait for others are told of, by receiver and group. Lost by a restart: then they wait anew. */
  const flushes = new Map<string, number>()
  let sweepAt = Number.NEGATIVE_INFINITY

  function wake(): void {
    for (const sleeper of sleepers) sleeper.abort()
  }

  async function pause(ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController()
    sleepers.add(woken)
    await clock.sleep(ms, AbortSignal.any([signal, woken.signal])).catch(() => undefined)
    sleepers.delete(woken)
  }

  async function loop(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await work()
        if (!signal.aborted) await pause(POLL_MS, signal)
      } catch (err) {
        if (signal.aborted) return
        logger.error({ err }, 'the outbox cannot be worked on')
        await clock.sleep(STORE_PAUSE_MS, signal).catch(() => undefined)
      }
    }
  }

  async function direct(): Promise<void> {
    const found = await routeNew(dependencies, flushes)
    if (found > 0) wake()
    if (found === ROUTED_AT_ONCE) return direct()
    if (clock.now() < sweepAt || receivers.length === 0) return
    sweepAt = clock.now() + SWEEP_MS
    await sweep(dependencies)
    dependencies.metrics.waiting(await dependencies.outbox.waiting())
  }

  return {
    async run(signal) {
      const deliver = (queue: ReceiverQueue) => loop(() => queue.drain(signal), signal)
      await Promise.all([loop(direct, signal), ...queues.map(deliver)])
    },
    wake,
  }
}

/** @returns how many were new */
async function routeNew(
  { outbox, dispatch, receivers, clock, metrics, logger }: TellDependencies,
  flushes: Map<string, number>,
): Promise<number> {
  const now = clock.now()
  for (const [group, at] of flushes) if (at <= now) flushes.delete(group)
  const messages = await outbox.unrouted(ROUTED_AT_ONCE)
  const routed: Routed[] = []
  for (const message of messages) {
    const legs = dispatch(message)
    const sendings = [...legs, ...(await legsOfAddressees(message, legs, outbox))].flatMap((leg) => {
      const receiver = receivers.find(({ name }) => name === leg.receiver)
      if (receiver === undefined) {
        metrics.dropped(leg.receiver, 'unknown_receiver')
        const fields = { receiver: leg.receiver, message: message.key }
        logger.warn(fields, 'a message is addressed to a receiver that is not there')
        return []
      }
      const unheard = receiver.updates === 'anew' && isQuiet(message) && message.addressed === undefined
      return unheard ? [] : [{ receiver: leg.receiver, dueAt: dueAt(message, leg, receiver, now, flushes) }]
    })
    routed.push({ message, receivers: sendings })
  }
  if (routed.length > 0) await outbox.route(routed)
  return messages.length
}

/** Who was called in, or stood in for another one, hears of the end as well. */
async function legsOfAddressees(
  message: Message,
  legs: readonly Leg[],
  outbox: TellDependencies['outbox'],
): Promise<Leg[]> {
  const { kind, incidentId, addressed } = message
  if (kind !== 'recovered' || incidentId === undefined || addressed !== undefined) return []
  const others = (await outbox.addressees(incidentId)).filter((name) => legs.every(({ receiver }) => receiver !== name))
  return others.map((receiver) => directLeg(receiver, message))
}

/** A first message waits for others of its group, and all that comes meanwhile waits with it. */
function dueAt(message: Message, leg: Leg, { updates }: Receiver, now: number, flushes: Map<string, number>): number {
  if (updates === 'every' || message.addressed !== undefined) return now
  const group = JSON.stringify([leg.receiver, leg.groupKey])
  const flush = flushes.get(group)
  if (flush !== undefined) return flush
  if (message.kind !== 'detected') return now
  flushes.set(group, now + leg.groupWaitMs)
  return now + leg.groupWaitMs
}
