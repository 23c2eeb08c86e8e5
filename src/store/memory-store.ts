import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { decodeTensorFile, encodeTensorFile, type TensorFile } from './tensor-file.ts'

/** One file with what scoring remembers, replaced as a whole. */
export interface MemoryStore<Header> {
  /** @returns undefined when nothing was kept. @throws {TensorFileError} when it is damaged */
  load(): Promise<TensorFile<Header> | undefined>
  save(file: TensorFile<Header>): Promise<void>
}

export function createMemoryStore<Header>(path: string): MemoryStore<Header> {
  return {
    async load() {
      try {
        return decodeTensorFile<Header>('memory', await readFile(path))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    },
    async save(file) {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(`${path}.new`, encodeTensorFile('memory', file))
      await rename(`${path}.new`, path)
    },
  }
}
