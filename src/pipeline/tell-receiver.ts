import type { Message } from '../domain/message.ts'
import type { Delivery } from './outbox.ts'
import { type Bulletin, directLeg, type Leg, NotifyError, type Receiver } from './receivers.ts'
import { sendInTime } from './send-in-time.ts'
import { type Bunch, joinedInStorm, TOLD_TOGETHER } from './tell-bunches.ts'
import {
  type Dropped,
  isCalling,
  isOver,
  isQuiet,
  isSaidAgain,
  standingMessage,
  type TellDependencies,
} from './tell-dependencies.ts'
import { hushOf, maximum, quietNow } from './tell-quiet.ts'

/** Deliveries fetched at once. */
const BATCH = 100
/** A batch is left alone after so long and fetched anew: another process may take over what takes longer. */
const BATCH_MS = 30_000
const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 600_000
/** With pauses of ten minutes in the end: some five hours. */
const MOST_ATTEMPTS = 40
/** After a failure the receiver is left alone for so long at most, whatever else is for it. */
const LONGEST_PAUSE_MS = 60_000
/** Targets told of in one message of those that are said again and again. */
const REFRESHED_TOGETHER = 50
const GROUPS_REMEMBERED = 10_000

/** Delivers to one receiver, one message after the other. */
export interface ReceiverQueue {
  /** Sends what is due. Throws only what the store throws. */
  drain(signal: AbortSignal): Promise<void>
}

