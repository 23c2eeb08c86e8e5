import type { ModelCard } from '../domain/model-file.ts'
import type { ContestJson } from './contract.ts'

/** A version of a model on disk. */
export type ModelVersion =
  | { readonly version: number; readonly card: ModelCard }
  | { readonly version: number; readonly problem: string }

/** What is kept of models beside those in memory. */
export interface Models {
  /** Versions of a unit on disk, newest first. */
  versions(unit: string): Promise<readonly ModelVersion[]>
  /** Who had to beat whom, newest first. */
  contests(unit: string, limit: number): Promise<readonly ContestJson[]>
}
