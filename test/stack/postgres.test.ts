import { rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { JournalError } from '../../src/pipeline/journal.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { systemEnvironment } from '../../src/platform/environment.ts'
import { openStore, type Store } from '../../src/store/sql/store.ts'
import { describeStore } from '../../src/store/sql/testing/contract.ts'
import { action, incident, NOON } from '../../src/store/sql/testing/documents.ts'
import { until } from '../support/deadline.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { startProxy } from '../support/proxy.ts'
import { mountSmallDisk } from '../support/small-disk.ts'

const DAY_MS = 86_400_000
const RECOVERS_WITHIN_MS = 15_000
/** Deadlines of the store are 5 s; the rest is what a busy machine adds. */
const FAILS_WITHIN_MS = 7000

let postgres: Postgres
let replicas = 0
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres?.stop())

function open(given: { url?: string; port?: number; passwordFile?: string; owner?: string } = {}): Promise<Store> {
  const {
    port,
    url = postgres.url(port),
    passwordFile = postgres.passwordFile,
    owner = `replica-${++replicas}`,
  } = given
  const database = { kind: 'postgres', url, password: { file: passwordFile } } as const
  const retention = { keepMs: 90 * DAY_MS, auditMs: 400 * DAY_MS }
  const logger = { warn() {} }
  return openStore({ database, retention }, { clock: systemClock, owner, logger, environment: systemEnvironment })
}

describeStore('the store on PostgreSQL', async () => {
  await postgres.wipe()
  const [store, other] = await Promise.all([open(), open()])
  return {
    store,
    other,
    advance: async (ms) =>
      void (await postgres.admin(
        `update actions set lease_until = lease_until - ${ms}`,
        `update presences set until_at = until_at - ${ms}`,
        `update sendings set lease_until = lease_until - ${ms}`,
      )),
    run: async (statement) => void (await postgres.admin(statement)),
    close: async () => void (await Promise.all([store.close(), other.close()])),
  }
})

/** What a call fails with, and after how long. */
async function failureOf(work: Promise<unknown>): Promise<{ error: JournalError; tookMs: number }> {
  const from = performance.now()
  const error = await work.then(
    () => {
      throw new Error('it did not fail')
    },
    (reason: JournalError) => reason,
  )
  return { error, tookMs: performance.now() - from }
}

const plan = (store: Store, id: string) => store.transaction((entries) => entries.plan(action(id)))

