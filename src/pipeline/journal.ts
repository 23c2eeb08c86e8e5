import type { Action, ActionState } from '../domain/action.ts'
import type { Change, Vote } from '../domain/change.ts'
import type { Incident, IncidentState } from '../domain/incident.ts'
import type { Message } from '../domain/message.ts'
import type { AuditEntry, Freeze, Silence, Standing } from '../domain/safety.ts'

/** What must survive a restart, as the pipeline uses it; `store/` provides it on SQLite and on PostgreSQL. */
export interface Journal {
  /**
   * Runs work in one transaction: when this resolves, all of it is durable; when it rejects, nothing has happened.
   * Transactions that touch the same rows wait for each other. Work may run again from its start when another one came
   * between, so it has no effects but those on its entries; and it does not use the store otherwise, which would wait
   * for ever.
   *
   * @throws {JournalError} when the store cannot take it
   */
  transaction<T>(work: (entries: JournalEntries) => Promise<T>): Promise<T>
}

/** Why the store cannot do as asked: `conflict` is worth another try at once, the others only later. */
export type JournalFailure = 'full' | 'read_only' | 'unreachable' | 'corrupt' | 'conflict' | 'internal'

/** The store failed. Nothing was kept of what was asked. The message says what to do. */
export class JournalError extends Error {
  override readonly name = 'JournalError'
  readonly reason: JournalFailure

  constructor(reason: JournalFailure, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

export interface IncidentQuery {
  readonly target?: string
  readonly states?: readonly IncidentState[]
  /** Only incidents with a smaller id, which opened before. */
  readonly before?: string
  readonly limit: number
}

export interface ActionQuery {
  readonly incidentId?: string
  readonly target?: string
  readonly states?: readonly ActionState[]
  /** Only actions created at or after, ms since the epoch. */
  readonly since?: number
  /** Only actions with a smaller id. */
  readonly before?: string
  readonly limit: number
}

/** What an action becomes at a transition; `undefined` leaves a field as it is. */
export interface ActionFacts {
  readonly reason?: string
  readonly call?: string
  readonly undo?: Action['undo']
  readonly approvedBy?: string
  readonly startedAt?: number
  readonly finishedAt?: number
}

/** Everything inside one transaction. Lists of incidents and actions are newest first. */
export interface JournalEntries {
  /** The incidents that are not closed: of these targets, or all. At most one a target. */
  ongoing(targets?: readonly string[]): Promise<Incident[]>
  incident(id: string): Promise<Incident | undefined>
  incidents(query: IncidentQuery): Promise<Incident[]>
  /** Of each of some targets the newest incidents, closed or not. @param most of each */
  latestOf(targets: readonly string[], most: number): Promise<Incident[]>
  /** Incidents that opened, or were open, after a time. */
  incidentsSince(at: number): Promise<Incident[]>
  /** New incidents, and new versions of known ones. @throws {JournalError} `conflict` when a target has another one open */
  saveIncidents(incidents: readonly Incident[]): Promise<void>

  /** Notes deliveries of alerts. @returns the keys that were not known before */
  noteDeliveries(keys: readonly string[], at: number): Promise<ReadonlySet<string>>

  action(id: string): Promise<Action | undefined>
  actions(query: ActionQuery): Promise<Action[]>
  /**
   * What guards count, `COUNTED_STATES`: of what was created since a time the newest 10,000 that change something, and the
   * newest 10,000 that tell people. Asked at every decision.
   *
   * @param since ms since the epoch
   */
  counted(since: number): Promise<readonly Action[]>
  /** Writes a new action into the ledger, with its audit row. @returns false when one with the same key is there already */
  plan(action: Action): Promise<boolean>
  /**
   * PLANNED → CLAIMED, with the target's lock and a lease by the database's clock.
   *
   * @returns the action with its new epoch; undefined when it is no longer PLANNED or its target is locked by another
   */
  claim(id: string, owner: string, leaseMs: number): Promise<Action | undefined>
  /** CLAIMED → STARTED, if the epoch is the same and the lease has not run out. Only who gets true may act. */
  start(id: string, epoch: number, at: number, facts: ActionFacts): Promise<boolean>
  /**
   * Any other transition of `NEXT_STATES`, as compare-and-set on state and epoch; frees the target's lock when the action is no longer
   * CLAIMED or STARTED.
   *
   * @returns the new version; undefined when the action has gone on without us
   */
  settle(action: Action, state: ActionState, facts: ActionFacts, by: string, at: number): Promise<Action | undefined>
  /** Actions CLAIMED or STARTED by an owner other than `alive`, and those CLAIMED with a lease that has run out by the database's clock. */
  abandoned(alive: readonly string[]): Promise<Action[]>

  freeze(): Promise<Freeze | undefined>
  /** @param freeze undefined lifts it @param at when, ms since the epoch */
  setFreeze(freeze: Freeze | undefined, at: number): Promise<void>
  /** When a freeze was last lifted, ms since the epoch; undefined when none ever was. */
  lastLifted(): Promise<number | undefined>
  /** Silences that end after a time. */
  silences(since: number): Promise<Silence[]>
  addSilence(silence: Silence): Promise<void>
  standings(): Promise<Standing[]>
  saveStanding(standing: Standing): Promise<void>

  changes(since: number): Promise<Change[]>
  addChange(change: Change): Promise<void>
  votes(): Promise<Vote[]>
  addVote(vote: Vote): Promise<void>

  /** Appends to the audit, which is chained by hash. */
  audit(entry: AuditEntry): Promise<void>
  /** Puts messages into the outbox. */
  say(messages: readonly Message[]): Promise<void>
}
