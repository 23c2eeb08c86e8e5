import { type Action, type ActionState, OPEN_STATES } from '../domain/action.ts'
import { isUnwell } from '../domain/incident.ts'
import { escalated } from '../domain/incident-course.ts'
import { endOf, released, suspendAfterFailures, transit } from './action-notes.ts'
import { approach } from './execute.ts'
import type { HealDependencies } from './heal-dependencies.ts'
import type { JournalEntries } from './journal.ts'
import { say } from './messages.ts'
import { preview } from './preview.ts'
import { verify } from './verify.ts'

/** Takes planned actions from the ledger to their end. */
export interface Healer {
  /** Looks after the ledger until it is stopped. */
  run(): Promise<void>
  /** There may be something to do: looks now rather than at the next poll. */
  wake(): void
  /** One look at the ledger; resolves when what it began has been begun, not when it has ended. */
  round(): Promise<void>
  /** Actions that are under way now. */
  readonly underWay: number
  /** Resolves when what is under way has ended. */
  idle(): Promise<void>
  /** Begins nothing more, and lets what is under way end; what does not is cut off, and nobody knows what became of it. */
  stop(): Promise<void>
}

const POLL_MS = 1000
/** Stranded incidents are rare, and to look for them reads all. */
const FREE_EVERY_MS = 30_000
/** How long an effect may go on when the process is told to stop, and then to be written down. */
const GRACE_MS = 25_000
const LAST_WORDS_MS = 3000
const MOST_OPEN = 1000

/** What a round may take on; who has CLAIMED or STARTED an action goes on with it. */
const TO_LOOK_AFTER = OPEN_STATES.filter((state) => state !== 'CLAIMED' && state !== 'STARTED')
const DONE: ReadonlySet<ActionState> = new Set(['SUCCEEDED', 'FAILED', 'UNKNOWN'])

