import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Clock, systemClock } from '../../platform/clock.ts'
import { systemEnvironment } from '../../platform/environment.ts'
import { openReader } from './reader.ts'
import { openStore } from './store.ts'
import { action, incident, message } from './testing/documents.ts'

const DAY_MS = 86_400_000

let dir: string
let file: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'homeostat-store-'))
  file = join(dir, 'data', 'homeostat.db')
})
afterEach(() => rm(dir, { recursive: true }))

/** Columns, with their indexes, that came after the first version. */
const LATER = [
  ['actions', 'touches', 'actions_by_touches_created_at'],
  ['incidents', 'revision', 'incidents_open_revisions'],
] as const

const open = (owner = 'me', clock: Clock = systemClock) =>
  openStore(
    { database: { kind: 'sqlite', file }, retention: { keepMs: 90 * DAY_MS, auditMs: 400 * DAY_MS } },
    { clock, owner, logger: { warn() {} }, environment: systemEnvironment },
  )

/** A store with a few things in it, closed again. */
async function fill(): Promise<void> {
  const store = await open()
  await store.transaction(async (entries) => {
    await entries.saveIncidents(Array.from({ length: 200 }, (_, i) => incident(`${i}`)))
    await entries.plan(action('a'))
  })
  await store.close()
}

describe('the database file', () => {
  it('is made with the directories above it, and keeps what it was given', async () => {
    await fill()

    const store = await open()

    expect(await store.transaction((entries) => entries.action('a'))).toEqual(action('a'))
    expect(await store.verifyAudit()).toEqual({ ok: true, entries: 1 })
    await store.close()
  })

  it('belongs to one at a time', async () => {
    const first = await open()

    await expect(open()).rejects.toMatchObject({
      name: 'JournalError',
      reason: 'conflict',
      message: expect.stringContaining(`another homeostat uses the store ${file}`),
    })
    await first.close()

    await (await open()).close()
  })

  it('forgets the processes that had it before', async () => {
    const before = await open()
    await before.presence(60_000)
    await before.close()

    const store = await open()

    expect(await store.presence(60_000)).toEqual(['me'])
    await store.close()
  })

  it('gives back at once what a process that died had claimed or was about to send', async () => {
    const before = await open('the dead')
    await before.presence(60_000)
    await before.transaction(async (entries) => {
      await entries.plan(action('a'))
      await entries.claim('a', 'the dead', 60_000)
      await entries.say([message('told')])
    })
    await before.route([{ message: message('told'), receivers: [{ receiver: 'mail', dueAt: 0 }] }])
    await before.due('mail', Date.now(), 1)
    await before.close()

    const store = await open()

    const living = await store.presence(60_000)
    const abandoned = await store.transaction((entries) => entries.abandoned(living))
    expect(abandoned.map(({ id, state }) => [id, state])).toEqual([['a', 'CLAIMED']])
    expect(await store.due('mail', Date.now(), 1)).toMatchObject([{ message: message('told') }])
    await store.close()
  })

  describe('of the first version', () => {
    /** Makes an older file of a newer one. @param documents of incidents, whole */
    async function older(documents: Readonly<Record<string, string>> = {}): Promise<void> {
      const { default: Sqlite } = await import('better-sqlite3')
      const db = new Sqlite(file)
      for (const [table, column, index] of LATER) {
        db.exec(`drop index if exists ${index}`)
        const columns = db.prepare(`select name from pragma_table_info('${table}')`).pluck().all()
        if (columns.includes(column)) db.exec(`alter table ${table} drop column ${column}`)
      }
      for (const table of ['incident_alerts', 'incident_timeline']) db.exec(`drop table ${table}`)
      const update = db.prepare('update incidents set document = ? where id = ?')
      for (const [id, document] of Object.entries(documents)) update.run(document, id)
      db.exec('update schema_version set version = 1')
      db.close()
    }

    it('is brought up to date, and tells what was done from what was told', async () => {
      const store = await open()
      await store.transaction(async (entries) => {
        await entries.plan(action('done'))
        await entries.plan(action('told', { action: 'alert' }))
      })
      await store.close()
      await older()

      await (await open()).close()

      const { default: Sqlite } = await import('better-sqlite3')
      const db = new Sqlite(file, { readonly: true })
      const rows = db.prepare('select id, touches from actions order by id').all()
      db.close()
      expect(rows).toEqual([
        { id: 'done', touches: 1 },
        { id: 'told', touches: 0 },
      ])
    })

    it('is not read by who may not bring it up to date, and says what to do', async () => {
      await fill()
      await older()

      const reading = openReader(file, systemClock)

      await expect(reading).rejects.toMatchObject({
        name: 'JournalError',
        message: expect.stringMatching(/an older homeostat.*start the daemon/),
      })
    })

    it('keeps its incidents with their alerts and timelines, and what is damaged as it is', async () => {
      const labels = JSON.parse('{"alertname":"A\\u0000","__proto__":"x"}')
      const alert = { source: 'grafana', status: 'firing', labels, startsAt: 1, name: 'A', summary: '' } as const
      const many = Array.from({ length: 250 }, (_, i) => incident(`${1000 + i}`)).map((one, i) => ({
        ...one,
        alerts: Array.from({ length: i % 4 }, (_, j) => ({ ...alert, fingerprint: `${i}-${j}` })),
        timeline: Array.from({ length: i % 3 }, (_, j) => ({ ...one.timeline[0], at: j })),
      }))
      const store = await open()
      await store.transaction((entries) => entries.saveIncidents([...many, incident('damaged')]))
      await store.close()
      const documents = Object.fromEntries(many.map((one) => [one.id, JSON.stringify(one)]))
      await older({ ...documents, damaged: '{"id":"dam' })

      const newer = await open()

      const kept = await newer.transaction((entries) => entries.ongoing(many.map(({ target }) => target)))
      expect(kept).toEqual(many.reverse())
      const damaged = newer.transaction((entries) => entries.incident('damaged'))
      await expect(damaged).rejects.toMatchObject({ reason: 'corrupt' })
      await newer.close()
    })
  })

  it('of a newer version is refused and left as it is', async () => {
    await fill()
    const { default: Sqlite } = await import('better-sqlite3')
    const newer = new Sqlite(file)
    newer.exec('update schema_version set version = 99')
    newer.close()

    await expect(open()).rejects.toMatchObject({
      reason: 'internal',
      message: expect.stringMatching(/newer homeostat/),
    })
  })

  it.each([
    ['something else', (_: Buffer) => Buffer.from('not a database, but long enough for a header '.repeat(10))],
    ['damaged in the middle', (bytes: Buffer) => Buffer.from(bytes).fill(0x5a, 3 * 4096, 12 * 4096)],
    ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
  ])('that is %s is refused, named, and left as it is', async (_, damage) => {
    await fill()
    const damaged = damage(await readFile(file))
    await writeFile(file, damaged)

    await expect(open()).rejects.toMatchObject({
      name: 'JournalError',
      reason: 'corrupt',
      message: expect.stringMatching(new RegExp(`${file} is damaged .*move it away.*or put a backup`)),
    })

    expect(damaged.equals(await readFile(file))).toBe(true)
    expect(await readdir(join(dir, 'data'))).not.toContain('homeostat.db-wal')
  })

  it('cannot be where there is no directory to be made', async () => {
    await writeFile(join(dir, 'data'), '')

    await expect(open()).rejects.toMatchObject({ name: 'JournalError', reason: 'read_only' })
  })

  describe('that another program writes to', () => {
    /** Another program in the middle of a transaction; the store's pauses call `onPause`. */
    async function held(onPause: (release: () => void) => number) {
      const { default: Sqlite } = await import('better-sqlite3')
      let time = 0
      let pauses = 0
      const release = () => void other.exec('commit')
      const sleep = async () => {
        time += onPause(release)
        pauses++
      }
      const store = await open('me', { now: () => time, sleep })
      const other = new Sqlite(file)
      other.exec('begin immediate')
      const planned = store.transaction((entries) => entries.plan(action('a')))
      const close = async () => {
        other.close()
        await store.close()
      }
      return { planned, close, pauses: () => pauses }
    }

    it('is written as soon as that one is done', async () => {
      const { planned, close, pauses } = await held((release) => {
        release()
        return 50
      })

      expect(await planned).toBe(true)
      expect(pauses()).toBe(1)
      await close()
    })

    it('is given up after five seconds, in words', async () => {
      const { planned, close, pauses } = await held(() => 2000)

      await expect(planned).rejects.toMatchObject({
        reason: 'conflict',
        message: expect.stringContaining('another program'),
      })
      expect(pauses()).toBe(3)
      await close()
    })
  })
})
