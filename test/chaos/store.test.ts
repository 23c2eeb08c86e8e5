import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Daemon, runCommand, startDaemon } from '../support/daemon.ts'
import { asRoot } from '../support/packages.ts'
import { mountSmallDisk, type SmallDisk } from '../support/small-disk.ts'
import { readSqlite } from './books.ts'
import { makePlace, type Place } from './effects.ts'
import { printTally } from './scale.ts'
import { alert, message, post } from './sender.ts'

const RECOVERS_WITHIN_MS = 15_000

let place: Place
let daemon: Daemon | undefined
let disk: SmallDisk | undefined
beforeEach(() => {
  place = makePlace()
})
afterEach(async () => {
  await daemon?.stop()
  daemon = undefined
  disk?.free()
  disk = undefined
  place.remove()
})

const firing = (instance: string) => message([alert(instance)])

async function begin(dataDir: string): Promise<Daemon> {
  daemon = await startDaemon({ config: place.config(), dataDir })
  await daemon.ready()
  return daemon
}

/** Posts alerts until the store takes no more. @returns those that were acknowledged */
async function fill({ url }: Daemon): Promise<string[]> {
  const kept: string[] = []
  for (let i = 0; i < 2000; i++) {
    const status = await post(url, firing(`kept-${i}`))
    if (status === 503) return kept
    expect(status).toBe(202)
    kept.push(`kept-${i}`)
  }
  throw new Error('the disk did not get full')
}

/** Effects, and targets that the ledger says were begun. */
async function bothSides(dataDir: string) {
  const { incidents, actions } = await readSqlite(join(dataDir, 'homeostat.db'))
  const begun = actions.filter(({ startedAt }) => startedAt !== undefined).map(({ target }) => target.split('@')[0])
  const known = new Set(incidents.map(({ target }) => target.split('@')[0]))
  return { effects: place.effects(), begun, known }
}

describe('a store that fails', () => {
  it('because the disk is full takes no alert and does nothing unwritten, and goes on when there is room', async () => {
    disk = mountSmallDisk('6M')
    const dataDir = join(disk.dir, 'data')
    const running = await begin(dataDir)
    const ballast = join(disk.dir, 'ballast')
    const free = Number(execFileSync('df', ['--output=avail', '-B1', disk.dir]).toString().split('\n')[1])
    writeFileSync(ballast, Buffer.alloc(Math.max(0, free - 400_000)))

    const kept = await fill(running)
    const ticks = async () => (await running.metric('homeostat_ticks_total')) ?? 0
    const until = (await ticks()) + 3
    await running.waitFor('three cycles on a full disk', async () => (await ticks()) >= until)
    const refused = await Promise.all(Array.from({ length: 20 }, (_, i) => post(running.url, firing(`refused-${i}`))))
    const full = await bothSides(dataDir)
    rmSync(ballast)
    const from = performance.now()
    await running.waitFor('an acknowledgement', async () => (await post(running.url, firing('after'))) === 202)
    const recoveredMs = performance.now() - from
    const done = () => place.effects().includes('after') && kept.every((one) => place.effects().includes(one))
    await running.waitFor('what was kept, and what came after', done, { withinMs: 40_000 })

    const all = await bothSides(dataDir)
    const doubles = all.effects.length - new Set(all.effects).size
    const lost = kept.filter((one) => !all.known.has(one))
    printTally('a disk that is full', {
      acknowledged: kept.length,
      'answered 503': refused.filter((status) => status === 503).length,
      'effects while it was full': full.effects.length,
      'effects without a row in the ledger': full.effects.filter((one) => !full.begun.includes(one)).length,
      'takes alerts again after, ms': Math.round(recoveredMs),
      effects: all.effects.length,
      doubles,
      losses: lost.length,
    })
    expect(kept.length).toBeGreaterThan(0)
    expect(refused).toEqual(refused.map(() => 503))
    expect(full.effects.filter((one) => !full.begun.includes(one))).toEqual([])
    expect(recoveredMs).toBeLessThan(RECOVERS_WITHIN_MS)
    expect([doubles, lost]).toEqual([0, []])
  })

  it.skipIf(!canLoop())('because its disk became read-only takes no alert and does nothing', async () => {
    const image = mountImage(place)
    try {
      const dataDir = join(image.dir, 'data')
      const running = await begin(dataDir)
      expect(await post(running.url, firing('before'))).toBe(202)
      await running.waitFor('its effect', () => place.effects().includes('before'))

      image.abort()
      const refused = await Promise.all(Array.from({ length: 5 }, (_, i) => post(running.url, firing(`refused-${i}`))))
      const ticks = async () => (await running.metric('homeostat_ticks_total')) ?? 0
      const until = (await ticks()) + 3
      await running.waitFor('scoring to go on', async () => (await ticks()) >= until)

      expect(refused).toEqual(refused.map(() => 503))
      expect(place.effects()).toEqual(['before'])
      expect(running.logs()).toMatch(/the (disk of the )?store [^"]* (fails|cannot be written)/)
    } finally {
      await daemon?.stop()
      daemon = undefined
      image.free()
    }
  })

  it('because its disk is read-only, or the file damaged, is refused at the start in clear words', async () => {
    disk = mountSmallDisk('8M')
    const dataDir = join(disk.dir, 'data')
    mkdirSync(dataDir)
    writeFileSync(join(dataDir, 'homeostat.db'), Buffer.alloc(8192, 'x'))
    const damaged = await runCommand(['run', '--data-dir', dataDir, '--web.listen-address', '127.0.0.1:0'])
    rmSync(join(dataDir, 'homeostat.db'))
    disk.remount('ro')
    const readOnly = await runCommand(['run', '--data-dir', dataDir, '--web.listen-address', '127.0.0.1:0'])
    disk.remount('rw')

    expect([damaged.code, readOnly.code]).toEqual([2, 2])
    expect(damaged.stderr).toMatch(/homeostat\.db is damaged .* move it away .* or put a backup in its place/)
    expect(readOnly.stderr).toMatch(/cannot be written.*make it writable/)
  })
})

interface Image {
  readonly dir: string
  /** The kernel makes it read-only at once, as it does after an error of the disk. */
  abort(): void
  free(): void
}

function canLoop(): boolean {
  try {
    execFileSync('losetup', ['-f'], { stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}

function mountImage({ dir: parent }: Place): Image {
  const dir = mkdtempSync(join(tmpdir(), 'homeostat-image-'))
  const file = join(parent, 'image')
  const run = (command: readonly string[]) => {
    const [program, ...args] = asRoot(command)
    execFileSync(program, args, { stdio: 'pipe' })
  }
  run(['truncate', '-s', '16M', file])
  run(['mkfs.ext4', '-q', file])
  run(['mount', '-o', 'loop', file, dir])
  run(['chmod', '777', dir])
  return {
    dir,
    abort: () => run(['mount', '-o', 'remount,abort', dir]),
    free() {
      run(['umount', '-l', dir])
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
