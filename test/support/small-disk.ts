import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asRoot } from './packages.ts'

export interface SmallDisk {
  readonly dir: string
  /** It fails while a file is open for writing. */
  remount(how: 'ro' | 'rw'): void
  free(): void
}

function run(command: readonly string[]): void {
  const [program, ...args] = asRoot(command)
  execFileSync(program, args, { stdio: 'pipe' })
}

/** Mounts a real file system of a size such as `2M`; it needs root. @param options further mount options */
export function mountSmallDisk(size: string, options: readonly string[] = []): SmallDisk {
  const dir = mkdtempSync(join(tmpdir(), 'homeostat-disk-'))
  run(['mount', '-t', 'tmpfs', '-o', [`size=${size}`, 'mode=0777', ...options].join(','), 'tmpfs', dir])
  return {
    dir,
    remount: (how) => run(['mount', '-o', `remount,${how}`, dir]),
    free() {
      run(['umount', '-l', dir])
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
