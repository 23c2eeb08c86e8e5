import { z } from 'zod'
import { PROBLEM_CODES } from '../problem.ts'
import { Contribution, DIAGNOSIS_SHAPE } from './diagnosis.ts'
import { Verdict } from './rules.ts'
import { ConfigProblem } from './status.ts'
import { Count, Labels, Share, Time } from './values.ts'

export const Problem = z
  .strictObject({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int().min(400).max(599),
    code: z.enum(PROBLEM_CODES),
    detail: z.string(),
    problems: z.array(ConfigProblem).optional().describe('With `config_invalid`: everything that is wrong.'),
  })
  .meta({ id: 'Problem', description: 'RFC 9457; programs decide by `code`.' })

const Mean = z.strictObject({ mean_seconds: z.number().nullable(), of: Count })

export const Kpis = z
  .strictObject({
    from: Time,
    to: Time,
    incidents: Count,
    detections: z.strictObject({ true: Count, false: Count, unknown: Count }),
    missed: Count.describe('Confirmed incidents of which only alerts spoke.'),
    detection_rate: Share.nullable(),
    false_positive_rate: Share.nullable(),
    false_alarms_per_day: z.number().min(0).nullable(),
    time_to_detect: Mean,
    lead_over_alerts: Mean.describe('Below 0 where alerts came first.'),
    time_to_recover: Mean,
    time_to_recover_acted: Mean,
    time_to_recover_alone: Mean,
  })
  .meta({ id: 'Kpis', description: 'How well trouble was detected and healed; null where nothing can be said.' })

export const Change = z
  .strictObject({
    id: z.string(),
    targets: z.array(z.string()),
    from: Time,
    to: Time,
    text: z.string(),
    created_at: Time,
    unknown_targets: z.array(z.string()).describe('Those of `targets` that are not watched now.'),
  })
  .meta({ id: 'Change', description: 'A deploy or a maintenance window.' })

export const Receipt = z
  .strictObject({
    taken: Count.describe('Alerts that were new.'),
    repeated: Count.describe('Alerts that were known.'),
    incidents: Count.describe('Incidents that they belong to.'),
  })
  .meta({ id: 'Receipt', description: 'What became of a message with alerts.' })

const Level = z.number().min(0).nullable()

export const ObservationResult = z
  .strictObject({
    target: z.string(),
    observation: z.strictObject({
      service: z.string(),
      timestamp: Time,
      labels: Labels,
      metrics: z.record(z.string(), z.number()),
    }),
    anomaly: z.strictObject({
      detected: z.boolean(),
      severity: Share.nullable(),
      level: Level,
      score: z.number().nullable(),
      threshold: z.number().nullable(),
      detectors: z.record(z.string(), Share.nullable()),
      contributions: z.array(Contribution),
    }),
    diagnosis: z.strictObject(DIAGNOSIS_SHAPE).nullable(),
    decision: z.strictObject({
      rule: z.string().nullable(),
      action: z.string().nullable(),
      severity: z.string().nullable(),
      verdict: Verdict,
      reason: z.string().describe('Of a refusal: the guard and its words.'),
    }),
    action: z.strictObject({ id: z.string(), state: z.string(), message: z.string() }).nullable(),
  })
  .meta({ id: 'ObservationResult', description: 'What the whole pipeline made of one pushed reading.' })
