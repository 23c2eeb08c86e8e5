import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/platform/clock.ts'
import { systemEnvironment } from '../../src/platform/environment.ts'
import { openStore, type Store } from '../../src/store/sql/store.ts'
import { action, incident } from '../../src/store/sql/testing/documents.ts'
import { until } from '../support/deadline.ts'
import { type OwnProcess, startProcess } from '../support/process.ts'
import { mountSmallDisk, type SmallDisk } from '../support/small-disk.ts'

const DAY_MS = 86_400_000
const WRITER = fileURLToPath(new URL('../support/store-writer.ts', import.meta.url))
const KILLS = 20

let dir: string
let disk: SmallDisk | undefined
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'homeostat-files-'))
})
afterEach(() => {
  disk?.free()
  disk = undefined
  rmSync(dir, { recursive: true, force: true })
})

function open(file: string): Promise<Store> {
  const retention = { keepMs: 90 * DAY_MS, auditMs: 400 * DAY_MS }
  const dependencies = { clock: systemClock, owner: 'me', logger: { warn() {} }, environment: systemEnvironment }
  return openStore({ database: { kind: 'sqlite', file }, retention }, dependencies)
}

const plan = (store: Store, id: string) => store.transaction((entries) => entries.plan(action(id)))

describe('the database file on a real disk', () => {
  it('says that the disk is full, keeps what it has, and goes on as soon as there is room', async () => {
    disk = mountSmallDisk('8M')
    const store = await open(join(disk.dir, 'homeostat.db'))
    const ballast = join(disk.dir, 'ballast')
    writeFileSync(ballast, Buffer.alloc(4 * 1024 * 1024))
    const kept: string[] = []
    const fill = async () => {
      for (let i = 0; i < 100_000; i++) {
        await store.transaction((entries) => entries.saveIncidents([{ ...incident(`${i}`), group: 'x'.repeat(4000) }]))
        kept.push(`${i}`)
      }
    }

    await expect(fill()).rejects.toMatchObject({ name: 'JournalError', reason: 'full' })
    await expect(fill()).rejects.toMatchObject({ name: 'JournalError', reason: 'full' })
    // Where no incident fits any more, the small write of a look at the store still may, some times.
    let trouble = await store.health()
    for (let i = 0; i < 1000 && trouble === undefined; i++) trouble = await store.health()
    expect(trouble?.reason).toBe('full')
    const readable = await store.transaction((entries) => entries.ongoing())
    expect(readable).toHaveLength(new Set(kept).size)
    rmSync(ballast)

    const from = performance.now()
    expect(await plan(store, 'after')).toBe(true)
    console.log(`${new Set(kept).size} rows kept, writes again after ${Math.round(performance.now() - from)} ms`)
    expect(await store.health()).toBeUndefined()
    expect(await store.verifyAudit()).toEqual({ ok: true, entries: 1 })
    await store.close()
    const again = await open(join(disk.dir, 'homeostat.db'))
    expect(await again.transaction((entries) => entries.ongoing())).toHaveLength(readable.length)
    await again.close()
  })

  it('says that it cannot begin on a full disk', async () => {
    disk = mountSmallDisk('64k')
    writeFileSync(join(disk.dir, 'ballast'), Buffer.alloc(60 * 1024))

    await expect(open(join(disk.dir, 'homeostat.db'))).rejects.toMatchObject({ reason: 'full' })
  })

  it('says that the disk is read-only, and goes on when it is no longer', async () => {
    disk = mountSmallDisk('8M')
    const file = join(disk.dir, 'homeostat.db')
    await (await open(file)).close()
    disk.remount('ro')

    await expect(open(file)).rejects.toMatchObject({ name: 'JournalError', reason: 'read_only' })

    disk.remount('rw')
    await (await open(file)).close()
  })

  it('that was damaged is refused, and works again from a backup', async () => {
    const file = join(dir, 'homeostat.db')
    const store = await open(file)
    await store.transaction((entries) =>
      entries.saveIncidents(Array.from({ length: 3000 }, (_, i) => incident(`${i}`))),
    )
    await store.close()
    const good = join(dir, 'good.db')
    copyFileSync(file, good)
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.fill(0x5a, 4096, bytes.length - 4096))

    await expect(open(file)).rejects.toMatchObject({ name: 'JournalError', reason: 'corrupt' })
    copyFileSync(good, file)

    const restored = await open(file)
    expect(await restored.transaction((entries) => entries.ongoing())).toHaveLength(3000)
    await restored.close()
  })
})

describe('a process that is killed while it writes', () => {
  it('loses nothing that it was told is kept, leaves no half transaction, and frees the file at once', async () => {
    const file = join(dir, 'homeostat.db')
    const logFile = join(dir, 'said')
    const said = () => readFileSync(logFile, 'utf8').split('\n').slice(0, -1)
    let kills = 0
    for (let i = 0; i < KILLS; i++) {
      const before = i === 0 ? 0 : said().length
      const writer: OwnProcess = await startProcess('store-writer', [process.execPath, WRITER, file, `w${i}`], {
        cwd: dir,
        logFile,
      })
      const wrote = () => said().length > before + 5 + i * 3
      await until(wrote, { what: 'writes', withinMs: 20_000, everyMs: 5, explain: writer.logTail })
      if (i === 0) await expect(open(file)).rejects.toMatchObject({ reason: 'conflict' })
      writer.signal('SIGKILL')
      await until(() => !writer.isAlive(), { what: 'its end', withinMs: 5000, everyMs: 1 })
      kills++
    }

    const store = await open(file)
    const [incidents, actions] = await store.transaction(async (entries) => [
      await entries.ongoing(),
      await entries.actions({ limit: 1e6 }),
    ])
    const ids = new Set(actions.map(({ id }) => id))
    const lost = said().filter((id) => !ids.has(id))
    console.log(`${kills} kills, ${said().length} told, ${ids.size} kept, ${lost.length} lost`)
    expect(kills).toBe(KILLS)
    expect(lost).toEqual([])
    expect(incidents.map(({ id }) => id).sort()).toEqual([...ids].sort())
    expect(await store.verifyAudit()).toEqual({ ok: true, entries: ids.size })
    await store.close()
  })
})
