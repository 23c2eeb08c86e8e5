import { z } from 'zod'
import { ACTIONS } from '../../domain/decision.ts'
import { readDuration } from '../duration.ts'

const SHORTEST_SILENCE_MS = 60_000
const LONGEST_SILENCE_MS = 30 * 86_400_000

const Text = z.string().max(1000)

/** Databases keep no NUL, and no halves of characters, in a text. */
function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}
const CANNOT_BE_KEPT = 'holds characters that cannot be kept'

/** What may be sent where there is nothing to say. */
export const Nothing = z.strictObject({})

export const DenyBody = z.strictObject({ reason: Text.optional() })

export const ReasonBody = z.strictObject({ reason: Text.default('') })

export const ManualBody = z
  .strictObject({
    target: z.string().min(1).max(10_000).refine(isStorable, CANNOT_BE_KEPT),
    action: z.enum(ACTIONS),
    parameters: z
      .record(z.string().regex(/^[a-z][a-z0-9_]{0,63}$/), z.union([z.string().max(4096), z.number(), z.boolean()]))
      .default({}),
    reason: Text.min(1).refine(isStorable, CANNOT_BE_KEPT),
  })
  .meta({ example: { target: 'web-1:9100@node', action: 'restart', parameters: {}, reason: 'memory leak' } })

export const FeedbackBody = z.strictObject({ useful: z.boolean() })

export const SilenceBody = z.strictObject({
  duration: z
    .string()
    .transform((text) => readDuration(text) ?? 0)
    .refine((ms) => ms >= SHORTEST_SILENCE_MS && ms <= LONGEST_SILENCE_MS, 'must be from 1m to 30d, such as 1h')
    .meta({ type: 'string', description: 'From 1m to 30d.', example: '1h' }),
  text: Text.default(''),
})

/** Years of four digits: the times must survive being written as ISO 8601 again. */
const Instant = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .meta({ type: 'string', format: 'date-time' })

export const ChangeBody = z
  .strictObject({
    targets: z.array(z.string().min(1).max(300)).min(1).max(1000),
    from: Instant,
    to: Instant,
    text: z.string().min(1).max(1000),
  })
  .refine(({ from, to }) => to > from, { path: ['to'], message: 'must be later than from' })

export const SignInBody = z.union([
  z.strictObject({ token: z.string().min(1).max(8192) }),
  z.strictObject({ username: z.string().min(1).max(300), password: z.string().min(1).max(1000) }),
])