describe('a replica on PostgreSQL', () => {
  beforeEach(() => postgres.wipe())

  it('makes the tables once when many start at the same time', async () => {
    const stores = await Promise.all(Array.from({ length: 6 }, () => open()))

    await Promise.all(stores.map((store, i) => plan(store, `${i}`)))

    expect(await stores[0].verifyAudit()).toEqual({ ok: true, entries: 6 })
    expect((await postgres.admin('select version from schema_version')).rows).toHaveLength(1)
    await Promise.all(stores.map((store) => store.close()))
  })

  it('refuses tables of a newer version', async () => {
    await (await open()).close()
    await postgres.admin('update schema_version set version = 99')

    const { error } = await failureOf(open())

    expect(error).toMatchObject({ name: 'JournalError', reason: 'internal' })
    expect(error.message).toMatch(/newer homeostat.*version 99/)
  })

  it('says who is refused, and never the password', async () => {
    const passwordFile = join(postgres.dir, 'wrong')
    writeFileSync(passwordFile, 'hunter2-and-more')

    const { error } = await failureOf(open({ passwordFile }))

    expect(error).toMatchObject({ name: 'JournalError', reason: 'unreachable' })
    expect(error.message).toContain('store.password_file')
    expect(JSON.stringify(error) + error.stack + String(error.cause)).not.toContain('hunter2')
  })

  it('speaks TLS, and checks whose server it is where it is told to', async () => {
    const url = (parameters: string) => `postgres://homeostat@localhost:${postgres.port}/homeostat?${parameters}`
    const encrypted = `select count(*) from pg_stat_ssl where ssl and pid in
      (select pid from pg_stat_activity where usename = 'homeostat')`

    for (const parameters of ['sslmode=require', `sslmode=verify-full&sslrootcert=${postgres.certificate}`]) {
      const store = await open({ url: url(parameters) })
      expect(Number((await postgres.admin(encrypted)).rows[0].count)).toBeGreaterThan(0)
      await store.close()
    }
    const { error } = await failureOf(open({ url: url('sslmode=verify-full') }))
    expect(error).toMatchObject({ name: 'JournalError', reason: 'unreachable' })
    expect(error.message).toContain('certificate')
    const missing = await failureOf(open({ url: url('sslmode=verify-full&sslrootcert=/nowhere') }))
    expect(missing.error.message).toContain('/nowhere')
  })

  it('says that a standby takes no writes', async () => {
    const store = await open()
    await postgres.admin(
      'alter role homeostat set default_transaction_read_only = on',
      `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'homeostat'`,
    )
    const refused = async () => (await store.health())?.reason === 'read_only'
    await until(refused, { what: 'a refusal', withinMs: RECOVERS_WITHIN_MS })

    expect((await failureOf(plan(store, 'a'))).error.reason).toBe('read_only')
    expect((await failureOf(open())).error.reason).toBe('read_only')
    await postgres.admin(
      'alter role homeostat reset default_transaction_read_only',
      `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'homeostat'`,
    )
    await until(() => plan(store, 'a'), { what: 'a write', withinMs: RECOVERS_WITHIN_MS })
    await store.close()
  })

  it('sends no message that another one is sending', async () => {
    const [one, two] = await Promise.all([open(), open()])
    const message = { key: 'm', kind: 'detected', at: NOON, severity: 'high', labels: {}, text: '' } as const
    await one.transaction((entries) => entries.say([message]))
    await one.route([{ message, receivers: [{ receiver: 'slack', dueAt: NOON }] }])

    const both = await Promise.all([one.due('slack', NOON, 9), two.due('slack', NOON, 9)])

    expect(both.flat()).toHaveLength(1)
    const [first, second] = both[0].length === 1 ? [one, two] : [two, one]
    expect(await first.due('slack', NOON, 9)).toHaveLength(1)
    expect(await second.due('slack', NOON, 9)).toEqual([])
    await postgres.admin('update sendings set lease_until = 0')
    expect(await second.due('slack', NOON, 9)).toHaveLength(1)
    await Promise.all([one.close(), two.close()])
  })

  it('is not held up for long by one that stopped in the middle', async () => {
    const [frozen, well] = await Promise.all([open(), open()])
    let held = () => {}
    const holding = new Promise<void>((resolve) => {
      held = resolve
    })
    let wake = () => {}
    const asleep = new Promise<void>((resolve) => {
      wake = resolve
    })
    const stuck = frozen.transaction(async (entries) => {
      await entries.plan(action('a'))
      held()
      await asleep
      return entries.plan(action('b'))
    })
    await holding

    expect(await plan(well, 'a')).toBe(true)
    wake()

    expect((await failureOf(stuck)).error).toMatchObject({ name: 'JournalError', reason: 'unreachable' })
    expect(await plan(frozen, 'a')).toBe(false)
    expect(await plan(frozen, 'b')).toBe(true)
    await Promise.all([frozen.close(), well.close()])
  })

  it('loses nothing it has said it has when PostgreSQL is killed, and goes on by itself', async () => {
    const stores = await Promise.all([open(), open()])
    const kept: string[] = []
    let failed = 0
    let on = true
    const write = async (store: Store, name: string) => {
      for (let i = 0; on; i++) {
        const id = `${name}-${i}`
        await plan(store, id).then(
          () => kept.push(id),
          () => failed++,
        )
      }
    }
    const writers = stores.flatMap((store, i) => ['a', 'b', 'c'].map((name) => write(store, `${name}${i}`)))
    await until(() => kept.length > 100, { what: 'writes before', withinMs: 20_000 })

    await postgres.kill()
    await until(() => failed > 0, { what: 'a failure', withinMs: FAILS_WITHIN_MS })
    expect((await stores[0].health())?.reason).toBe('unreachable')
    await postgres.restart()
    const from = performance.now()
    const before = kept.length
    await until(() => kept.length > before + 100, { what: 'writes after', withinMs: RECOVERS_WITHIN_MS })
    console.log(`goes on ${Math.round(performance.now() - from)} ms after PostgreSQL, ${failed} failed writes`)
    on = false
    await Promise.all(writers)

    const there = await stores[0].transaction((entries) => entries.actions({ limit: 1e6 }))
    const ids = new Set(there.map(({ id }) => id))
    expect(kept.filter((id) => !ids.has(id))).toEqual([])
    expect(await stores[1].verifyAudit()).toEqual({ ok: true, entries: ids.size })
    await Promise.all(stores.map((store) => store.close()))
  })

  it.each(['black_hole', 'reset'] as const)('fails in time and recovers when the network is cut (%s)', async (mode) => {
    const proxy = await startProxy(postgres.port)
    const store = await open({ port: proxy.port })
    // Several connections, which all will be of no use.
    await Promise.all(Array.from({ length: 8 }, (_, i) => plan(store, `${i}`)))

    proxy.setMode(mode)
    const failures = await Promise.all(Array.from({ length: 3 }, (_, i) => failureOf(plan(store, `cut-${i}`))))

    for (const { error, tookMs } of failures) {
      expect(error).toMatchObject({ name: 'JournalError', reason: 'unreachable' })
      expect(tookMs).toBeLessThan(FAILS_WITHIN_MS)
    }
    proxy.setMode('pass')
    const from = performance.now()
    await until(async () => plan(store, 'back'), { what: 'a write', withinMs: RECOVERS_WITHIN_MS, everyMs: 50 })
    console.log(`${mode}: writes again after ${Math.round(performance.now() - from)} ms`)
    await store.close()
    await proxy.close()
  })

  it('says that the disk of PostgreSQL is full, and goes on when there is room', async () => {
    const place = mountSmallDisk('24M', [`uid=${statSync(join(postgres.dir, 'data')).uid}`])
    try {
      await postgres.admin(
        `create tablespace small location '${place.dir}'`,
        'grant create on tablespace small to homeostat',
      )
      await postgres.admin('alter role homeostat set default_tablespace = small')
      writeFileSync(join(place.dir, 'reserve'), Buffer.alloc(8 * 1024 * 1024))
      const store = await open()
      const fill = async () => {
        for (let i = 0; ; i++) {
          const many = Array.from({ length: 500 }, (_, k) => ({ ...incident(`${i}-${k}`), group: 'x'.repeat(4000) }))
          await store.transaction((entries) => entries.saveIncidents(many))
        }
      }

      const { error } = await failureOf(fill())

      expect(error).toMatchObject({ name: 'JournalError', reason: 'full' })
      rmSync(join(place.dir, 'reserve'))
      expect(await plan(store, 'a')).toBe(true)
      expect(await store.health()).toBeUndefined()
      await store.close()
    } finally {
      await postgres.wipe()
      await postgres.admin('alter role homeostat reset default_tablespace', 'drop tablespace if exists small')
      place.free()
    }
  })
})
