import { z } from 'zod'
import { ACTIONS, MODES, SEVERITIES } from '../../domain/decision.ts'
import { Count, Time, Values } from './values.ts'

const Step = z.strictObject({ action: z.enum(ACTIONS), parameters: Values })
const Standing = z.strictObject({
  group: z.string(),
  mode: z.enum(MODES),
  right: Count.describe('Decisions since `since` that turned out right.'),
  wrong: Count,
  since: Time,
})

export const Verdict = z.enum(['execute', 'ask', 'observe', 'refuse', 'none'])

export const Rule = z
  .strictObject({
    name: z.string(),
    file: z.string(),
    priority: z.number(),
    when: z.string().describe('CEL'),
    ...Step.shape,
    steps: z.array(Step).describe('All of its steps: a later one when those before did not help.'),
    severity: z.enum(SEVERITIES),
    mode: z.enum(MODES).describe('The most that it may do.'),
    standings: z.array(Standing).describe('What it may do by now, by group.'),
    matches: Count.describe('Decisions by it in incidents of the last `matches_days`.'),
    matches_days: Count,
    last_matched_at: Time.nullable(),
    verdicts: z.record(Verdict, Count).describe('The same decisions by what came of them.'),
  })
  .meta({ id: 'Rule', description: 'A rule as it is in force.' })
