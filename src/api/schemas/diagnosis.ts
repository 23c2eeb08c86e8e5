import { z } from 'zod'
import { Share } from './values.ts'

/** What every diagnosis says. */
export const DIAGNOSIS_SHAPE = {
  cause: z.string(),
  confidence: Share,
  evidence: z.array(z.string()).describe('Strongest first.'),
  root_target: z.string().describe('Where the cause is believed to sit.'),
}

export const Contribution = z
  .strictObject({
    feature: z.string(),
    share: Share.nullable().describe('Part of the whole error.'),
    actual: z.number().nullable(),
    expected: z.number().nullable().describe('What the models expected.'),
  })
  .meta({ id: 'Contribution', description: 'One feature’s part in a score.' })
