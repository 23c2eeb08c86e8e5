import { expect, it } from 'vitest'
import { manualClock } from '../../pipeline/testing/manual-clock.ts'
import { incident, NOON } from './testing/documents.ts'
import { openMemoryStore } from './testing/memory-store.ts'

const YEAR_MS = 365 * 86_400_000

it('forgets incidents a few at a time, because of each its alerts and its timeline go as well', async () => {
  const clock = manualClock(NOON)
  const store = await openMemoryStore(clock)
  const old = Array.from({ length: 250 }, (_, i) => {
    return { ...incident(`${1000 + i}`), state: 'closed', endedAt: NOON } as const
  })
  await store.transaction((entries) => entries.saveIncidents(old))
  const seen = new Set<number>()
  let isOver = false

  const retaining = store.retain(NOON + YEAR_MS).finally(() => {
    isOver = true
  })
  while (!isOver) {
    seen.add((await store.transaction((entries) => entries.incidents({ limit: 1000 }))).length)
    await new Promise(setImmediate)
  }

  expect(await retaining).toEqual({ incidents: 250 })
  expect([...seen].some((left) => left > 0 && left < 250)).toBe(true)
})
