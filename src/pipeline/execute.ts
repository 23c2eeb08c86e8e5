import { PASSING } from '../decide/guards/ask.ts'
import { type Action, isUndo } from '../domain/action.ts'
import { acted } from '../domain/incident-course.ts'
import type { Clock } from '../platform/clock.ts'
import { noted, released, suspendAfterFailures, transit } from './action-notes.ts'
import { objectionTo, requestOf, takeBack } from './ask-again.ts'
import { type Effect, EffectError } from './effects.ts'
import { type HealDependencies, LEASE_MS } from './heal-dependencies.ts'
import { JournalError } from './journal.ts'

const RETRY_MS = 1000
/** An effect ends itself at its timeout, and knows best what happened; one that does not is given up a little later. */
const MARGIN_MS = 5000
/** Time that an effect has to end when it is told to, such as to kill a command’s processes. */
const HEED_MS = 2000

/**
 * Brings one planned action up to its start: claim → ask the guards → look at the target → start. One after the other,
 * so that each sees what the one before has begun.
 *
 * @param stopping begins nothing any more
 * @returns what carries it out; undefined when it may not begin
 * @throws {JournalError}
 */
export async function approach(
  planned: Action,
  dependencies: HealDependencies,
  stopping: AbortSignal,
): Promise<((cutOff: AbortSignal) => Promise<void>) | undefined> {
  const { journal, owner, clock, onTransition, onBoundary } = dependencies
  await onBoundary?.('planned', planned)
  const first = await journal.transaction((entries) => objectionTo(entries, planned, clock.now(), dependencies))
  if (stopping.aborted || (first !== undefined && PASSING.has(first.guard))) return undefined
  const claimed = await journal.transaction((entries) => entries.claim(planned.id, owner, LEASE_MS))
  if (claimed === undefined) return undefined
  onTransition(claimed)
  await onBoundary?.('claimed', claimed)
  if (!(await stillWanted(claimed, dependencies))) return undefined
  const effect = await look(claimed, dependencies, stopping)
  if (effect === undefined) return undefined
  await onBoundary?.('prepared', claimed)
  const started = await begin(claimed, effect, dependencies, stopping)
  if (started === undefined) return undefined
  onTransition(started)
  await onBoundary?.('started', started)
  return (cutOff) => carryOut(started, effect, dependencies, cutOff)
}

/** The effect, once, and what became of it. Whoever dies in between leaves a ledger that says nobody knows. */
async function carryOut(
  started: Action,
  effect: Effect,
  dependencies: HealDependencies,
  cutOff: AbortSignal,
): Promise<void> {
  const { clock, onTransition, onBoundary } = dependencies
  const outcome = await run(effect, clock, cutOff)
  await onBoundary?.('ran', started)
  const settled = await keepTrying(() => settleOutcome(started, outcome, dependencies), clock, cutOff)
  if (settled === undefined) return
  onTransition(settled)
  await onBoundary?.('settled', settled)
}

async function stillWanted(claimed: Action, dependencies: HealDependencies): Promise<boolean> {
  const { journal, clock, onTransition } = dependencies
  const taken = await journal.transaction(async (entries) => {
    const at = clock.now()
    const objection = await objectionTo(entries, claimed, at, dependencies)
    return objection === undefined ? undefined : { action: await takeBack(entries, claimed, objection, at) }
  })
  if (taken?.action !== undefined) onTransition(taken.action)
  return taken === undefined
}

async function look(claimed: Action, dependencies: HealDependencies, signal: AbortSignal): Promise<Effect | undefined> {
  const { journal, effects, clock, onTransition } = dependencies
  const request = await journal.transaction((entries) => requestOf(entries, claimed, dependencies))
  try {
    if (isUndo(claimed)) return await effects.prepareUndo(request, claimed.undo ?? {}, signal)
    return await effects.prepare(request, signal)
  } catch (error) {
    const { reason, message } = asEffectError(error)
    const meant = reason === 'unmapped' || reason === 'protected' || reason === 'invalid'
    const facts = { reason: message, finishedAt: clock.now() }
    const next = await journal.transaction(async (entries) => {
      const at = clock.now()
      if (meant) return transit(entries, claimed, { state: 'REFUSED', facts, incident: released(at) }, at)
      const failed = await transit(entries, claimed, { state: 'FAILED', facts, kind: 'acted' }, at)
      await suspendAfterFailures(entries, at, dependencies)
      return failed
    })
    if (next !== undefined) onTransition(next)
    return undefined
  }
}

