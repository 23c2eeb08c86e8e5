import { z } from 'zod'
import { Action } from './actions.ts'
import { Incident } from './incidents.ts'
import { Freeze, Status } from './status.ts'
import { FleetTarget } from './targets.ts'
import { Time } from './values.ts'

export const Events = z
  .strictObject({
    hello: z.strictObject({ at: Time, id: z.string() }).describe('First of all.'),
    reset: z
      .strictObject({ at: Time, reason: z.enum(['restarted', 'too_old', 'slow']) })
      .describe('What was missed is not known: ask for everything again.'),
    targets: z
      .strictObject({
        at: Time,
        changed: z.array(FleetTarget).describe('New, or changed in more than the level.'),
        gone: z.array(z.string()).describe('Ids that are no longer watched.'),
        levels: z.record(z.string(), z.number().nullable()).describe('New levels of all others, by id.'),
      })
      .describe('After a cycle, and soon after a pushed reading.'),
    incident: z.strictObject({ change: z.enum(['opened', 'changed']), incident: Incident }),
    action: Action,
    freeze: Freeze,
    status: Status,
    heartbeat: z.strictObject({ at: Time }).describe('Every 15 s.'),
  })
  .meta({ id: 'Events', description: 'The data of the server-sent events, by the name of the event.' })
