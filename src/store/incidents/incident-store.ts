import type { Change, Vote } from '../../domain/change.ts'
import type { Incident } from '../../domain/incident.ts'

/** All that the incident book remembers. */
export interface Kept {
  /** In no particular order, each id once. */
  readonly incidents: readonly Incident[]
  readonly changes: readonly Change[]
  readonly votes: readonly Vote[]
}

/** Where the incident book is kept over restarts. Calls must not overlap. */
export interface IncidentStore {
  /**
   * Everything that was kept, the newest version of each.
   *
   * @throws an error of the file system when it cannot be read
   */
  load(): Promise<Kept & { readonly unreadable: number }>
  /**
   * Keeps new records, and new versions of those with the same id.
   *
   * @throws an error of the file system; some may then be kept and others not
   */
  save(records: Partial<Kept>): Promise<void>
  /** Forgets everything else. */
  keepOnly(records: Kept): Promise<void>
  /** Whether old versions take so much room that `keepOnly` is due. */
  readonly overgrown: boolean
}
