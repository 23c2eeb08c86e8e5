import { z } from 'zod'
import { MODES } from '../domain/decision.ts'
import { oneOf, section, text } from './fields.ts'

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
})
