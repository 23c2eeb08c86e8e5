import type { LabelTest } from './label-scope.ts'

/** What somebody may do; each includes the ones before it. */
const ROLES = ['read', 'operate', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** Who asks. */
export interface Principal {
  /** For the audit; empty where nobody is asked who they are. */
  readonly name: string
  readonly role: Role
  /** Targets that are there for them; undefined: all. */
  readonly sees?: LabelTest
  /** When what was shown ceases to hold, ms since the epoch; undefined: never by itself. */
  readonly expiresAt?: number
}

/** Whoever asks where nobody is asked who they are. */
export const ANYBODY: Principal = { name: '', role: 'admin' }

export function may({ role }: Principal, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed)
}

/** A role as a claim of somebody else's token names it: a word, or a list of words of which the mightiest counts. */
export function roleOf(claim: unknown): Role | undefined {
  const words = Array.isArray(claim) ? claim : [claim]
  return ROLES.findLast((role) => words.includes(role))
}

/** Who it was, for timeline and audit: `api`, `api:alice`. */
export function byOf({ name }: Principal): string {
  return name === '' ? 'api' : `api:${name}`
}
