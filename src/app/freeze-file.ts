import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Freeze } from '../domain/safety.ts'

/** The kill switch for whoever has a shell and nothing else: `touch DATA_DIR/freeze`. */
const FILE = 'freeze'

/** @returns asks, at each call, whether the file is there; one that cannot be looked at counts as being there */
export function freezeFile(dataDir: string): () => Freeze | undefined {
  const path = join(dataDir, FILE)
  return () => {
    try {
      const found = statSync(path, { throwIfNoEntry: false })
      return found && { by: 'file', reason: `the file ${path} is there`, at: found.mtimeMs }
    } catch (error) {
      const reason = `the file ${path} cannot be looked at: ${(error as NodeJS.ErrnoException).code}`
      return { by: 'file', reason, at: 0 }
    }
  }
}
