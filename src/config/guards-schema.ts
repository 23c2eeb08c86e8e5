import { z } from 'zod'
import { MODES } from '../domain/decision.ts'
import { count, duration, flag, httpUrl, matchers, oneOf, percent, rate, section, text } from './fields.ts'
import { access } from './source-schema.ts'

/** The reasons to say no to an action, as they hold unless a rule says otherwise. */
export const guardsSchema = section({
  max_data_age: duration('1s', '1h').prefault('60s').describe('The newest sample of the target must be younger.'),
  clean_cycles: count(0, 100)
    .default(2)
    .describe('Whole cycles without a gap, a failure or a warning before anything is done, also after a start.'),
  soak: count(1, 1000).default(2).describe('Cycles in a row that the rule must have matched.'),
  max_state_changes: count(1, 21)
    .default(4)
    .describe('From so many changes between well and unwell within 21 samples on a target flaps: nothing is done.'),
  max_unhealthy: percent(0, 100)
    .prefault('20%')
    .describe('Where more of a group, or of the fleet, are unwell, everything is frozen and a person is called.'),
  allow_whole_group: flag()
    .default(false)
    .describe('Acknowledges that `max_unhealthy: 100%` may act on every target there is.'),
  breaker_from: count(1, 100_000)
    .default(5)
    .describe('From so many targets on the share counts; of smaller groups one target is acted on at a time.'),
  rates: z
    .array(rate(10_000, '30d'))
    .max(10)
    .meta({ notation: 'a list of rates' })
    .prefault(['6 in 1m'])
    .describe('How often anything may be done, all targets together. All of them hold.'),
  group_rates: z
    .array(rate(10_000, '30d'))
    .max(10)
    .meta({ notation: 'a list of rates' })
    .default([])
    .describe('The same for each group by itself, for example [3 in 1h, 7 in 1d].'),
  concurrency: section({
    group: count(1, 1000).default(1).describe('At a time in one group.'),
    all: count(1, 1000).default(5).describe('At a time in all.'),
  })
    .prefault({})
    .describe('Actions that may be under way.'),
  cooldown: section({
    base: duration('1s', '7d').prefault('10m').describe('Pause after the first one.'),
    max: duration('1s', '30d').prefault('1h').describe('What the pause doubles up to; twice as long a rest ends it.'),
  })
    .prefault({})
    .describe('Pause between two actions of the same kind on the same target. It survives restarts.'),
  attempts: rate(1000, '30d')
    .prefault('3 in 1h')
    .describe('Actions on one target; then it is locked out and a person is called.'),
  self_stop: count(1, 1000)
    .default(5)
    .describe('So many actions in a row that failed, or did not help, and Homeostat freezes until a person unfreezes.'),
})

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

const windows = z
  .array(
    z.strictObject({
      match: matchers().describe('Targets that it is about.'),
      days: z
        .array(oneOf(DAYS))
        .min(1)
        .max(7)
        .meta({ notation: `a list of ${DAYS.join(', ')}` })
        .optional()
        .describe('Days on which it begins; without it every day.'),
      from: text('a time of day', '22:00')
        .refine((time) => /^([01]\d|2[0-3]):[0-5]\d$/.test(time), { message: 'must be HH:MM, in UTC' })
        .describe('Time of day at which it begins, UTC.'),
      lasts: duration('1m', '7d').describe('How long it lasts.'),
      text: text('a text', 'backups').prefault('maintenance').describe('What people are told.'),
    }),
  )
  .max(1000)
  .meta({ notation: 'a list' })
  .default([])

const alertmanager = section({
  urls: z
    .array(httpUrl('http://alertmanager:9093'))
    .max(16)
    .meta({ notation: 'a list of URLs' })
    .default([])
    .describe('Every member of one cluster; it is enough when one of them answers. Empty: none is asked.'),
  ...access,
  timeout: duration('100ms', '5s').prefault('5s').describe('How long one request may take.'),
  unreadable_after: duration('15s', '1d')
    .prefault('1m')
    .describe('How long what was read last counts when none of them answers.'),
  when_unreadable: oneOf(['refuse', 'act'])
    .prefault('refuse')
    .describe(
      'What happens then, and until the first answer. refuse: no action begins by itself, as nobody knows what is silenced. act: as if nothing were.',
    ),
})

/** Times in which nothing is done. */
export const maintenanceSchema = section({
  windows: windows.describe(
    'Times in which nothing is done to some targets. For a single one see POST /api/v1/changes.',
  ),
  alertmanager: alertmanager
    .prefault({})
    .describe('Where alerts are routed: what is silenced or inhibited there is left alone. Read every 15s at least.'),
})

/** Targets that nobody acts on. */
export const protectedSchema = z
  .array(matchers())
  .max(1000)
  .meta({ notation: 'a list of PromQL label selectors' })
  .default([])

/** What counts as a group, and how large it is. */
export const groupsSchema = section({
  label: text('a label name', 'job')
    .default('job')
    .describe('Label whose value is the group that a target’s safety is counted in.'),
  sizes: z
    .record(z.string().min(1).max(200), count(1, 1_000_000))
    .meta({ notation: 'a map of groups to numbers' })
    .default({})
    .describe(
      'How many targets groups have that only alerts speak of. Unknown: what a rule would do there freezes everything.',
    ),
})

/** How rules earn autonomy. */
export const standingSchema = section({
  start: oneOf(['ceiling', ...MODES])
    .prefault('ceiling')
    .describe('Mode in which a rule begins in a group. ceiling: what the rule allows.'),
  promote_after: section({
    observe: count(0, 10_000).default(20).describe('Useful incidents until suggest; 0: never by itself.'),
    suggest: count(0, 10_000).default(10).describe('Useful incidents until approve; 0: never by itself.'),
    approve: count(0, 10_000).default(5).describe('Approved and verified actions until auto; 0: never by itself.'),
  })
    .prefault({})
    .describe('Decisions that turned out right, in a row, until a rule may do more in a group; never above its mode.'),
})
