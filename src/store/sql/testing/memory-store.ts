import type { Clock } from '../../../platform/clock.ts'
import { IN_MEMORY, openSqlite } from '../sqlite.ts'
import { type Store, storeOn } from '../store.ts'

const DAY_MS = 86_400_000

/** The real store on a database in memory, whose clock is the given one. */
export async function openMemoryStore(clock: Clock, owner = 'test'): Promise<Store> {
  const engine = await openSqlite(IN_MEMORY, clock, () => clock.now())
  return storeOn(engine, { keepMs: 90 * DAY_MS, auditMs: 400 * DAY_MS }, { clock, owner })
}
