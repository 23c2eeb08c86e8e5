import type { Action } from '../domain/action.ts'
import { requestOf } from './ask-again.ts'
import { EffectError, type EffectRequest } from './effects.ts'
import type { HealDependencies } from './heal-dependencies.ts'
import type { JournalEntries } from './journal.ts'
import { actionMessage, say } from './messages.ts'

const LOOK_BACK_MS = 3_600_000
const MOST_AT_ONCE = 20

/** Finds the exact call of what is only recorded, or waits for a person; nothing is changed. */
export async function preview(dependencies: HealDependencies, signal: AbortSignal): Promise<void> {
  const { journal, clock } = dependencies
  const since = clock.now() - LOOK_BACK_MS
  const wanted = await journal.transaction(async (entries) => {
    const found = await entries.actions({ states: ['DRY_RUN', 'AWAITING_APPROVAL'], since, limit: 1000 })
    const unseen = found.filter(({ call, finishedAt }) => call === '' && finishedAt === undefined)
    const requests: Wanted[] = []
    for (const action of unseen.reverse().slice(0, MOST_AT_ONCE))
      requests.push({ action, request: await requestOf(entries, action, dependencies) })
    return requests
  })
  const seen = await Promise.all(
    wanted.map(async (one) => ({ ...one, facts: await factsOf(one, dependencies, signal) })),
  )
  if (seen.length === 0 || signal.aborted) return
  const at = clock.now()
  // Each would wait for a commit of its own.
  await journal.transaction(async (entries) => {
    for (const one of seen) await write(entries, one, at)
  })
}

interface Wanted {
  readonly action: Action
  readonly request: EffectRequest
}

interface Previewed extends Wanted {
  readonly facts: { readonly call: string; readonly reason: string }
}

async function factsOf({ action, request }: Wanted, { effects }: HealDependencies, signal: AbortSignal) {
  try {
    const { call } = await effects.prepare(request, signal)
    return { call, reason: action.reason }
  } catch (error) {
    const why = error instanceof EffectError ? error.message : 'the call cannot be found out'
    return { call: '-', reason: `${action.reason}; ${why}` }
  }
}

async function write(entries: JournalEntries, { action, request, facts }: Previewed, at: number): Promise<void> {
  const finishedAt = action.state === 'DRY_RUN' ? at : undefined
  const next = await entries.settle(action, action.state, { ...facts, finishedAt }, 'homeostat', at)
  if (next === undefined || next.mode !== 'suggest') return
  const text = `${next.rule} would do: ${facts.call}`
  await say(entries, [actionMessage(next, request.labels, 'proposed', at, text)], at)
}
