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
    const found = await routeNew(dependencies)
    if (found) wake()
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

/** @returns whether there was anything new */
async function routeNew({ outbox, dispatch, receivers, clock, metrics, logger }: TellDependencies): Promise<boolean> {
  const messages = await outbox.unrouted(ROUTED_AT_ONCE)
  for (const message of messages) {
    const at = clock.now()
    const legs = dispatch(message)
    const sendings = legs.flatMap(({ receiver: name, groupWaitMs }) => {
      const receiver = receivers.find((one) => one.name === name)
      if (receiver === undefined) {
        metrics.dropped('other', 'unknown_receiver')
        logger.warn({ receiver: name, message: message.key }, 'a message is addressed to a receiver that is not there')
        return []
      }
      const unheard = receiver.updates === 'anew' && isQuiet(message) && message.addressed === undefined
      const waits = message.kind === 'detected' && message.addressed === undefined && receiver.updates !== 'every'
      return unheard ? [] : [{ receiver: name, dueAt: waits ? at + groupWaitMs : at }]
    })
    await outbox.route(message, sendings)
  }
  return messages.length > 0
}
