import { type Journal, type JournalEntries, JournalError, type JournalFailure } from './journal.ts'

type Work<T> = (entries: JournalEntries) => Promise<T>

interface Waiting {
  run(entries: JournalEntries): Promise<void>
  kept(): void
  failed(error: unknown): void
}

/** With these nothing can be kept, whatever it is. */
const OF_THE_STORE: ReadonlySet<JournalFailure> = new Set(['full', 'read_only', 'unreachable', 'corrupt'])
/** Longer ones would let the first of them wait for the last. */
const MOST_AT_ONCE = 32

/** After each, who else comes gets together: a hundred commits a second would leave the disk and us no time for others. */
const REST_MS = 20

/**
 * Runs works one after the other, in the order in which they came; all that wait share one transaction, because what
 * takes long is to make it durable. One that fails takes none of the others with it.
 *
 * @param letOthers resolves after what else waits for the process: dozens of works take long
 * @returns resolves when what a work did is durable, and rejects when nothing of it was kept
 */
export function shareTransactions(
  journal: Pick<Journal, 'transaction'>,
  sleep: (ms: number) => Promise<void>,
  letOthers: () => Promise<void>,
): <T>(work: Work<T>) => Promise<T> {
  const waiting: Waiting[] = []
  let draining = false

  async function together(works: readonly Waiting[]): Promise<void> {
    try {
      await journal.transaction(async (entries) => {
        for (const work of works) {
          await work.run(entries)
          await letOthers()
        }
      })
      for (const work of works) work.kept()
    } catch (error) {
      const alone = works.length === 1 || (error instanceof JournalError && OF_THE_STORE.has(error.reason))
      if (alone) for (const work of works) work.failed(error)
      else for (const work of works) await together([work])
    }
  }

  async function drain(): Promise<void> {
    draining = true
    while (waiting.length > 0) {
      await together(waiting.splice(0, MOST_AT_ONCE))
      await sleep(REST_MS)
    }
    draining = false
  }

  return <T>(work: Work<T>) =>
    new Promise<T>((resolve, reject) => {
      let result: T
      waiting.push({
        run: async (entries) => {
          result = await work(entries)
        },
        kept: () => resolve(result),
        failed: reject,
      })
      if (!draining) void drain()
    })
}
