import { describe, expect, it } from 'vitest'
import { type JournalEntries, JournalError } from './journal.ts'
import { shareTransactions } from './shared-transactions.ts'

/** A store that keeps names, all or none of a transaction. */
function fakeStore(failure?: () => Error | undefined) {
  const kept: string[] = []
  const sizes: number[] = []
  return {
    kept,
    sizes,
    async transaction<T>(work: (entries: JournalEntries) => Promise<T>): Promise<T> {
      const own: string[] = []
      const result = await work({ audit: async ({ text }: { text: string }) => void own.push(text) } as never)
      await Promise.resolve()
      const error = failure?.()
      if (error !== undefined) throw error
      kept.push(...own)
      sizes.push(own.length)
      return result
    },
  }
}

const nothing = async () => {}

const keep = (text: string) => async (entries: JournalEntries) => {
  await entries.audit({ text } as never)
  return `kept ${text}`
}

describe('works that wait for the store', () => {
  it('share one transaction, keep their order, and get an answer each', async () => {
    const store = fakeStore()
    const share = shareTransactions(store, nothing, nothing)

    const answers = await Promise.all(['a', 'b', 'c'].map((name) => share(keep(name))))

    expect(answers).toEqual(['kept a', 'kept b', 'kept c'])
    expect(store.kept).toEqual(['a', 'b', 'c'])
    expect(store.sizes).toEqual([1, 2])
  })

  it('are no more than 32 at once', async () => {
    const store = fakeStore()
    const share = shareTransactions(store, nothing, nothing)

    await Promise.all(Array.from({ length: 70 }, (_, i) => share(keep(`${i}`))))

    expect(store.sizes).toEqual([1, 32, 32, 5])
  })

  it('that come right after a transaction wait for each other', async () => {
    const store = fakeStore()
    const rest = Promise.withResolvers<void>()
    const share = shareTransactions(store, () => rest.promise, nothing)
    await share(keep('a'))

    const later = ['b', 'c'].map((name) => share(keep(name)))
    await Promise.resolve()
    expect(store.kept).toEqual(['a'])
    rest.resolve()
    await Promise.all(later)

    expect(store.sizes).toEqual([1, 2])
  })

  it('fail alone, each of them, when it is their own fault', async () => {
    const store = fakeStore()
    const share = shareTransactions(store, nothing, nothing)
    const fail = () => Promise.reject(new Error('its own'))

    const answers = await Promise.allSettled([share(keep('a')), share(keep('b')), share(fail), share(keep('c'))])

    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
    expect(store.kept).toEqual(['a', 'b', 'c'])
  })

  it('fail together when the store takes nothing, and are taken again afterwards', async () => {
    let full = true
    let transactions = 0
    const store = fakeStore(() => {
      transactions++
      return full ? new JournalError('full', 'the disk is full') : undefined
    })
    const share = shareTransactions(store, nothing, nothing)

    const answers = await Promise.allSettled([share(keep('a')), share(keep('b')), share(keep('c'))])
    full = false
    await share(keep('d'))

    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(transactions).toBe(3)
    expect(store.kept).toEqual(['d'])
  })
})
