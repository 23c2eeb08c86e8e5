import { z } from 'zod'
import { Count, Time } from './values.ts'

const Loss = z.number().min(0).nullable()

export const Model = z
  .strictObject({
    id: z.string().describe('`<unit>/<version>`'),
    scope: z.enum(['host', 'group']),
    trained_at: Time,
  })
  .meta({ id: 'Model', description: 'The model behind a score.' })

export const ModelListing = Model.extend({
  unit: z.string().describe('What it is trained for: a target’s id, or `group:<job>`.'),
  version: Count,
  targets: Count.describe('Targets that it scores, of those that are seen.'),
  history_seconds: z.number().min(0).describe('Time that its training data spans.'),
  training_loss: Loss,
  validation_loss: Loss,
}).meta({ id: 'ModelListing', description: 'A model in use.' })

const Version = z.strictObject({
  version: Count,
  trained_at: Time.nullable(),
  in_use: z.boolean(),
  rows: Count.nullable(),
  training_loss: Loss,
  validation_loss: Loss,
  restored_from: Count.nullable().describe('The version that this one is a copy of, after a rollback.'),
  problem: z.string().nullable().describe('Why it cannot be read.'),
})

const Contest = z.strictObject({
  at: Time,
  champion: z.string().describe('The model in force until then.'),
  champion_loss: Loss,
  challenger_loss: Loss,
  rows: Count,
  taken_over: z.boolean(),
  by: z.enum(['schedule', 'train', 'import', 'rollback']),
  reason: z.string().nullable().describe('What decided, where the figures did not.'),
})

export const ModelDetail = ModelListing.extend({
  features: z.array(z.string()),
  data: z.strictObject({ from: Time, to: Time, step_seconds: z.number(), rows: Count }),
  layers: z.array(Count),
  losses: z.strictObject({ training: z.array(z.number()), validation: z.array(z.number()) }).describe('By epoch.'),
  threshold: z.strictObject({ mode: z.string(), rule: z.string().nullable(), value: z.number().nullable() }),
  imported_from: z.string().nullable(),
  versions: z.array(Version).describe('Those on disk, newest first.'),
  contests: z.array(Contest).describe('Champion and challenger, newest first.'),
}).meta({ id: 'ModelDetail', description: 'A model in use, its versions, and whom it had to beat.' })
