import { z } from 'zod'
import { defineAction } from '../action.ts'
import { SCALE_REFUSALS, scaleBy } from './replicas.ts'

export const scaleUp = defineAction<Record<string, never>>({
  name: 'scale_up',
  summary: 'adds one replica',
  parameters: z.strictObject({}),
  on: { deployment: scaleBy(1), statefulset: scaleBy(1) },
  refusals: SCALE_REFUSALS,
})