export function createHealer(dependencies: HealDependencies): Healer {
  const { journal, clock, alive, frozenOutside, onTransition, onRound, onTrouble, onBoundary } = dependencies
  const stopping = new AbortController()
  const cutOff = new AbortController()
  const underWay = new Map<string, Promise<void>>()
  let woken = Promise.withResolvers<void>()
  let rounds: Promise<void> = Promise.resolve()
  let freedAt = Number.NEGATIVE_INFINITY

  async function lookAfter(): Promise<void> {
    const living = await alive()
    const orphans = await journal.transaction((entries) => entries.abandoned(living))
    for (const orphan of orphans) if (!underWay.has(orphan.id)) await adopt(orphan)
    const { open, freeze } = await journal.transaction(async (entries) => ({
      open: await entries.actions({ states: TO_LOOK_AFTER, limit: MOST_OPEN }),
      freeze: frozenOutside() ?? (await entries.freeze()),
    }))
    onRound({ waiting: open.filter(({ state }) => state === 'AWAITING_APPROVAL').length, freeze })
    for (const action of open.reverse()) {
      if (stopping.signal.aborted) return
      if (DONE.has(action.state)) await settle(action)
      else if (clock.now() >= action.expiresAt) await expire(action)
      else if (action.state === 'AWAITING_APPROVAL') await waitOn(action)
      else await begin(action)
    }
    await preview(dependencies, stopping.signal)
    if (clock.now() < freedAt + FREE_EVERY_MS) return
    freedAt = clock.now()
    await journal.transaction((entries) => free(entries, clock.now()))
  }

  /** What another process left behind: before the start it is planned again, afterwards nobody knows. */
  async function adopt(orphan: Action): Promise<void> {
    const at = clock.now()
    const next = await journal.transaction(async (entries) => {
      if (orphan.state === 'CLAIMED') return entries.settle(orphan, 'PLANNED', {}, 'homeostat', at)
      const facts = {
        reason: 'Homeostat ended while it was under way: nobody knows whether it happened',
        finishedAt: at,
      }
      const unknown = await transit(
        entries,
        orphan,
        {
          state: 'UNKNOWN',
          facts,
          kind: 'acted',
          incident: (one) => (one.state === 'acting' ? { ...one, state: 'verifying' } : one),
        },
        at,
      )
      await suspendAfterFailures(entries, at, dependencies)
      return unknown
    })
    if (next !== undefined) onTransition(next)
  }

  async function settle(action: Action): Promise<void> {
    const next = await verify(action, dependencies, stopping.signal)
    if (next === undefined) return
    onTransition(next)
    await onBoundary?.('verified', next)
  }

  async function expire(action: Action): Promise<void> {
    const waited = action.state === 'AWAITING_APPROVAL'
    const reason = waited ? 'nobody answered in time' : `it could not be begun in time: ${action.reason}`
    await end(action, reason, waited)
  }

  async function end(action: Action, reason: string, callsPerson: boolean): Promise<void> {
    const at = clock.now()
    const next = await journal.transaction((entries) =>
      transit(
        entries,
        action,
        {
          state: 'EXPIRED',
          facts: { reason, finishedAt: at },
          kind: callsPerson ? 'escalated' : undefined,
          incident: (one) =>
            callsPerson && isUnwell(one) ? escalated(one, at, `${action.action}: ${reason}`) : released(at)(one),
        },
        at,
      ),
    )
    if (next !== undefined) onTransition(next)
  }

  /** Nobody needs to answer for a target that is well again. */
  async function waitOn(action: Action): Promise<void> {
    if (action.incidentId === undefined) return
    const incident = await journal.transaction((entries) => entries.incident(action.incidentId!))
    if (incident === undefined || isUnwell(incident)) return
    await end(action, 'the target is well again', false)
  }

  /** Resolves when it was begun, or may not begin; the effect goes on by itself. */
  async function begin(action: Action): Promise<void> {
    if (underWay.has(action.id)) return
    const begun = Promise.withResolvers<void>()
    const work = approach(action, dependencies, stopping.signal)
      .finally(begun.resolve)
      .then((carryOut) => carryOut?.(cutOff.signal))
      .catch(onTrouble)
      .finally(() => {
        underWay.delete(action.id)
        wake()
      })
    underWay.set(action.id, work)
    await begun.promise
  }

  function wake(): void {
    woken.resolve()
  }

  function round(): Promise<void> {
    rounds = rounds
      .then(() => dependencies.timed(lookAfter))
      .then(
        () => onTrouble(undefined),
        (error) => onTrouble(error),
      )
    return rounds
  }

  async function idle(): Promise<void> {
    while (underWay.size > 0) await Promise.all(underWay.values())
  }

  return {
    async run() {
      while (!stopping.signal.aborted) {
        woken = Promise.withResolvers()
        await round()
        const slept = new AbortController()
        const sleep = clock.sleep(POLL_MS, AbortSignal.any([stopping.signal, slept.signal])).catch(() => {})
        await Promise.race([sleep, woken.promise])
        slept.abort()
      }
    },
    wake,
    round,
    get underWay() {
      return underWay.size
    },
    idle,
    async stop() {
      stopping.abort(new Error('stopping'))
      wake()
      await rounds
      const within = (ms: number) => {
        const enough = new AbortController()
        const limit = clock.sleep(ms, enough.signal).catch(() => {})
        return Promise.race([idle(), limit]).finally(() => enough.abort())
      }
      await within(GRACE_MS)
      cutOff.abort(new Error('Homeostat was stopped while it was under way'))
      await within(LAST_WORDS_MS)
    },
  }
}

/** An incident that waits for an action which is no more, however that came, is decided about again. */
async function free(entries: JournalEntries, at: number): Promise<void> {
  const waiting = (await entries.ongoing()).filter(({ state }) => state === 'acting' || state === 'verifying')
  if (waiting.length === 0) return
  const open = await entries.actions({ states: OPEN_STATES, limit: MOST_OPEN })
  const busy = new Set(open.map(({ incidentId }) => incidentId))
  const stranded = waiting.filter(({ id }) => !busy.has(id))
  if (stranded.length === 0) return
  const freed = stranded.map(released(at))
  await entries.saveIncidents(freed)
  await say(
    entries,
    freed.flatMap((incident) => endOf(incident, at, 'nothing is left to be done')),
    at,
  )
}
