import { z } from 'zod'
import { RESOLUTION, type Unit } from '../../domain/feature.ts'
import { Incident } from './incidents.ts'
import { Model } from './models.ts'
import { Count, Labels, orNull, Share, Time } from './values.ts'

const Level = z.number().min(0).nullable().describe('In units of the threshold in force: above 1 is an alarm.')
const State = z.enum(['fresh', 'warming_up', 'stale'])
const Detectors = z.record(z.string(), Share.nullable()).describe('By detector, 0–1.')
const UnitName = z.enum(Object.keys(RESOLUTION) as Unit[])

export const Target = z
  .strictObject({
    id: z.string().describe('`<instance>@<job>`'),
    labels: Labels,
    state: State,
    level: Level,
    severity: Share.nullable().describe('1 − 2^(−level): 0.5 at the threshold.'),
    score: z.number().nullable().describe('The autoencoder’s reconstruction error.'),
    threshold: z.number().nullable().describe('Threshold for `score`.'),
    detected: z.boolean().describe('After hysteresis.'),
    detectors: Detectors,
    updated_at: Time.nullable().describe('Time of the reading behind it.'),
  })
  .meta({ id: 'Target', description: 'The latest result for one target. A number that is not known is null.' })

const Feature = z.strictObject({
  name: z.string(),
  unit: UnitName.nullable(),
  help: z.string(),
  actual: z.number().nullable(),
  expected: z.number().nullable().describe('What the models expected.'),
  share: Share.nullable().describe('Part of the whole error.'),
})

const Exhaustion = z.strictObject({
  resource: z.string(),
  seconds: z.number().min(0),
  low: z.number().min(0),
  high: z.number().min(0),
})

export const TargetDetail = Target.extend({
  features: z.array(Feature).describe('All features, strongest first.'),
  ready_at: Time.nullable().describe('While it is warming up: when its first score is to be expected.'),
  peers: z
    .strictObject({ group: z.string(), size: Count, anomalous: Count })
    .nullable()
    .describe('The group that its safety is counted in.'),
  silenced: z
    .strictObject({ until: Time, by: z.string(), text: z.string() })
    .nullable()
    .describe('The silence that ends last.'),
  incident: orNull(Incident).describe('The incident that goes on.'),
  exhaustion: z.array(Exhaustion).describe('Resources that are filling, the soonest used up first.'),
  drift: z.number().min(0).nullable().describe('How far the inputs have moved since training, in deviations.'),
  alarms_per_day: z.number().min(0).describe('False alarms allowed.'),
  model: orNull(Model),
}).meta({ id: 'TargetDetail', description: 'What is known of one target.' })

export const FleetTarget = z
  .strictObject({ id: z.string(), labels: Labels, state: State, level: Level, detected: z.boolean() })
  .meta({
    id: 'FleetTarget',
    description: 'What a grid shows of a target; its level to two decimals, or three digits.',
  })

export const Fleet = z
  .strictObject({
    at: Time.nullable().describe('Time of the newest cycle.'),
    last_event_id: z.string().describe('For `GET /api/v1/events?last_event_id=`: what follows this picture.'),
    targets: z.array(FleetTarget).describe('By id.'),
  })
  .meta({ id: 'Fleet', description: 'Every target that is seen, in short.' })

const Point = z.strictObject({
  at: Time,
  level: Level,
  score: z.number().nullable(),
  threshold: z.number().nullable(),
  detected: z.boolean().nullable(),
  detectors: Detectors,
})

const Series = z.strictObject({
  name: z.string(),
  unit: UnitName.nullable(),
  source: z.enum(['memory', 'history', 'prometheus', 'none']),
  points: z.array(z.strictObject({ at: Time, actual: z.number().nullable(), expected: z.number().nullable() })),
})

export const TargetScores = z
  .strictObject({
    target: z.string(),
    from: Time,
    to: Time,
    step_seconds: z.number().positive().describe('Usual distance of two points.'),
    source: z.enum(['memory', 'prometheus', 'both', 'none']),
    points: z.array(Point).describe('Oldest first.'),
    features: z.array(Series),
    problems: z.array(z.string()).describe('What could not be read.'),
  })
  .meta({ id: 'TargetScores', description: 'Recent scores of a target, for charts.' })
