import { z } from 'zod'
import { ACTIONS, MODES, SEVERITIES } from '../domain/decision.ts'
import { count, duration, flag, oneOf, percent, rate, section, text } from './fields.ts'

/** A name that can be a label value, a part of a URL and a word in a sentence. */
const ruleName = () =>
  text('a name', 'cpu-overload').refine((name) => /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(name), {
    message: 'must be letters, digits, _, . and -, at most 64',
  })

/** CEL, or the YAML words true and false. */
const condition = () =>
  z.preprocess(
    (input) => (typeof input === 'boolean' ? String(input) : input),
    text('a condition', 'cpu_percent > 80 && request_latency_ms > 300'),
  )

const parameters = () =>
  z
    .record(z.string().max(64), z.union([z.string().max(1000), z.number(), z.boolean()]), {
      error: 'must be a map of names to texts, numbers, true or false',
    })
    .default({})

const guards = z
  .strictObject({
    max_data_age: duration('1s', '1h').optional().describe('The newest sample must be younger.'),
    clean_cycles: count(0, 100).optional().describe('Whole cycles without a gap or a warning before it.'),
    soak: count(1, 1000).optional().describe('Cycles in a row that the rule must have matched.'),
    max_state_changes: count(1, 21)
      .optional()
      .describe('From so many changes within 21 samples on the target flaps, and people are told instead.'),
    max_unhealthy: percent(0, 100).optional().describe('Share of the group or fleet that may be unwell.'),
    allow_whole_group: flag()
      .default(false)
      .describe('Acknowledges that `max_unhealthy: 100%` with mode auto may act on every target of a group.'),
    breaker_from: count(1, 100_000).optional().describe('From so many targets on the share counts.'),
    rates: z
      .array(rate(10_000, '30d'))
      .max(10)
      .optional()
      .describe('How often this rule may act, such as [3 in 1h, 7 in 1d]; beside the general rates.'),
    cooldown: z
      .preprocess(
        (input) => (typeof input === 'string' ? { base: input } : input),
        z.strictObject({
          base: duration('1s', '7d').describe('Time until the same action on the same target again; doubles.'),
          max: duration('1s', '30d').optional().describe('What it doubles up to; 1h, or `base` if that is longer.'),
        }),
      )
      .optional()
      .describe('Pause between two actions of the same kind on the same target: 30s, or {base: 30s, max: 10m}.'),
    attempts: rate(1000, '30d').optional().describe('Actions on one target before it is locked and escalated.'),
  })
  .optional()

const verification = z
  .strictObject({
    promql: text('a PromQL expression', 'up{instance="web-1:9100"} == 1')
      .optional()
      .describe('Must give a non-zero result; without it the signal that began it must be back to normal.'),
    after: duration('0s', '1h').prefault('30s').describe('Time from the effect to the first look.'),
    within: duration('1s', '1d').prefault('5m').describe('Time from the effect until recovery must be seen.'),
  })
  .prefault({})

const rule = z.strictObject({
  name: ruleName().describe('Name of the rule; unique over all files.'),
  priority: count(0, 1_000_000).describe('Rules are asked from the smallest number on.'),
  when: condition().describe('CEL over features, scores, labels, alerts and the diagnosis.'),
  action: oneOf(ACTIONS).describe('What is to be done.'),
  parameters: parameters().describe('What the action needs beside its target.'),
  severity: oneOf(SEVERITIES).describe('How bad it is.'),
  mode: oneOf(MODES).optional().describe('How much the rule may do by itself, at most.'),
  guards: guards.describe('Where the guards are to be stricter or more lenient than in general.'),
  verification: verification.describe('How success is seen.'),
  ladder: z
    .array(
      z.strictObject({
        action: oneOf(ACTIONS).describe('What is to be done when the step before did not help.'),
        parameters: parameters().describe('What that action needs.'),
      }),
    )
    .max(9)
    .default([])
    .describe('Further steps.'),
  on_repeat: flag()
    .default(false)
    .describe('Act again when Alertmanager only repeats an alert (`repeat interval elapsed`).'),
})

/** A file of rules. */
export const ruleFile = section({
  when: condition().optional().describe('Holds for every rule of the file, as if it stood before each with &&.'),
  mode: oneOf(MODES).optional().describe('Mode of the rules that name none; else `remediation.mode`.'),
  rules: z.array(rule).max(1000).describe('The rules.'),
})

export type RuleFile = z.output<typeof ruleFile>
