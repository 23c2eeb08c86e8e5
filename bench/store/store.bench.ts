import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { systemClock } from '../../src/platform/clock.ts'
import { systemEnvironment } from '../../src/platform/environment.ts'
import { openStore, type Store } from '../../src/store/sql/store.ts'
import { action, incident } from '../../src/store/sql/testing/documents.ts'
import type { Report } from '../report.ts'
import { median, race, type Timing } from '../timing.ts'

const SECTION = 'store'
const ROWS = 10_000
/** Single commits are timed on a part of the rows: each waits for the disk. */
const COMMITS = 2_000
const ROUNDS = 3
const DAY_MS = 86_400_000

const SINGLE_RAW = 'SQLite itself, a row a transaction'
const SINGLE = 'store, an incident a transaction'
const LEDGER = 'store, an action planned, claimed and started, a transaction each'
const BULK_RAW = 'SQLite itself, all rows in one transaction'
const BULK = 'store, all incidents in one transaction'
const WEBHOOK = 'store, all alerts of one webhook with incidents, actions, audit and messages'

/** What a durable commit costs: the store beside the bare database with the same settings on the same disk. */
export async function benchStore(report: Report): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'homeostat-bench-'))
  const file = join(dir, 'homeostat.db')
  const dependencies = { clock: systemClock, owner: 'bench', logger: { warn() {} }, environment: systemEnvironment }
  const retention = { keepMs: 90 * DAY_MS, auditMs: 400 * DAY_MS }
  const store = await openStore({ database: { kind: 'sqlite', file }, retention }, dependencies)
  const raw = openRaw(join(dir, 'raw.db'))
  try {
    const singles = await race(
      [
        { name: SINGLE_RAW, scale: ROWS / COMMITS, run: () => raw.singles(COMMITS) },
        { name: SINGLE, scale: ROWS / COMMITS, run: () => singlesOf(store) },
        { name: LEDGER, scale: ROWS / COMMITS, run: () => courses(store) },
      ],
      ROUNDS,
    )
    const bulks = await race(
      [
        { name: BULK_RAW, run: () => raw.bulk(ROWS) },
        { name: BULK, run: () => store.transaction((entries) => entries.saveIncidents(fresh(ROWS))) },
        { name: WEBHOOK, run: () => webhook(store) },
      ],
      ROUNDS,
    )
    report.timings(`${ROWS} durable commits`, singles)
    report.timings(`${ROWS} rows in one transaction`, bulks)
    const each = (timings: readonly Timing[], name: string) => median(timings.find((one) => one.name === name)!.times)
    const added = (each(singles, SINGLE) - each(singles, SINGLE_RAW)) / ROWS
    report.judge(SECTION, 'a commit costs more than with SQLite itself by', added, 'ms', { atMost: 0.5 })
    report.judge(SECTION, `a webhook of ${ROWS} alerts in one transaction`, each(bulks, WEBHOOK), 'ms', {
      atMost: 1500,
    })
  } finally {
    raw.close()
    await store.close()
    rmSync(dir, { recursive: true, force: true })
  }
}

let made = 0

/** Incidents of targets that nobody has seen. */
function fresh(count: number) {
  return Array.from({ length: count }, () => incident(`${made++}`.padStart(12, '0')))
}

async function singlesOf(store: Store): Promise<void> {
  for (const one of fresh(COMMITS)) await store.transaction((entries) => entries.saveIncidents([one]))
}

async function courses(store: Store): Promise<void> {
  for (let i = 0; i < COMMITS; i++) {
    const one = action(`${made++}`.padStart(12, '0'))
    await store.transaction((entries) => entries.plan(one))
    await store.transaction((entries) => entries.claim(one.id, 'bench', 60_000))
    await store.transaction((entries) => entries.start(one.id, 1, one.createdAt, {}))
  }
}

async function webhook(store: Store): Promise<void> {
  const incidents = fresh(ROWS)
  await store.transaction(async (entries) => {
    await entries.noteDeliveries(
      incidents.map(({ id }) => `delivery-${id}`),
      0,
    )
    await entries.ongoing(incidents.map(({ target }) => target))
    await entries.saveIncidents(incidents)
    for (const { id, target } of incidents) await entries.plan(action(id, { target, incidentId: id }))
    await entries.say(
      incidents.map(({ id, openedAt }) => {
        return {
          key: id,
          kind: 'detected',
          at: openedAt,
          severity: 'high',
          incidentId: id,
          labels: {},
          text: id,
        } as const
      }),
    )
  })
}

/** The floor: the same document in a table of two columns. */
function openRaw(file: string) {
  const db = new Sqlite(file)
  db.pragma('journal_mode = wal')
  db.pragma('synchronous = full')
  db.exec('create table rows (id text primary key, document text not null)')
  const insert = db.prepare('insert into rows values (?, ?)')
  const write = (count: number) => {
    for (const one of fresh(count)) insert.run(one.id, JSON.stringify(one))
  }
  return {
    singles: write,
    bulk: db.transaction(write),
    close: () => void db.close(),
  }
}
