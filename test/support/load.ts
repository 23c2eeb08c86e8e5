import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { availableParallelism, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { asRoot } from './packages.ts'
import { startProcess } from './process.ts'

/** A load on this machine while it lasts. */
export interface Load {
  end(): Promise<void>
}

/** Runs stress-ng with these arguments; it ends itself after two minutes at the latest. */
async function stressNg(
  args: readonly string[],
  { parent = tmpdir(), niceness = 0 }: { parent?: string; niceness?: number } = {},
): Promise<Load> {
  const dir = mkdtempSync(join(parent, 'homeostat-load-'))
  const nice = ['nice', '-n', String(niceness)]
  const command = [...nice, 'stress-ng', '--temp-path', dir, '--timeout', '120s', '--oomable', ...args]
  const own = await startProcess('stress-ng', command, { cwd: dir, logFile: join(dir, 'log') })
  return {
    async end() {
      await own.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/**
 * Eight programs of lowered priority for each processor: together they get half of one that is busy already, and the
 * servers under test still get their turn.
 */
export function busyProcessors(): Promise<Load> {
  return stressNg(['--cpu', String(8 * availableParallelism())], { niceness: 10 })
}

/** Programs that hold a quarter of the memory together, but no more than half of what is left to us. */
export function memoryHog(): Promise<Load> {
  const bytes = Math.floor(Math.min(totalmem() / 4, process.availableMemory() / 2))
  const how = ['--vm-method', 'zero-one', '--vm-populate', '--vm-hang', '120']
  return stressNg(['--vm', '4', '--vm-bytes', String(bytes), ...how])
}

/** Writes files to a disk and syncs them. */
export function diskWrites(): Promise<Load> {
  return stressNg(['--hdd', '1', '--hdd-bytes', '512m', '--hdd-opts', 'fsync'], { parent: directoryOnDisk() })
}

/** Starts and ends processes as fast as it can. */
export function forkStorm(): Promise<Load> {
  return stressNg(['--fork', String(4 * availableParallelism())])
}

/** Opens so many TCP connections over loopback and keeps them. */
export async function manyConnections(count: number): Promise<Load> {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket.on('error', () => {}))
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', count, resolve))
  const { port } = server.address() as { port: number }
  const connected = Array.from(
    { length: count },
    () =>
      new Promise<void>((resolve, reject) => {
        open.add(connect(port, '127.0.0.1', resolve).once('error', reject))
      }),
  )
  await Promise.all(connected)
  return {
    async end() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const TMPFS_MAGIC = 0x01021994

/** The temporary directory, or another where that one is in memory, as Debian 13 has it. */
function directoryOnDisk(): string {
  const candidates = [tmpdir(), '/var/tmp', process.cwd()]
  return candidates.find((dir) => statfsSync(dir).type !== TMPFS_MAGIC) ?? tmpdir()
}

const TMPFS_BYTES = 64 * 1024 * 1024
const GROW_EVERY_MS = 500

/** A small filesystem of its own, so that filling it harms nobody. */
export interface TemporaryFilesystem {
  /** Its used share, for `features.extra`: that of the preset is of the fullest filesystem, which may be another. */
  readonly feature: { readonly name: string; readonly promql: string; readonly unit: 'ratio' }
  /** Takes up all but a few per cent of it. */
  fill(): Promise<Load>
  /** Goes from one used share to another in so many seconds, a little at a time, and stays there. */
  fillSteadily(from: number, to: number, seconds: number): Load
  unmount(): void
}

/** Mounts a tmpfs of 64 MB below the temporary directory; needs root, or sudo without a password. */
export function mountTmpfs(): TemporaryFilesystem {
  const dir = mkdtempSync(join(tmpdir(), 'homeostat-tmpfs-'))
  const mountPoint = join(dir, 'disk')
  mkdirSync(mountPoint)
  const run = (command: readonly string[]) => {
    const [program, ...args] = asRoot(command)
    execFileSync(program, args, { stdio: 'pipe' })
  }
  run(['mount', '-t', 'tmpfs', '-o', `size=${TMPFS_BYTES},mode=1777`, 'homeostat-test', mountPoint])
  const file = join(mountPoint, 'filler')
  const series = (name: string) => `node_filesystem_${name}_bytes{mountpoint="${mountPoint}"}`
  return {
    feature: {
      name: 'filesystem_of_this_test_used_ratio',
      promql: `max by (instance, job) (1 - ${series('avail')} / ${series('size')})`,
      unit: 'ratio',
    },
    async fill() {
      execFileSync('fallocate', ['-l', '63M', file], { stdio: 'pipe' })
      return { end: async () => rmSync(file) }
    },
    fillSteadily(from, to, seconds) {
      const began = performance.now()
      const grow = () => {
        const part = Math.min(1, (performance.now() - began) / 1000 / seconds)
        const bytes = Math.floor((from + part * (to - from)) * TMPFS_BYTES)
        execFileSync('fallocate', ['-l', String(bytes), file], { stdio: 'pipe' })
        if (part === 1) clearInterval(timer)
      }
      const timer = setInterval(grow, GROW_EVERY_MS)
      grow()
      return {
        end: async () => {
          clearInterval(timer)
          rmSync(file)
        },
      }
    },
    unmount() {
      run(['umount', mountPoint])
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
