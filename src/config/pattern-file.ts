import { z } from 'zod'
import { CAUSES } from '../domain/diagnosis.ts'
import { number, oneOf, section, text } from './fields.ts'

const weight = (min: number) => number(min, 1)
const condition = () => text('a condition', 'filesystem_used_ratio > 0.9')
const NAMED = CAUSES.filter((cause) => cause !== 'unknown')

/** The file with the patterns of known causes. */
export const patternFile = section({
  minimum_confidence: number(0, 1).default(0.3).describe('Below this confidence the cause is `unknown`.'),
  patterns: z
    .array(
      z.strictObject({
        cause: oneOf(NAMED).describe('The cause that it is the pattern of.'),
        features: z
          .array(
            z.strictObject({
              name: text('a feature, or the beginning of some and *', 'disk_*').describe(
                'Name of a feature; with a `*` at its end, all that begin so.',
              ),
              direction: oneOf(['up', 'down', 'any'])
                .prefault('up')
                .describe('Which way from what was expected it must be.'),
              weight: weight(-1).default(1).describe('How much its share counts; below 0 it speaks against the cause.'),
            }),
          )
          .max(100)
          .default([])
          .describe('The features that speak for it. Of entries that fit a feature the first counts.'),
        alerts: z
          .strictObject({
            matching: z
              .array(text('an RE2 pattern', 'disk.*full'))
              .min(1)
              .max(100)
              .describe(
                'RE2 patterns of alert names; a part of the name suffices, small and capital letters are alike.',
              ),
            weight: weight(0).default(0.7).describe('How sure it is when nothing but such an alert speaks.'),
          })
          .optional()
          .describe('The alerts that speak for it.'),
        conditions: z
          .array(
            z.strictObject({
              when: condition().describe('CEL over features, alerts and labels.'),
              weight: weight(0).default(0.5).describe('How sure it is when nothing else speaks.'),
            }),
          )
          .max(20)
          .default([])
          .describe('What else speaks for it.'),
        requires: condition().optional().describe('Without this the pattern does not count.'),
        peers: weight(0)
          .default(0)
          .describe('How much it speaks for the cause that most of the group is unwell; only beside something else.'),
      }),
    )
    .max(50)
    .default([])
    .describe('One pattern for each cause.'),
})
