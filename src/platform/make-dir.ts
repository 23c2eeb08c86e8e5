import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a directory and those above it. Unlike the recursive mode of `mkdir` it ends on file systems that say "no such
 * directory" for what cannot be made in them, as /proc does.
 *
 * @throws the error of the file system, with its `code`
 */
export async function makeDir(dir: string): Promise<void> {
  try {
    await mkdir(dir)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || dirname(dir) === dir) throw error
    await makeDir(dirname(dir))
    await mkdir(dir)
  }
}
