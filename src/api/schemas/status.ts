import { z } from 'zod'
import { Count, orNull, Time } from './values.ts'

const Seconds = z.number().min(0)

export const Freeze = z
  .strictObject({
    frozen: z.boolean(),
    by: z.string().nullable(),
    reason: z.string().nullable(),
    since: Time.nullable(),
  })
  .meta({ id: 'Freeze', description: 'The kill switch.' })

export const Permissions = z
  .strictObject({
    operate: z.boolean().describe('Acknowledge, silence, give feedback, approve, deny, request an action.'),
    freeze: z.boolean(),
    unfreeze: z.boolean(),
    reload: z.boolean(),
    whole_fleet: z.boolean().describe('Whether the whole fleet is seen, and not a part of it.'),
  })
  .meta({ id: 'Permissions', description: 'What somebody may do.' })

export const ConfigProblem = z
  .strictObject({ where: z.string(), path: z.string(), message: z.string(), hint: z.string().optional() })
  .meta({ id: 'ConfigProblem', description: 'Something that is wrong with the configuration.' })

const Source = z.strictObject({
  kind: z.enum(['local', 'prometheus', 'node_exporter', 'push', 'alertmanager']),
  url: z.string().nullable().describe('Without credentials.'),
  state: z.enum(['up', 'down', 'unknown']),
  data_age_seconds: Seconds.nullable(),
  targets: Count.nullable(),
  problems: z.array(z.string()),
})

const Receiver = z.strictObject({
  name: z.string(),
  kind: z.string(),
  waiting: Count.nullable(),
  last_sent_at: Time.nullable(),
  last_failed_at: Time.nullable(),
  last_failure: z.string().nullable(),
  ok: z.boolean().nullable().describe('Whether the newest try succeeded.'),
})

const Configuration = z.strictObject({
  file: z.string().nullable().describe('null: built-in defaults.'),
  loaded_at: Time,
  reload: orNull(z.strictObject({ at: Time, ok: z.boolean(), problems: z.array(ConfigProblem) })),
  warnings: z
    .array(
      z.strictObject({
        code: z.enum(['only_this_machine', 'nobody_is_told', 'nothing_can_be_done', 'nobody_is_asked']),
        path: z.string(),
        message: z.string(),
      }),
    )
    .describe('What to set up next.'),
})

export const Status = z
  .strictObject({
    at: Time,
    version: z.string(),
    started_at: Time,
    uptime_seconds: Seconds,
    interval_seconds: Seconds.describe('Distance of two cycles.'),
    ready: z.boolean().describe('Whether the first cycle is done.'),
    cycle: z.strictObject({
      at: Time.nullable().describe('Grid time of the newest that succeeded.'),
      seconds: Seconds.nullable().describe('How long the newest took.'),
      failures: Count.describe('In a row.'),
    }),
    sources: z.array(Source),
    targets: z.strictObject({
      total: Count,
      fresh: Count,
      warming_up: Count,
      stale: Count,
      detected: Count,
      with_model: Count,
    }),
    warming_up: z.strictObject({ targets: Count, until: Time.nullable() }),
    training: z.strictObject({ min_history_seconds: Seconds, interval_seconds: Seconds }),
    receivers: z.array(Receiver),
    configuration: Configuration,
    actions: z.strictObject({ waiting: Count.describe('For a person.'), under_way: Count }),
    incidents: z.strictObject({ open: Count }),
    freeze: Freeze,
    permissions: Permissions,
  })
  .meta({ id: 'Status', description: 'How Homeostat itself is; counts are of what is seen.' })

export const Session = z
  .strictObject({
    name: z.string(),
    role: z.enum(['read', 'operate', 'admin']),
    csrf_token: z.string().nullable().describe('To be sent in `X-CSRF-Token` with whatever changes something.'),
    expires_at: Time.nullable(),
    sign_in: z.boolean().describe('Whether anybody is asked who they are.'),
    permissions: Permissions,
  })
  .meta({ id: 'Session', description: 'Who has signed in.' })
