import { z } from 'zod'
import type { Change, Vote } from '../../domain/change.ts'
import { type Incident, TIMELINE_KINDS } from '../../domain/incident.ts'

/** JSON has no NaN: null stands for a number that is not known. */
const maybe = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN)

const contribution = z.object({ feature: z.string(), share: maybe, actual: maybe, expected: maybe })

const incident = z.object({
  id: z.string().min(1),
  target: z.string(),
  state: z.enum(['opened', 'recovered', 'closed']),
  openedAt: z.number(),
  endedAt: z.number().optional(),
  level: maybe,
  severity: maybe,
  opening: z.array(contribution),
  highest: z.array(contribution),
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
