import type { z } from 'zod'
import type { Role } from '../auth/principal.ts'
import type { ProblemCode } from '../problem.ts'

export interface Answer {
  readonly description: string
  readonly schema?: z.ZodType
  /** `application/json` unless it says otherwise. */
  readonly type?: string
}

/** What one method does at one route, for people and programs. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** As in the route: `/api/v1/targets/{id}`. */
  readonly pattern: string
  readonly tag: Tag
  readonly summary: string
  readonly description?: string
  /** open: everybody may; sender: who sends alerts, by a credential of its own. */
  readonly role: Role | 'open' | 'sender'
  /** Not for those who see a part of the fleet only. */
  readonly wholeFleet?: boolean
  /** Meanings of the parts of the path. */
  readonly parts?: Readonly<Record<string, string>>
  readonly query?: z.ZodObject
  readonly headers?: z.ZodObject
  readonly body?: z.ZodType
  /** Whether the body may be left out. */
  readonly bodyOptional?: boolean
  /** By status. */
  readonly answers: Readonly<Record<number, Answer>>
  /** Beside those that the role, the method and the parameters bring with them. */
  readonly problems?: readonly ProblemCode[]
}

export const TAGS = {
  fleet: 'Targets, their scores, and what happens',
  incidents: 'Episodes of trouble, and what people say of them',
  actions: 'The ledger, people’s decisions, and the kill switch',
  knowledge: 'Rules, models and how well they do',
  intake: 'Alerts and readings that others send',
  session: 'Who asks',
  service: 'Homeostat itself',
} as const
export type Tag = keyof typeof TAGS
