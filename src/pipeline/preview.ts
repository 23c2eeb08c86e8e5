import type { Action } from '../domain/action.ts'
import { requestOf } from './ask-again.ts'
import { EffectError } from './effects.ts'
import type { HealDependencies } from './heal-dependencies.ts'
import { actionMessage, say } from './messages.ts'

const LOOK_BACK_MS = 3_600_000
const MOST_AT_ONCE = 20

/** Finds the exact call of what is only recorded, or waits for a person; nothing is changed. */
export async function preview(dependencies: HealDependencies, signal: AbortSignal): Promise<void> {
  const { journal, clock } = dependencies
  const since = clock.now() - LOOK_BACK_MS
  const found = await journal.transaction((entries) => {
    return entries.actions({ states: ['DRY_RUN', 'AWAITING_APPROVAL'], since, limit: 1000 })
  })
  const unseen = found.filter(({ call, finishedAt }) => call === '' && finishedAt === undefined)
  for (const action of unseen.reverse().slice(0, MOST_AT_ONCE)) {
    if (signal.aborted) return
    await previewOne(action, dependencies, signal)
  }
}

async function previewOne(action: Action, dependencies: HealDependencies, signal: AbortSignal): Promise<void> {
  const { journal, effects, clock } = dependencies
  const request = await journal.transaction((entries) => requestOf(entries, action, dependencies))
  const facts = await effects.prepare(request, signal).then(
    ({ call }) => ({ call, reason: action.reason }),
    (error: unknown) => {
      const why = error instanceof EffectError ? error.message : 'the call cannot be found out'
      return { call: '-', reason: `${action.reason}; ${why}` }
    },
  )
  const at = clock.now()
  await journal.transaction(async (entries) => {
    const finishedAt = action.state === 'DRY_RUN' ? at : undefined
    const next = await entries.settle(action, action.state, { ...facts, finishedAt }, 'homeostat', at)
    if (next === undefined || next.mode !== 'suggest') return
    await say(
      entries,
      [actionMessage(next, request.labels, 'proposed', at, `${next.rule} would do: ${facts.call}`)],
      at,
    )
  })
}
