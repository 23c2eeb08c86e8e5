import { z } from 'zod'
import { ACTIONS, MODES, SEVERITIES } from '../domain/decision.ts'
import { CAUSES } from '../domain/diagnosis.ts'
import { DETECTORS } from '../domain/verdict.ts'
import { count, flag, number, oneOf, section, text } from './fields.ts'

const VERDICTS = ['none', 'observe', 'ask', 'execute'] as const

const values = () =>
  z.record(z.string().max(64), z.number(), { error: 'must be a map of features to numbers' }).default({})
const labels = () => z.record(z.string(), z.string(), { error: 'must be a map of label names to texts' })

const alert = z.union(
  [
    z.string().transform((name) => ({ name, labels: {} })),
    z.strictObject({ name: z.string().min(1), labels: labels().default({}) }),
  ],
  { error: 'must be the name of an alert, or {name: NAME, labels: {…}}' },
)

const expect = z.strictObject({
  rule: text('the name of a rule, or none', 'cpu-overload').optional().describe('The rule that decides, or `none`.'),
  action: oneOf(ACTIONS).optional().describe('What is to be done.'),
  severity: oneOf(SEVERITIES).optional().describe('How bad it is.'),
  verdict: oneOf(VERDICTS).optional().describe('What comes of it by the mode of the rule, before any guard.'),
  parameters: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]), { error: 'must be a map of parameters' })
    .optional()
    .describe('Exactly these parameters.'),
  cause: oneOf(CAUSES).optional().describe('The diagnosis.'),
  confidence: number(0, 1).optional().describe('The least that its confidence may be.'),
  evidence: z.array(z.string()).max(20).optional().describe('Texts that its evidence must hold, each as a part.'),
})

const test = z.strictObject({
  name: text('a text', 'a CPU spike').describe('What is tested, in words.'),
  target: text('a target id', 'checkout@push').optional().describe('Id of the target; from its labels if left out.'),
  labels: labels().default({ instance: 'test', job: 'node' }).describe('Labels of the target.'),
  group: text('a group', 'node').optional().describe('Group of the target; the label `job` if left out.'),
  features: values().describe('Newest values.'),
  observations: z
    .array(values())
    .max(1000)
    .default([])
    .describe(
      'Instead of `features`: readings, oldest first; what was expected is the mean of those before the newest.',
    ),
  expected: values().describe('What the models expected.'),
  shares: values().describe('Share of each feature in the anomaly; if left out, by how far each is from expected.'),
  anomaly: flag().optional().describe('Whether the detectors see an anomaly; yes where there are values.'),
  level: number(0, 1e9).optional().describe('In units of the threshold; 2 with an anomaly, 0.5 without.'),
  score: number(0, 1e9).optional().describe('The autoencoder’s error.'),
  detectors: z
    .strictObject(Object.fromEntries(DETECTORS.map((name) => [name, number(0, 1).optional()])))
    .default({})
    .describe('Score of each detector.'),
  alerts: z.array(alert).max(1000).default([]).describe('Alerts that fire: names, or {name, labels}.'),
  peers: z
    .strictObject({ anomalous: count(0, 1_000_000), size: count(1, 1_000_000) })
    .optional()
    .describe('How many of the group are unwell, the target included, and how many there are.'),
  step: count(0, 100).default(0).describe('Steps of the ladder of `rule_in_force` that have failed.'),
  rule_in_force: text('the name of a rule', 'memory-high').optional().describe('The rule that has acted already.'),
  repeated: flag().default(false).describe('Whether an alert was only said again.'),
  expect: expect.describe('What must come of it; what is not mentioned does not matter.'),
})

/** A file of tests of rules. */
export const ruleTestFile = section({
  rule_files: z
    .array(text('a path', '../services.yaml'))
    .max(100)
    .default([])
    .describe('The rules, from this file on.'),
  diagnosis_file: text('a path', '../diagnosis.yaml')
    .optional()
    .describe('The patterns; the built-in ones if left out.'),
  extra_features: z.array(text('a feature', 'queue_length')).max(1000).default([]).describe('Features of your own.'),
  mode: oneOf(MODES).prefault('observe').describe('As `remediation.mode`.'),
  tests: z.array(test).min(1).max(10_000).describe('The tests.'),
})

export type RuleTestFile = z.output<typeof ruleTestFile>
export type RuleTest = RuleTestFile['tests'][number]
