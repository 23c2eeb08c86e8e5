import { z } from 'zod'

/** ISO 8601, UTC. */
export const Time = z.iso.datetime()
export const Labels = z.record(z.string(), z.string())
export const Values = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
/** 0–1 */
export const Share = z.number().min(0).max(1)
export const Count = z.int().min(0)

/** A component that may be missing; `nullable` would make the component itself so. */
export function orNull<S extends z.ZodType>(schema: S) {
  return z.union([schema, z.null()])
}

/** A page of a list. */
export function pageOf<S extends z.ZodType>(item: S) {
  return z.strictObject({
    items: z.array(item),
    next_cursor: z.string().nullable().describe('To be sent as `?cursor=` for what follows; null on the last page.'),
  })
}
