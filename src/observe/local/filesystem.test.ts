import { expect, it } from 'vitest'
import { createFilesystemCollector } from './filesystem.ts'
import type { LocalFs } from './fs.ts'

const stats = { bsize: 4096, blocks: 100, bfree: 50, bavail: 40, files: 10, ffree: 5 }
const clock = { now: () => 0, sleep: () => new Promise<void>((late) => setImmediate(late)) }

/** Collects sizes by mount point; `statfs` may be exchanged between two rounds. */
function given(mounts: string, statfs: LocalFs['statfs'] = async () => stats) {
  const machine = { statfs, asked: [] as string[] }
  const fs: LocalFs = {
    readText: (path) => (path === '/proc/1/mounts' ? Promise.resolve(mounts) : Promise.reject(new Error('ENOENT'))),
    list: async () => [],
    statfs: (path) => {
      machine.asked.push(path)
      return machine.statfs(path)
    },
  }
  const collect = createFilesystemCollector(clock, 2_000)
  const round = async (root = '') => {
    const found: Record<string, Record<string, number>> = {}
    await collect({ fs, proc: '/proc', root }, (metric, value, labels) => {
      const name = metric.slice('node_filesystem_'.length)
      found[labels!['mountpoint']] = { ...found[labels!['mountpoint']], [name]: value }
    })
    return found
  }
  return { machine, round }
}

const HANG = () => new Promise<never>(() => {})

it('reads sizes in bytes, inodes and whether one may write', async () => {
  const { round } = given('/dev/sda1 / ext4 rw,relatime 0 0\n/dev/sdb1 /old\\040disk ext4 ro 0 0\n')

  expect(await round()).toEqual({
    '/': { size_bytes: 409600, free_bytes: 204800, avail_bytes: 163840, files: 10, files_free: 5, readonly: 0 },
    '/old disk': expect.objectContaining({ readonly: 1 }),
  })
})

it('counts a tmpfs of the user, and no pseudo filesystem', async () => {
  const { round } = given(
    'tmpfs /srv/scratch tmpfs rw 0 0\nproc /proc proc rw 0 0\ntmpfs /dev/shm tmpfs rw 0 0\noverlay /x overlay rw 0 0\nnone /sys/x tmpfs rw 0 0\n',
  )

  expect(Object.keys(await round())).toEqual(['/srv/scratch'])
})

it('asks below the root of the host when it runs in a container', async () => {
  const { machine, round } = given('/dev/sda1 /data ext4 rw 0 0\n')
  await round('/host')

  expect(machine.asked).toEqual(['/host/data'])
})

it('goes on without a mount that hangs, and does not ask it again until it answers', async () => {
  let release = (_: typeof stats) => {}
  const { machine, round } = given('nfs:/x /x nfs4 rw 0 0\n/dev/sda1 / ext4 rw 0 0\n', (path) =>
    path === '/x' ? new Promise((resolve) => (release = resolve)) : Promise.resolve(stats),
  )
  expect(Object.keys(await round())).toEqual(['/'])
  expect(Object.keys(await round())).toEqual(['/'])
  expect(machine.asked).toEqual(['/x', '/', '/'])

  release(stats)
  machine.statfs = async () => stats
  await new Promise(setImmediate)
  expect(Object.keys(await round())).toEqual(['/x', '/'])
})

it('leaves threads free when many mounts hang', async () => {
  const mounts = Array.from({ length: 9 }, (_, i) => `nfs:/${i} /${i} nfs4 rw 0 0\n`).join('')
  const { machine, round } = given(`${mounts}/dev/sda1 / ext4 rw 0 0\n`, (path) =>
    path === '/' ? Promise.resolve(stats) : HANG(),
  )

  expect(Object.keys(await round())).toEqual(['/'])
  expect(machine.asked).toEqual(['/0', '/1', '/'])
})

it('leaves out a mount that cannot be asked', async () => {
  const { round } = given('/dev/a /a ext4 rw 0 0\n/dev/b /b ext4 rw 0 0\n', (path) =>
    path === '/a' ? Promise.reject(new Error('EACCES')) : Promise.resolve(stats),
  )

  expect(Object.keys(await round())).toEqual(['/b'])
})
