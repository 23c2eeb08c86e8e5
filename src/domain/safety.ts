import type { Mode } from './decision.ts'

/** The kill switch. */
export interface Freeze {
  readonly by: string
  readonly reason: string
  /** ms since the epoch */
  readonly at: number
}

/** No action, and no message, for a target until a time; set by a person. */
export interface Silence {
  readonly id: string
  readonly target: string
  readonly from: number
  readonly until: number
  readonly by: string
  readonly text: string
}

/** One line of the audit: who or which rule changed what, why, and what was known. Chained by hash. */
export interface AuditEntry {
  /** ms since the epoch */
  readonly at: number
  /** `homeostat`, a rule, or a person: `api:alice`, `telegram:42`. */
  readonly by: string
  /** `action`, `freeze`, `mode`, `silence`, `session`, … */
  readonly kind: string
  /** Id of the action, incident or target concerned. */
  readonly subject: string
  readonly text: string
  readonly data: Readonly<Record<string, string | number | boolean | null>>
}

/** What a rule may do in a group by now, and what it has earned that with. */
export interface Standing {
  readonly rule: string
  readonly group: string
  /** Never above what the rule's file allows. */
  readonly mode: Mode
  /** Decisions in this mode since `since` that turned out right, and wrong. */
  readonly right: number
  readonly wrong: number
  /** ms since the epoch */
  readonly since: number
}
