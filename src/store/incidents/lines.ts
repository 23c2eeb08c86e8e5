import { z } from 'zod'
import type { Change, Vote } from '../../domain/change.ts'
import type { Incident } from '../../domain/incident.ts'
import { incidentDocument } from '../sql/documents.ts'

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

const line = z.union([z.object({ incident: incidentDocument }), z.object({ change }), z.object({ vote })])

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
