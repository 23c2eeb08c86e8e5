import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelFile } from '../../domain/model-file.ts'
import { TensorFileError } from '../tensor-file.ts'
import { decodeModelFile, encodeModelFile } from './model-file.ts'

/** A model on disk, or why it cannot be read. */
export type StoredModel =
  | { readonly unit: string; readonly version: number; readonly path: string; readonly file: ModelFile }
  | { readonly unit: string; readonly version: number; readonly path: string; readonly problem: string }

/** Trained models on disk: a folder a unit (a target, or a group), a numbered file a version. */
export interface ModelStore {
  /** Writes the next version of the card's unit and drops the oldest beyond the number kept. @returns its number */
  save(file: ModelFile): Promise<number>
  /** The newest version of one unit; undefined when there is none. */
  load(unit: string): Promise<StoredModel | undefined>
  /** All versions of one unit, oldest first. */
  versions(unit: string): Promise<StoredModel[]>
  /** The newest version of every unit. */
  newest(): Promise<StoredModel[]>
  /** All versions of all units, oldest first, by unit. */
  list(): Promise<StoredModel[]>
}

/** Versions of a unit that stay on disk. */
const KEPT = 5
const LONGEST_FOLDER = 200
const VERSION_FILE = /^(\d{6})\.model$/

export function createModelStore(dir: string): ModelStore {
  async function versions(folder: string): Promise<number[]> {
    const names = await readdir(join(dir, folder)).catch(noneIfMissing)
    return names
      .flatMap((name) => VERSION_FILE.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b)
  }

  async function read(folder: string, version: number): Promise<StoredModel> {
    const path = pathOf(dir, folder, version)
    try {
      const file = decodeModelFile(await readFile(path))
      return { unit: file.card.unit, version, path, file }
    } catch (error) {
      const problem = error instanceof TensorFileError ? error.message : `cannot be read: ${(error as Error).message}`
      return { unit: folder, version, path, problem }
    }
  }

  async function folders(): Promise<string[]> {
    const entries = await readdir(dir, { withFileTypes: true }).catch(noneIfMissing)
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort()
  }

  return {
    async save(file) {
      const folder = folderOf(file.card.unit)
      const known = await versions(folder)
      const version = (known.at(-1) ?? 0) + 1
      await mkdir(join(dir, folder), { recursive: true })
      const path = pathOf(dir, folder, version)
      // Whole or not at all: a crash must not leave half a model under a good name.
      await writeFile(`${path}.new`, encodeModelFile(file))
      await rename(`${path}.new`, path)
      for (const old of known.slice(0, Math.max(0, known.length + 1 - KEPT))) await unlink(pathOf(dir, folder, old))
      return version
    },
    async load(unit) {
      const folder = folderOf(unit)
      const version = (await versions(folder)).at(-1)
      return version === undefined ? undefined : read(folder, version)
    },
    async versions(unit) {
      const folder = folderOf(unit)
      return Promise.all((await versions(folder)).map((version) => read(folder, version)))
    },
    async newest() {
      const found: StoredModel[] = []
      for (const folder of await folders()) {
        const version = (await versions(folder)).at(-1)
        if (version !== undefined) found.push(await read(folder, version))
      }
      return found
    },
    async list() {
      const found: StoredModel[] = []
      for (const folder of await folders()) {
        for (const version of await versions(folder)) found.push(await read(folder, version))
      }
      return found
    },
  }
}

/** A unit's name may hold anything; its folder's name may not, and must not grow beyond what file systems take. */
function folderOf(unit: string): string {
  const encoded = encodeURIComponent(unit).replaceAll('.', '%2E')
  return encoded.length <= LONGEST_FOLDER ? encoded : createHash('sha256').update(unit).digest('hex')
}

function pathOf(dir: string, folder: string, version: number): string {
  return join(dir, folder, `${String(version).padStart(6, '0')}.model`)
}

function noneIfMissing(error: NodeJS.ErrnoException): never[] {
  if (error.code === 'ENOENT') return []
  throw error
}
