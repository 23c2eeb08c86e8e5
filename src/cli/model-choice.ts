import { join } from 'node:path'
import { contestLogIn } from '../app/training-setup.ts'
import type { ModelFile } from '../domain/model-file.ts'
import type { ContestLog } from '../store/models/contest-log.ts'
import { createModelStore, type ModelStore, type StoredModel } from '../store/models/model-store.ts'
import { type ConfigOptions, requireConfig } from './configuration.ts'
import { UsageError } from './exit.ts'

/** A model on disk that can be read. */
export type ReadableModel = Extract<StoredModel, { file: ModelFile }>

/** The models of the data directory that the configuration names, their folder, and the log of switches. */
export function openModels(options: ConfigOptions): { store: ModelStore; dir: string; contests: ContestLog } {
  const { config } = requireConfig(options)
  const dir = join(config.data_dir, 'models')
  return { store: createModelStore(dir), dir, contests: contestLogIn(config.data_dir) }
}

/** All versions of all models. A file that cannot be read goes by the name that its folder stands for. */
export async function listModels(store: ModelStore): Promise<StoredModel[]> {
  return (await store.list()).map((stored) => ('problem' in stored ? { ...stored, unit: unitOf(stored.unit) } : stored))
}

function unitOf(folder: string): string {
  try {
    return decodeURIComponent(folder)
  } catch {
    return folder
  }
}

/**
 * The model of `UNIT` (its newest version) or `UNIT/VERSION`.
 *
 * @throws {UsageError} when there is none, saying which there are
 * @throws {Error} when its file cannot be read
 */
export function chooseModel(stored: readonly StoredModel[], name: string): ReadableModel {
  const slash = /^(.+)\/(\d+)$/.exec(name)
  // A unit's own name may end like a version.
  const whole = stored.filter(({ unit }) => unit === name)
  const versions = whole.length > 0 ? whole : stored.filter(({ unit }) => unit === slash?.[1])
  const chosen = whole.length > 0 ? whole.at(-1) : versions.find(({ version }) => version === Number(slash?.[2]))
  if (chosen === undefined) throw new UsageError(noModel(stored, name, versions))
  if ('problem' in chosen) throw new Error(`${chosen.path}: ${chosen.problem}`)
  return chosen
}

function noModel(stored: readonly StoredModel[], name: string, versions: readonly StoredModel[]): string {
  if (versions.length > 0) {
    const known = versions.map(({ version }) => version).join(', ')
    return `there is no model ${name}; versions on disk: ${known}`
  }
  const units = [...new Set(stored.map(({ unit }) => unit))]
  const few = units.slice(0, 10).join(', ') + (units.length > 10 ? ` and ${units.length - 10} more` : '')
  return `there is no model ${name}; ${units.length === 0 ? 'there are none yet' : `there are: ${few}`}`
}