export function createReceiverQueue(receiver: Receiver, dependencies: TellDependencies): ReceiverQueue {
  const { outbox, journal, dispatch, fallback, clock, limiter, random, metrics, logger } = dependencies
  const { name, updates } = receiver
  const silencedElsewhere = receiver.silencesItself ? undefined : dependencies.silencedElsewhere
  /** When a group was last told of. Lost by a restart: then a message more is sent. */
  const toldAt = new Map<string, number>()
  /** Deliveries kept back by a silence or a time interval. */
  const held = new Set<string>()
  let pausedUntil = Number.NEGATIVE_INFINITY
  let failuresInARow = 0
  let refreshAt = Number.NEGATIVE_INFINITY

  async function drain(signal: AbortSignal): Promise<void> {
    const began = clock.now()
    if (began < pausedUntil) return
    const due = await outbox.due(name, began, BATCH)
    for (const bunch of bunches(due)) {
      if (signal.aborted || clock.now() < pausedUntil || clock.now() - began > BATCH_MS) return
      await deliver(bunch, signal)
    }
    if (receiver.refreshMs !== undefined && began >= refreshAt) {
      refreshAt = began + receiver.refreshMs
      await refresh(signal)
    }
  }

  function bunches(deliveries: readonly Delivery[]): readonly Bunch[] {
    const byKey = new Map<string, { leg: Leg; deliveries: Delivery[] }>()
    for (const delivery of deliveries) {
      const leg = legOf(delivery.message)
      const key = updates === 'every' ? delivery.id : leg.groupKey
      const bunch = byKey.get(key)
      if (bunch === undefined) byKey.set(key, { leg, deliveries: [delivery] })
      else bunch.deliveries.push(delivery)
    }
    const own = [...byKey.values()]
    return updates === 'every' || receiver.groupsItself ? own : joinedInStorm(own)
  }

  /** Routing may have changed since: what was promised to a receiver stays with it. */
  function legOf(message: Message): Leg {
    return dispatch(message).find((leg) => leg.receiver === name) ?? directLeg(name, message)
  }

  async function deliver({ leg, deliveries, together }: Bunch, signal: AbortSignal): Promise<void> {
    const now = clock.now()
    const known = deliveries.findLast(({ handle }) => handle !== undefined && handle !== TOLD_TOGETHER)?.handle
    const quiet = await journal.transaction((entries) => hushOf(entries, deliveries, now, silencedElsewhere))
    const ready: Delivery[] = []
    let silent = false
    for (const delivery of deliveries) {
      const until = maximum(legOf(delivery.message).heldUntil(now), quiet.untilOf(delivery.message))
      const shown = known !== undefined && updates === 'in_place'
      const late = held.has(delivery.id) || delivery.message.kind === 'closed'
      if (delivery.handle === TOLD_TOGETHER && isQuiet(delivery.message)) await drop(delivery, 'superseded', now)
      else if (until !== undefined && !shown) await hold(delivery, until, now)
      else if (late && known === undefined && updates !== 'every' && quiet.isOver(delivery.message)) {
        held.delete(delivery.id)
        await drop(delivery, 'over', now)
      } else {
        ready.push(delivery)
        silent ||= until !== undefined
      }
    }
    if (ready.length > 0) await deliverReady({ leg, deliveries: ready, together }, known, silent, signal)
  }

  async function hold({ id }: Delivery, until: number, now: number): Promise<void> {
    held.add(id)
    await outbox.settle(id, { kind: 'held', dueAt: until, reason: 'silenced' }, now)
  }

  async function drop({ id }: Delivery, why: Dropped, now: number): Promise<void> {
    metrics.dropped(name, why)
    await outbox.settle(id, { kind: 'dropped', reason: why }, now)
  }

  async function deliverReady(
    { leg, deliveries, together }: Bunch,
    known: string | undefined,
    silent: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const messages = deliveries.map(({ message }) => message)
    const handle = messages.some(isSaidAgain) && updates !== 'anew' ? undefined : known
    const urgent = messages.some((message) => isCalling(message) || isSaidAgain(message))
    const next = (toldAt.get(leg.groupKey) ?? Number.NEGATIVE_INFINITY) + leg.groupIntervalMs
    const inPlace = handle !== undefined && updates === 'in_place'
    if (clock.now() < next && !inPlace && updates !== 'every' && !messages.some(cannotWait)) {
      for (const { id } of deliveries) {
        await outbox.settle(id, { kind: 'held', dueAt: next, reason: 'group_interval' }, clock.now())
      }
      return
    }
    const bulletin = { messages, groupKey: leg.groupKey, handle, attention: urgent && !silent }
    try {
      const answer = await sendNow(bulletin, signal)
      for (const { id } of deliveries) held.delete(id)
      remember(leg.groupKey)
      await settleSent(deliveries, together === true ? TOLD_TOGETHER : (answer.handle ?? handle))
    } catch (error) {
      // Nobody knows whether it arrived: it is sent again after the restart.
      if (signal.aborted) return
      const failure = failureOf(error)
      for (const delivery of deliveries) await settleFailed(delivery, failure)
    }
  }

  async function sendNow(bulletin: Bulletin, signal: AbortSignal): Promise<{ readonly handle?: string }> {
    await limiter.acquire(receiver.limits, signal)
    const began = clock.now()
    const answer = await sendInTime(receiver, bulletin, clock, signal)
    metrics.sent(name, (clock.now() - began) / 1000)
    failuresInARow = 0
    return answer
  }

  /** The newest of each incident keeps the handle; the earlier ones went with it. */
  async function settleSent(deliveries: readonly Delivery[], handle: string | undefined): Promise<void> {
    const newest = new Map(deliveries.map((delivery) => [delivery.message.incidentId ?? delivery.id, delivery]))
    const carrying = new Set(newest.values())
    const now = clock.now()
    for (const { id } of carrying) await outbox.settle(id, { kind: 'sent', handle }, now)
    for (const one of deliveries) if (!carrying.has(one)) await drop(one, 'superseded', now)
  }

  function failureOf(error: unknown): NotifyError {
    const known = error instanceof NotifyError
    const failure = known ? error : new NotifyError('rejected', 'a message cannot be made', { cause: error })
    const now = clock.now()
    metrics.failed(name, failure.reason)
    failuresInARow++
    if (failure.retryable) {
      const pause = Math.min(FIRST_RETRY_MS * 2 ** Math.min(failuresInARow - 1, 10), LONGEST_PAUSE_MS)
      pausedUntil = now + Math.max(pause, failure.retryAfterMs ?? 0)
    }
    const fields = { receiver: name, reason: failure.reason, problem: failure.message, failures: failuresInARow }
    if (known) logger.warn(fields, 'a receiver has not taken a message')
    else logger.error({ ...fields, err: error }, 'a receiver has not taken a message')
    return failure
  }

  async function settleFailed(delivery: Delivery, failure: NotifyError): Promise<void> {
    const now = clock.now()
    const attempts = delivery.attempts + 1
    const goesOn = failure.retryable && attempts < MOST_ATTEMPTS
    if (!goesOn || now - delivery.message.at >= (fallback?.afterMs ?? Number.POSITIVE_INFINITY)) {
      await fallBack(delivery.message, now)
    }
    if (!goesOn) return drop(delivery, failure.retryable ? 'gave_up' : 'rejected', now)
    const backoff = Math.min(FIRST_RETRY_MS * 2 ** Math.min(delivery.attempts, 20), LONGEST_RETRY_MS)
    const wait = Math.max(backoff * (0.75 + random() / 2), failure.retryAfterMs ?? 0)
    await outbox.settle(delivery.id, { kind: 'retry', dueAt: now + wait, reason: failure.reason }, now)
  }

  async function fallBack(message: Message, at: number): Promise<void> {
    const failed = [...new Set([...(message.addressed?.failed ?? []), name])]
    const to = fallback?.receivers.find((one) => !failed.includes(one))
    if (to === undefined || (isQuiet(message) && message.addressed === undefined)) return
    const original =
      message.addressed?.because === 'fallback' ? message.key.replace(/:fallback:[^:]*$/, '') : message.key
    const key = `${original}:fallback:${to}`
    const next: Message = { ...message, key, at, addressed: { to, because: 'fallback', failed } }
    await journal.transaction((entries) => entries.say([next]))
  }

  function remember(groupKey: string): void {
    toldAt.delete(groupKey)
    toldAt.set(groupKey, clock.now())
    if (toldAt.size > GROUPS_REMEMBERED) toldAt.delete(toldAt.keys().next().value as string)
  }

  /** Says how all that goes on stands. What fails is said again the next time. */
  async function refresh(signal: AbortSignal): Promise<void> {
    const at = clock.now()
    const { messages, quiet } = await journal.transaction(async (entries) => {
      const ongoing = (await entries.ongoing()).filter((incident) => !isOver(incident))
      const standing = ongoing.map((incident) => standingMessage(incident, at))
      return { messages: standing, quiet: await quietNow(entries, at) }
    })
    const mine = messages.filter((message) => {
      const leg = dispatch(message).find((one) => one.receiver === name)
      return leg !== undefined && leg.heldUntil(at) === undefined && quiet(message) === undefined
    })
    for (let i = 0; i < mine.length && !signal.aborted && clock.now() >= pausedUntil; i += REFRESHED_TOGETHER) {
      const some = mine.slice(i, i + REFRESHED_TOGETHER)
      try {
        await sendNow({ messages: some, groupKey: '', attention: false }, signal)
      } catch (error) {
        if (!signal.aborted) failureOf(error)
      }
    }
  }

  return { drain }
}

/** An approval runs out, and a call for help is one. */
function cannotWait({ kind }: Message): boolean {
  return kind === 'waiting' || kind === 'escalated'
}
