import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asRoot } from './packages.ts'
import { startProcess } from './process.ts'

/** A load on this machine while it lasts. */
export interface Load {
  end(): Promise<void>
}

/** Runs stress-ng with these arguments; it ends itself after two minutes at the latest. */
export async function stressNg(...args: string[]): Promise<Load> {
  const dir = mkdtempSync(join(tmpdir(), 'homeostat-load-'))
  const command = ['stress-ng', '--temp-path', dir, '--timeout', '120s', '--oomable', ...args]
  const own = await startProcess('stress-ng', command, { cwd: dir, logFile: join(dir, 'log') })
  return {
    async end() {
      await own.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

const TMPFS_BYTES = 64 * 1024 * 1024
const GROW_EVERY_MS = 500

/** A small filesystem of its own, so that filling it harms nobody. */
export interface TemporaryFilesystem {
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
  return {
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
