import type { Books } from './books.ts'
import type { Place } from './effects.ts'
import type { Sender } from './sender.ts'

const EVERY_MS = 100

/** Ends alerts about which something was done, so that the rule keeps its standing. */
export interface Answers {
  /** One look, beside those that are taken by themselves. */
  round(): Promise<void>
  stop(): void
}

/**
 * Every other alert ends as soon as its effect is there, which may be before the daemon knows; the others, and those
 * whose effect never comes, when the ledger says that the action is over or that nobody knows.
 */
export function answerEffects(sender: Sender, place: Place, read: () => Promise<Books>): Answers {
  const told = new Set<string>()
  let stopped = false

  function tell(instance: string): void {
    if (told.has(instance)) return
    told.add(instance)
    sender.resolve(instance)
  }

  async function round(): Promise<void> {
    for (const [i, instance] of place.effects().entries()) if (i % 2 === 0) tell(instance)
    const { actions } = await read()
    for (const { target, state, startedAt } of actions)
      if (startedAt !== undefined && state !== 'STARTED') tell(target.slice(0, target.lastIndexOf('@')))
  }

  async function run(): Promise<void> {
    while (!stopped) {
      // A store that is just being made, or is away, is read the next time.
      await round().catch(() => {})
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
    }
  }

  void run()
  return {
    round,
    stop() {
      stopped = true
    },
  }
}
