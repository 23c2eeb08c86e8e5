import { AsyncLocalStorage } from 'node:async_hooks'
import { JournalError } from '../../pipeline/journal.ts'

/** Calls of one object. */
type Calls = Readonly<Record<string, (...given: never[]) => Promise<unknown>>>

export interface NotNested {
  /** Runs the work of a transaction; for as long as it lasts, calls from inside of it are refused. */
  run<T>(work: () => Promise<T>): Promise<T>
  /** The same calls, but refused inside of a transaction: with one connection they would wait for its end for ever. */
  outside<T extends { [K in keyof T]: Calls[string] }>(calls: T): T
}

export function createNotNested(): NotNested {
  const inside = new AsyncLocalStorage<{ lasts: boolean }>()
  return {
    async run(work) {
      const transaction = { lasts: true }
      try {
        return await inside.run(transaction, work)
      } finally {
        // What the work has set off may go on, and use the store then.
        transaction.lasts = false
      }
    },
    outside(calls) {
      const guarded = Object.entries<Calls[string]>(calls).map(([name, call]) => [
        name,
        async (...given: never[]) => {
          if (inside.getStore()?.lasts) throw new JournalError('internal', `${name} was called inside of a transaction`)
          return call(...given)
        },
      ])
      return Object.fromEntries(guarded)
    },
  }
}
