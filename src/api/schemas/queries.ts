import { z } from 'zod'
import { ACTION_STATES, type ActionState, OPEN_STATES } from '../../domain/action.ts'
import { INCIDENT_STATES, type IncidentState } from '../../domain/incident.ts'
import { readDuration } from '../duration.ts'
import { cursorOf, isRecordId } from '../page.ts'
import { readInstant } from '../webhooks/instant.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1000
const LONGEST = 10_000
const DAY_MS = 86_400_000
const LONGEST_PERIOD_MS = 366 * DAY_MS

const LIMIT = `must be a whole number from 1 to ${MAX_LIMIT}`
const CURSOR = 'must be the next_cursor of an earlier answer'
const TIME = 'must be a time such as 2026-11-21T10:00:00Z'

const limit = z
  .string(LIMIT)
  .regex(/^\d{1,15}$/, LIMIT)
  .transform((text) => Math.min(Number(text), MAX_LIMIT))
  .refine((count) => count > 0, LIMIT)
  .meta({
    type: 'integer',
    minimum: 1,
    default: DEFAULT_LIMIT,
    description: `Items of a page; more than ${MAX_LIMIT} count as ${MAX_LIMIT}.`,
  })
  .default(DEFAULT_LIMIT)

/** The key of the last item of the page before. */
const cursor = z
  .string(CURSOR)
  .transform((text) => ({ text, key: Buffer.from(text, 'base64url').toString() }))
  .refine(({ text, key }) => key !== '' && cursorOf(key) === text, CURSOR)
  .transform(({ key }) => key)
  .meta({ type: 'string', description: 'Asks for what follows: the `next_cursor` of the answer before.' })

const text = (meaning: string) =>
  z
    .string(`must be ${meaning}`)
    .min(1, `must be ${meaning}`)
    .max(LONGEST, `must be ${meaning}`)
    // Databases keep no NUL, and no halves of characters, in a text.
    .refine((value) => value.isWellFormed() && !value.includes('\0'), `must be ${meaning}`)

/** Words of a closed set with commas between them; `more` are words that stand for several. */
function words<W extends string>(known: readonly W[], more: Readonly<Record<string, readonly W[]>> = {}) {
  const all = [...Object.keys(more), ...known]
  const meaning = `must be among ${all.join(', ')}`
  return z
    .string(meaning)
    .transform((given) => given.split(','))
    .refine((given) => given.every((word) => all.includes(word)), meaning)
    .transform((given) => [...new Set(given.flatMap((word) => more[word] ?? [word as W]))])
}

const instant = z
  .string(TIME)
  .transform((given) => readInstant(given) ?? Number.NaN)
  .refine((at) => !Number.isNaN(at), TIME)

const PERIOD = 'must be a duration of up to 366 days, such as 30m, 12h or 7d'
const period = z
  .string(PERIOD)
  .transform((given) => readDuration(given) ?? 0)
  .refine((ms) => ms > 0 && ms <= LONGEST_PERIOD_MS, PERIOD)

const FLAG = 'must be true or false'
const flag = z
  .string(FLAG)
  .refine((given) => given === 'true' || given === 'false', FLAG)
  .transform((given) => given === 'true')

const LABELS = 'must be labels such as job=node,env=prod'
const labels = z
  .string(LABELS)
  .transform((given) => given.split(',').map((pair) => /^([A-Za-z_]\w*)=(.*)$/s.exec(pair)))
  .refine((pairs) => pairs.every((pair) => pair !== null), LABELS)
  .transform((pairs) => pairs.map((pair) => [pair![1], pair![2]] as const))

export const PageQuery = z.object({ limit, cursor: cursor.optional() })

/** A page of records, whose cursors are ids. */
const RecordPageQuery = PageQuery.extend({ cursor: cursor.refine(isRecordId, CURSOR).optional() })

const target = text('the id of one target').meta({ description: 'Only of this target, by its id.' }).optional()

export const TargetsQuery = PageQuery.extend({
  state: words(['fresh', 'warming_up', 'stale'] as const)
    .meta({
      type: 'string',
      description: 'Only in one of these states, with commas between them.',
      example: 'fresh,stale',
    })
    .optional(),
  detected: flag
    .meta({ type: 'boolean', description: 'Only those with an anomaly, or only those without.' })
    .optional(),
  search: text('a part of an id or of a label’s value')
    .meta({ description: 'Only those with this in their id or in the value of a label, in small or capital letters.' })
    .optional(),
  labels: labels
    .meta({ type: 'string', description: 'Only those with these values of labels.', example: 'job=node,env=prod' })
    .optional(),
})

export const IncidentsQuery = RecordPageQuery.extend({
  target,
  state: words<IncidentState>(INCIDENT_STATES, {
    open: ['opened', 'acting', 'verifying', 'escalated'],
    closed: ['recovered', 'closed'],
  })
    .meta({
      type: 'string',
      description:
        'Only in one of these states, with commas between them. `open`: those that go on; `closed`: those that are over, `recovered` ones among them.',
      example: 'open',
    })
    .optional(),
})

export const ActionsQuery = RecordPageQuery.extend({
  target,
  incident_id: text('the id of one incident').meta({ description: 'Only of this incident.' }).optional(),
  state: words<ActionState>(ACTION_STATES, { waiting: ['AWAITING_APPROVAL'], open: OPEN_STATES })
    .meta({
      type: 'string',
      description:
        'Only in one of these states, with commas between them. `waiting`: for a person; `open`: those that are not settled.',
      example: 'waiting',
    })
    .optional(),
})

export const KpisQuery = z.object({
  from: instant
    .meta({ type: 'string', format: 'date-time', description: 'Incidents that opened from here on.' })
    .optional(),
  to: instant
    .meta({ type: 'string', format: 'date-time', description: 'And before here; now, unless it is given.' })
    .optional(),
  period: period
    .meta({
      type: 'string',
      description: 'In place of `from`: so long before `to`; 7d, where neither is given.',
      example: '30d',
    })
    .optional(),
})

export const ScoresQuery = z.object({
  from: instant
    .meta({
      type: 'string',
      format: 'date-time',
      description: 'From here on; an hour before `to`, unless it is given.',
    })
    .optional(),
  to: instant
    .meta({ type: 'string', format: 'date-time', description: 'Up to here; now, unless it is given.' })
    .optional(),
  features: text('names of features, with commas between them')
    .transform((given) => [...new Set(given.split(','))])
    .refine((names) => names.length <= 50 && names.every((name) => name !== ''), 'must be 50 names of features at most')
    .meta({ type: 'string', description: 'Series of these features as well.', example: 'cpu_busy,memory_used' })
    .optional(),
})

export const EventsQuery = z.object({
  last_event_id: z
    .string('must be given once')
    .meta({ description: 'The id of the last event that was heard; the header `Last-Event-ID` comes before it.' })
    .optional(),
})
