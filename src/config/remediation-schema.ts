import { z } from 'zod'
import { MODES } from '../domain/decision.ts'
import { duration, oneOf, section, text } from './fields.ts'
import { groupsSchema, guardsSchema, maintenanceSchema, protectedSchema, standingSchema } from './guards-schema.ts'

/** What may be done about trouble, and by which rules. */
export const remediationSchema = section({
  mode: oneOf(MODES)
    .prefault('observe')
    .describe(
      'How much a rule may do that names no mode itself. observe: only recorded, with the exact call. suggest: also told to people. approve: waits for a person’s yes. auto: done when no guard objects.',
    ),
  rules: z
    .array(text('a path', 'rules/web.yaml'))
    .max(100)
    .meta({ notation: 'a list of paths' })
    .default([])
    .describe(
      'Rule files, see docs/rules.md. Empty: the built-in rules for hosts, and those for services of pushed readings.',
    ),
  diagnosis: text('a path', 'rules/diagnosis.yaml')
    .nullable()
    .default(null)
    .describe('File with the patterns of known causes. Empty: the built-in ones.'),
  guards: guardsSchema.prefault({}).describe('Reasons to say no, unless a rule says otherwise for itself.'),
  approval_timeout: duration('10s', '1d')
    .prefault('10m')
    .describe('How long an action waits for a person’s yes, or for others to end.'),
  maintenance: maintenanceSchema.prefault({}).describe('When targets are left alone.'),
  protected: protectedSchema.describe('Targets that are never acted on, beside those of `actions.protected`.'),
  groups: groupsSchema.prefault({}).describe('What is counted together.'),
  standing: standingSchema
    .prefault({})
    .describe('Autonomy that rules earn, group by group. An action that did not help costs a mode at once.'),
})