/** The last look and the start are one: who freezes before it is heard. @returns undefined when it may not begin */
async function begin(
  claimed: Action,
  effect: Effect,
  dependencies: HealDependencies,
  stopping: AbortSignal,
): Promise<Action | undefined> {
  const { journal, clock, onTransition } = dependencies
  const { call } = effect
  const began = await journal.transaction(async (entries) => {
    const at = clock.now()
    if (stopping.aborted) return { taken: await entries.settle(claimed, 'PLANNED', {}, 'homeostat', at) }
    const objection = await objectionTo(entries, claimed, at, dependencies)
    if (objection !== undefined) return { taken: await takeBack(entries, claimed, objection, at) }
    if (!(await entries.start(claimed.id, claimed.epoch, at, { call, startedAt: at }))) return {}
    const started = (await entries.action(claimed.id))!
    await noted(entries, started, at, (incident) =>
      acted(incident, 'acting', at, call, { blast_radius: effect.blastRadius }),
    )
    return { started }
  })
  if (began.taken !== undefined) onTransition(began.taken)
  return began.started
}

type Outcome = Pick<Action, 'undo'> & { readonly state: 'SUCCEEDED' | 'FAILED' | 'UNKNOWN'; readonly reason: string }

async function run(effect: Effect, clock: Clock, cutOff: AbortSignal): Promise<Outcome> {
  const done = new AbortController()
  const late = new AbortController()
  const deadline = AbortSignal.any([cutOff, late.signal])
  const limit = effect.timeoutMs + MARGIN_MS
  clock.sleep(limit, done.signal).then(
    () => late.abort(new Error('it did not end in time')),
    () => {},
  )
  try {
    const { message, undo } = await raced(effect.run(deadline), deadline, clock)
    return { state: 'SUCCEEDED', reason: message, undo }
  } catch (error) {
    const { happened, message } = asEffectError(error)
    return { state: happened === 'no' ? 'FAILED' : 'UNKNOWN', reason: message }
  } finally {
    done.abort()
  }
}

/** An effect that does not heed its signal is not waited for much longer. */
async function raced<T>(work: Promise<T>, signal: AbortSignal, clock: Clock): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const over = new AbortController()
  const stop = () => {
    clock.sleep(HEED_MS, over.signal).then(
      () => aborted.reject(signal.reason),
      () => {},
    )
  }
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    over.abort()
    signal.removeEventListener('abort', stop)
    work.catch(() => {})
  }
}

function settleOutcome(started: Action, outcome: Outcome, dependencies: HealDependencies): Promise<Action | undefined> {
  const { journal, clock } = dependencies
  return journal.transaction(async (entries) => {
    const at = clock.now()
    const { state, reason, undo } = outcome
    const next = await transit(
      entries,
      started,
      {
        state,
        facts: { reason, undo, finishedAt: at },
        kind: started.action === 'alert' ? undefined : 'acted',
        incident: (incident) => (incident.state === 'acting' ? { ...incident, state: 'verifying' } : incident),
      },
      at,
    )
    if (state !== 'SUCCEEDED') await suspendAfterFailures(entries, at, dependencies)
    return next
  })
}

/** The effect has happened: what became of it is kept as soon as the store takes it. */
async function keepTrying<T>(
  work: () => Promise<T>,
  clock: HealDependencies['clock'],
  signal: AbortSignal,
): Promise<T | undefined> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof JournalError)) throw error
      const slept = await clock.sleep(RETRY_MS, signal).then(
        () => true,
        () => false,
      )
      // The next process finds it STARTED, and that nobody knows.
      if (!slept) return undefined
    }
  }
}

function asEffectError(error: unknown): EffectError {
  if (error instanceof EffectError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new EffectError('timeout', 'unknown', message, { cause: error })
}
