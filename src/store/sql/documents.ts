import { z } from 'zod'
import { ACTION_STATES, type Action } from '../../domain/action.ts'
import { ALERT_SOURCES, type IncidentAlert } from '../../domain/alert.ts'
import { ACTIONS, GUARDS, MODES, SEVERITIES } from '../../domain/decision.ts'
import { CAUSES } from '../../domain/diagnosis.ts'
import { INCIDENT_STATES, type Incident, TIMELINE_KINDS, type TimelineEntry } from '../../domain/incident.ts'
import { ADDRESS_REASONS, EVENT_KINDS, type Message } from '../../domain/message.ts'
import { JournalError } from '../../pipeline/journal.ts'

/**
 * JSON has no NaN: null stands for a number that is not known. For all numbers, so that one that went wrong can still be
 * read, and costs what looks at it and not the whole store.
 */
const maybe = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN)

/** A map that is handed on as it is: built anew it would lose a key named `__proto__`. */
function mapOf<T>(isValue: (value: unknown) => value is T) {
  return z.custom<Readonly<Record<string, T>>>(
    (map) => typeof map === 'object' && map !== null && !Array.isArray(map) && Object.values(map).every(isValue),
  )
}

function isPlain(value: unknown): value is string | number | boolean | null {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value)
}

const labels = mapOf((value) => typeof value === 'string')
const parameters = mapOf(isPlain).transform((map): Action['parameters'] =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, value ?? Number.NaN])),
)

const contribution = z.object({ feature: z.string(), share: maybe, actual: maybe, expected: maybe })

/** A schema that names every key, the optional ones too: one that it does not know would be lost. */
type Complete<T> = z.ZodType<T> & { readonly shape: Readonly<Record<keyof T, z.ZodType>> }

const alert = z.object({
  source: z.enum(ALERT_SOURCES),
  fingerprint: z.string(),
  status: z.enum(['firing', 'resolved']),
  labels,
  startsAt: maybe,
  endsAt: maybe.optional(),
  expiresAt: maybe.optional(),
  heardAt: maybe.optional(),
  lapsed: z.boolean().optional(),
  name: z.string(),
  summary: z.string(),
}) satisfies Complete<IncidentAlert>

const diagnosis = z.object({
  cause: z.enum(CAUSES),
  confidence: maybe,
  evidence: z.array(z.string()),
  rootTarget: z.string(),
  peers: z.object({ group: z.string(), anomalous: maybe, size: maybe }).optional(),
})

const decision = z.object({
  rule: z.string().optional(),
  verdict: z.enum(['execute', 'ask', 'observe', 'refuse', 'none']),
  guard: z.enum(GUARDS).optional(),
  reason: z.string(),
  at: maybe,
})

const entry = z.object({ at: maybe, kind: z.enum(TIMELINE_KINDS), by: z.string(), text: z.string(), data: parameters })

const incidentDocument = z.object({
  id: z.string().min(1),
  target: z.string(),
  labels,
  group: z.string(),
  state: z.enum(INCIDENT_STATES),
  openedAt: maybe,
  endedAt: maybe.optional(),
  anomalous: z.boolean(),
  alerts: z.array(alert),
  level: maybe,
  opening: z.array(contribution),
  highest: z.array(contribution),
  diagnosis: diagnosis.optional(),
  decision: decision.optional(),
  step: maybe,
  attempts: maybe,
  related: z.array(z.string()),
  timeline: z.array(entry),
  feedback: z.object({ useful: z.boolean(), at: maybe }).optional(),
  acknowledgedAt: maybe.optional(),
}) satisfies Complete<Incident>

const actionDocument = z.object({
  id: z.string().min(1),
  incidentId: z.string().optional(),
  key: z.string(),
  target: z.string(),
  group: z.string(),
  action: z.enum(ACTIONS),
  parameters,
  severity: z.enum(SEVERITIES),
  mode: z.enum(MODES),
  rule: z.string(),
  step: maybe,
  verification: z.object({ promql: z.string().optional(), afterMs: maybe, withinMs: maybe }),
  state: z.enum(ACTION_STATES),
  reason: z.string(),
  by: z.string(),
  approvedBy: z.string().optional(),
  call: z.string(),
  undo: parameters.optional(),
  epoch: maybe,
  createdAt: maybe,
  expiresAt: maybe,
  startedAt: maybe.optional(),
  finishedAt: maybe.optional(),
}) satisfies Complete<Action>

const messageDocument = z.object({
  key: z.string(),
  kind: z.enum(EVENT_KINDS),
  at: maybe,
  severity: z.enum(SEVERITIES),
  incidentId: z.string().optional(),
  actionId: z.string().optional(),
  target: z.string().optional(),
  labels,
  text: z.string(),
  addressed: z.object({ to: z.string(), because: z.enum(ADDRESS_REASONS), failed: z.array(z.string()) }).optional(),
}) satisfies Complete<Message>

/** @throws {JournalError} `corrupt` for a text that is not a document of that kind */
function reader<T>(kind: string, schema: z.ZodType<T>): (text: string, id: string | number) => T {
  return (text, id) => {
    try {
      return schema.parse(JSON.parse(text))
    } catch (cause) {
      const message = `${kind} ${id} in the store cannot be read: somebody else changed it; restore a backup`
      throw new JournalError('corrupt', message, { cause })
    }
  }
}

/** An incident without what has rows of its own. */
export const readHead = reader<Omit<Incident, 'alerts' | 'timeline'>>(
  'incident',
  incidentDocument.omit({ alerts: true, timeline: true }),
)
export const readAlert = reader<IncidentAlert>('an alert of incident', alert)
export const readEntry = reader<TimelineEntry>('an entry of incident', entry)
export const readAction = reader<Action>('action', actionDocument)
export const readMessage = reader<Message>('message', messageDocument)
export const readTargets = reader<string[]>('change', z.array(z.string()))
