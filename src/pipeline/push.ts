import type { Action } from '../domain/action.ts'
import type { Severity } from '../domain/decision.ts'
import type { Diagnosis } from '../domain/diagnosis.ts'
import type { DecisionMark } from '../domain/incident.ts'
import type { Verdict } from '../domain/verdict.ts'

/** One reading as a service pushes it. */
export interface Reading {
  readonly service: string
  /** ms since the epoch, by the service's own clock */
  readonly at: number
  /** What else is known of the service; chosen by whoever pushes. */
  readonly labels: Readonly<Record<string, string>>
  /** Finite numbers by name. */
  readonly metrics: ReadonlyMap<string, number>
}

/** What the whole pipeline made of a reading. */
export interface Judgement {
  readonly verdict: Verdict
  /** Undefined where nothing is wrong. */
  readonly diagnosis?: Diagnosis
  /** The decision in force; undefined where nothing is wrong. */
  readonly decision?: DecisionMark & { readonly action?: string; readonly severity?: Severity }
  /** The newest action of the incident. */
  readonly action?: Action
}

/**
 * older: not newer than the newest of the service; future: later than clocks differ; full: no more services, or no more
 * metrics of this one; busy: too many readings are under way.
 */
export type NotHeard = {
  readonly ok: false
  readonly why: 'older' | 'future' | 'full' | 'too_many_metrics' | 'busy'
  readonly text: string
}

/**
 * The third door: one reading through the whole pipeline. What follows from it is durable when this resolves.
 *
 * @throws {JournalError} when what follows could not be stored; the reading itself counts, the next one goes on
 */
export type ReceiveReading = (
  reading: Reading,
) => Promise<{ readonly ok: true; readonly judgement: Judgement } | NotHeard>
