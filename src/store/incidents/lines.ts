import { z } from 'zod'
import { ALERT_SOURCES } from '../../domain/alert.ts'
import type { Change, Vote } from '../../domain/change.ts'
import { GUARDS } from '../../domain/decision.ts'
import { CAUSES } from '../../domain/diagnosis.ts'
import { INCIDENT_STATES, type Incident, TIMELINE_KINDS } from '../../domain/incident.ts'

/** JSON has no NaN: null stands for a number that is not known. */
const maybe = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN)

const contribution = z.object({ feature: z.string(), share: maybe, actual: maybe, expected: maybe })

const alert = z.object({
  source: z.enum(ALERT_SOURCES),
  fingerprint: z.string(),
  status: z.enum(['firing', 'resolved']),
  labels: z.record(z.string(), z.string()),
  startsAt: z.number(),
  endsAt: z.number().optional(),
  name: z.string(),
  summary: z.string(),
})

const diagnosis = z.object({
  cause: z.enum(CAUSES),
  confidence: z.number(),
  evidence: z.array(z.string()),
  rootTarget: z.string(),
  peers: z.object({ group: z.string(), anomalous: z.number(), size: z.number() }).optional(),
})

const decision = z.object({
  rule: z.string().optional(),
  verdict: z.enum(['execute', 'ask', 'observe', 'refuse', 'none']),
  guard: z.enum(GUARDS).optional(),
  reason: z.string(),
  at: z.number(),
})

const incident = z.object({
  id: z.string().min(1),
  target: z.string(),
  labels: z.record(z.string(), z.string()),
  group: z.string(),
  state: z.enum(INCIDENT_STATES),
  openedAt: z.number(),
  endedAt: z.number().optional(),
  anomalous: z.boolean(),
  alerts: z.array(alert),
  level: maybe,
  severity: maybe,
  opening: z.array(contribution),
  highest: z.array(contribution),
  diagnosis: diagnosis.optional(),
  decision: decision.optional(),
  step: z.number(),
  attempts: z.number(),
  related: z.array(z.string()),
  timeline: z.array(
    z.object({
      at: z.number(),
      kind: z.enum(TIMELINE_KINDS),
      by: z.string(),
      text: z.string(),
      data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    }),
  ),
  feedback: z.object({ useful: z.boolean(), at: z.number() }).optional(),
  acknowledgedAt: z.number().optional(),
}) satisfies z.ZodType<Incident>

const change = z.object({
  id: z.string().min(1),
  targets: z.array(z.string()),
  from: z.number(),
  to: z.number(),
  text: z.string(),
  at: z.number(),
}) satisfies z.ZodType<Change>

const vote = z.object({
  incident: z.string().min(1),
  target: z.string(),
  useful: z.boolean(),
  at: z.number(),
}) satisfies z.ZodType<Vote>

const line = z.union([z.object({ incident }), z.object({ change }), z.object({ vote })])

/** One record a line, under the name of its kind. */
export type Line = { readonly incident: Incident } | { readonly change: Change } | { readonly vote: Vote }

export function encodeLine(record: Line): string {
  return `${JSON.stringify(record)}\n`
}

/** @returns undefined for a line that was torn, or is not ours */
export function decodeLine(text: string): Line | undefined {
  try {
    return line.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
