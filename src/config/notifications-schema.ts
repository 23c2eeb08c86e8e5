import { z } from 'zod'
import type { Matcher } from '../domain/feature.ts'
import { EVENT_KINDS, type EventKind } from '../domain/message.ts'
import { duration, httpUrl, oneOf, section, text } from './fields.ts'
import { parseMatchers } from './matchers.ts'
import { timeIntervalSchema } from './time-interval-schema.ts'

/** The kinds of receivers with the schema of each one's section; `app/` hands them in. */
export type ReceiverSchemas = Readonly<Record<string, z.ZodType>>

const receiverName = () => text('the name of a receiver', 'oncall')
const labels = (notation: string, example: string) =>
  z.array(text('a label name', 'job')).max(16).meta({ notation, example })

/** One matcher as Alertmanager writes it: `severity="critical"`. */
const matcher = z.unknown().transform((input, context): Matcher => {
  const found = typeof input === 'string' ? parseMatchers(`{${input}}`) : { problem: 'it must be a text' }
  if (!('problem' in found) && found.length === 1) return found[0]
  const problem = 'problem' in found ? found.problem : 'it must be exactly one'
  const params = { hint: `for example 'severity="critical"'` }
  context.addIssue({ code: 'custom', message: `is not a matcher: ${problem}`, params, input })
  return z.NEVER
})

const kind = oneOf(EVENT_KINDS)

const intervals = (what: string) =>
  z
    .array(text('the name of a time interval', 'offhours'))
    .max(32)
    .meta({ notation: 'a list of names' })
    .default([])
    .describe(what)

/** What a child takes from its parent unless it says otherwise. */
const inherited = {
  receiver: receiverName().optional().describe('Who is told. A child route takes it from its parent.'),
  group_by: labels('a list of label names', '[job]')
    .optional()
    .describe(
      'What is told in one message: incidents whose labels of these names are equal. The default, [...], is a message for each incident.',
    ),
  group_wait: duration('0s', '1h')
    .optional()
    .describe('How long the first message of a group waits for others of it. Default 5s.'),
  group_interval: duration('0s', '1d')
    .optional()
    .describe(
      'Shortest time between two messages of a group. Default 1m. A message that is updated in place does not wait, nor does a question or a call for help.',
    ),
  repeat_interval: duration('0s', '30d')
    .optional()
    .describe('How often it is said again what goes on and nobody has acknowledged. Default 4h; 0s: never.'),
}

const selecting = {
  matchers: z
    .array(matcher)
    .max(32)
    .meta({ notation: 'a list of matchers', example: `['severity=~"high|critical"']` })
    .default([])
    .describe(
      'All must hold, of the labels of the target and of the alert that opened the incident, and of `severity` (low, medium, high, critical), `kind` and `target`.',
    ),
  kinds: z
    .array(kind)
    .meta({ notation: `a list of ${EVENT_KINDS.join(', ')}`, example: '[detected, recovered]' })
    .default([])
    .describe('Only these kinds of events. Empty: all.'),
  continue: z
    .boolean()
    .meta({ notation: 'true or false' })
    .default(false)
    .describe('Go on with the next route of the same level.'),
  mute_time_intervals: intervals('Names of `time_intervals` in which nothing is said; it is said after them.'),
  active_time_intervals: intervals('Names of `time_intervals` outside of which nothing is said. Empty: always.'),
}

/** A route as it is written, its children below it. */
export interface WrittenRoute {
  readonly receiver?: string
  readonly group_by?: readonly string[]
  readonly group_wait?: number
  readonly group_interval?: number
  readonly repeat_interval?: number
  readonly matchers: readonly Matcher[]
  readonly kinds: readonly EventKind[]
  readonly continue: boolean
  readonly mute_time_intervals: readonly string[]
  readonly active_time_intervals: readonly string[]
  readonly routes: readonly WrittenRoute[]
}

const route: z.ZodType<WrittenRoute> = z.strictObject({
  ...inherited,
  ...selecting,
  routes: z
    .array(z.lazy((): z.ZodType<WrittenRoute> => route))
    .max(100)
    .meta({ notation: 'a list of routes', example: `[{matchers: ['severity="critical"'], receiver: oncall}]` })
    .default([])
    .describe('Routes below this one, with the same keys. The first that matches takes the message.'),
})

const templates = section({
  title: text('a Liquid template', "'{{ target }}: {{ cause }}'")
    .optional()
    .describe('The first line, plain text. Without it the built-in one.'),
  text: text('a Liquid template', "'{{ event }}{% if why %} Why: {{ why }}{% endif %}'")
    .optional()
    .describe('What follows. Without it the built-in one. docs/notifications.md says what a template knows.'),
})

/** Who is told of what. @param kinds the kinds of receivers there are */
export function notificationsSchema(kinds: ReceiverSchemas) {
  const optional = Object.fromEntries(Object.entries(kinds).map(([name, schema]) => [name, schema.optional()]))
  const receiver = z.strictObject({
    name: receiverName().describe('Name by which routes refer to it.'),
    ...(optional as Readonly<Record<string, z.ZodOptional<z.ZodType>>>),
  })
  return section({
    receivers: z
      .array(receiver)
      .max(100)
      .meta({ notation: 'a list', example: '{name: oncall, webhook: {url: "https://example.org/hook"}}' })
      .default([])
      .describe('Who can be told: a `name`, and exactly one kind with its settings. Without any nothing is sent.'),
    route: route
      .optional()
      .describe('Which messages go to whom. Without it all of them go to the first receiver.')
      .meta({ example: '{receiver: oncall}' }),
    time_intervals: z
      .array(timeIntervalSchema)
      .max(100)
      .meta({
        notation: 'a list',
        example: '{name: offhours, time_intervals: [{times: [{start_time: "18:00", end_time: "24:00"}]}]}',
      })
      .default([])
      .describe('Times with a name, which routes refer to.'),
    escalation: z
      .strictObject({
        after: duration('1m', '7d').describe('How long an incident may stay unacknowledged.'),
        receiver: receiverName().describe('Who is told then.'),
      })
      .optional()
      .describe('Who is told when nobody acknowledges an incident in time.')
      .meta({ example: '{after: 15m, receiver: oncall}' }),
    fallback: z
      .strictObject({
        after: duration('0s', '1d')
          .prefault('2m')
          .describe('How long a message may wait for its receiver before others are told as well.'),
        receivers: z
          .array(receiverName())
          .min(1)
          .max(10)
          .meta({ notation: 'a list of receivers', example: '[mail]' })
          .describe('Who is told: the first that has not failed itself.'),
      })
      .optional()
      .describe('Who is told when a receiver cannot be, or refuses a message.')
      .meta({ example: '{receivers: [mail]}' }),
    templates: templates.prefault({}).describe('What messages say.'),
    dashboard_url: httpUrl('https://homeostat.example.org')
      .optional()
      .describe('Where people find the dashboard: messages link to it.'),
    grafana_url: httpUrl('https://grafana.example.org/d/homeostat-host/host')
      .optional()
      .describe('A Grafana dashboard of one host: messages link to it, with `var-instance` and the time.'),
  })
}
