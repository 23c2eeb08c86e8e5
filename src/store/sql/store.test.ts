import { sql } from 'kysely'
import type { Clock } from '../../platform/clock.ts'
import { IN_MEMORY, openSqlite } from './sqlite.ts'
import { storeOn } from './store.ts'
import { describeStore } from './testing/contract.ts'
import { NOON } from './testing/documents.ts'

const DAY_MS = 86_400_000

describeStore('the store on SQLite', async () => {
  let time = NOON
  const clock: Clock = { now: () => time, sleep: async () => {} }
  const engine = await openSqlite(IN_MEMORY, clock, () => time)
  const open = (owner: string) => storeOn(engine, { keepMs: 90 * DAY_MS, auditMs: 400 * DAY_MS }, { clock, owner })
  const store = await open('me')
  return {
    store,
    // What one has written is read by the other, and not remembered.
    other: await open('you'),
    advance: async (ms) => {
      time += ms
    },
    run: async (statement) => void (await sql.raw(statement).execute(engine.db)),
    close: () => store.close(),
  }
})
