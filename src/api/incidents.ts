import type { Change } from '../domain/change.ts'
import type { Incident, IncidentState } from '../domain/incident.ts'

export interface IncidentQuery {
  /** Only this target's. */
  readonly target?: string
  readonly states?: readonly IncidentState[]
  /** Only incidents with a smaller id, which opened before. */
  readonly before?: string
  readonly limit: number
}

/** What the API shows of incidents, and what it lets people say of them. */
export interface Incidents {
  /** Newest first. */
  list(query: IncidentQuery): Promise<{ readonly items: readonly Incident[]; readonly more: boolean }>
  get(id: string): Promise<Incident | undefined>
  /** The one of a target that goes on. */
  ongoing(target: string): Promise<Incident | undefined>
  /**
   * @param by who says so: `api` unless given
   * @throws {ApiError} `storage_unavailable` when it cannot be kept, as all that follow
   */
  acknowledge(id: string, by?: string): Promise<Incident | undefined>
  /** Takes a person's word; the newest counts, and saying the same again changes nothing. */
  judge(id: string, useful: boolean, by?: string): Promise<Incident | undefined>
  /** Marks a deploy or a maintenance window. */
  mark(change: Omit<Change, 'id' | 'at'>): Promise<Change>
}
