import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Action, isSettled } from '../../domain/action.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Store } from './store.ts'
import { action, NOON } from './testing/documents.ts'
import { openMemoryStore } from './testing/memory-store.ts'

const OWNERS = ['a', 'b', 'c']
const TARGETS = ['web', 'db']
const LEASE_MS = 1000

/** Something that one of several executors does, or that happens to all. */
type Step =
  | {
      readonly kind: 'claim' | 'start' | 'finish' | 'recover' | 'pause'
      readonly owner: string
      readonly action: number
    }
  | { readonly kind: 'time'; readonly ms: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('claim', 'claim', 'start', 'start', 'finish', 'recover', 'pause'),
    owner: fc.constantFrom(...OWNERS),
    action: fc.nat(5),
  }),
  fc.record({ kind: fc.constant('time' as const), ms: fc.nat(LEASE_MS * 1.5) }),
)

/** Executors that remember what they claimed, however long ago that was. */
function createFleet(store: Store, elapse: (ms: number) => void) {
  const claims = new Map<string, Action>()
  const starts = new Map<string, number>()
  const paused = new Set<string>()

  async function act({ kind, owner, action: number }: Exclude<Step, { kind: 'time' }>): Promise<void> {
    const id = `${number}`
    const mine = `${owner}/${id}`
    if (kind === 'pause') return void (paused.delete(owner) || paused.add(owner))
    await store.transaction(async (entries) => {
      const claimed = claims.get(mine)
      if (kind === 'claim') {
        const got = await entries.claim(id, owner, LEASE_MS)
        if (got) claims.set(mine, got)
      } else if (kind === 'start' && claimed !== undefined) {
        if (await entries.start(id, claimed.epoch, NOON, {})) starts.set(id, (starts.get(id) ?? 0) + 1)
      } else if (kind === 'finish' && claimed !== undefined) {
        await entries.settle({ ...claimed, state: 'STARTED' }, 'SUCCEEDED', {}, owner, NOON)
      } else if (kind === 'recover') {
        // Who is paused seems to be dead to the others.
        for (const lost of await entries.abandoned(OWNERS.filter((one) => !paused.has(one))))
          await entries.settle(lost, lost.state === 'CLAIMED' ? 'PLANNED' : 'UNKNOWN', {}, owner, NOON)
      }
    })
  }

  return {
    starts,
    take: async (one: Step) => (one.kind === 'time' ? elapse(one.ms) : act(one)),
  }
}

describe('the ledger under any order of claims, starts, ends, pauses and lost leases', () => {
  it('never starts an action twice, and never holds two of one target', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
        let time = NOON
        const clock: Clock = { now: () => time, sleep: async () => {} }
        const store = await openMemoryStore(clock)
        await store.transaction(async (entries) => {
          for (let i = 0; i < 6; i++) await entries.plan(action(`${i}`, { target: TARGETS[i % TARGETS.length] }))
        })
        const fleet = createFleet(store, (ms) => {
          time += ms
        })

        for (const one of steps) {
          await fleet.take(one)

          const busy = await store.transaction((e) => e.actions({ states: ['CLAIMED', 'STARTED'], limit: 9 }))
          expect(new Set(busy.map(({ target }) => target)).size).toBe(busy.length)
        }

        for (const [id, times] of fleet.starts) expect([id, times]).toEqual([id, 1])
        const all = await store.transaction((entries) => entries.actions({ limit: 9 }))
        const begun = all.filter(({ startedAt }) => startedAt !== undefined)
        expect(begun.map(({ id }) => id).sort()).toEqual([...fleet.starts.keys()].sort())
        expect(
          begun.filter(({ state }) => ['PLANNED', 'CLAIMED'].includes(state)).concat(all.filter(isSettled)),
        ).toEqual([])
        expect((await store.verifyAudit()).ok).toBe(true)
        await store.close()
      }),
      { numRuns: 100 },
    )
  }, 60_000)

  it('starts something in most orders, so that the above says something', async () => {
    let started = 0
    const orders = fc.sample(fc.array(step, { minLength: 90, maxLength: 90 }), { numRuns: 30, seed: 1 })
    for (const steps of orders) {
      const store = await openMemoryStore({ now: () => NOON, sleep: async () => {} })
      await store.transaction(async (entries) => {
        for (let i = 0; i < 6; i++) await entries.plan(action(`${i}`))
      })
      const fleet = createFleet(store, () => {})
      for (const one of steps) await fleet.take(one)
      started += fleet.starts.size
      await store.close()
    }

    expect(started).toBeGreaterThan(30)
  })
})
