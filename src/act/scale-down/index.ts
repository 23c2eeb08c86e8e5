import { z } from 'zod'
import { defineAction } from '../action.ts'
import { SCALE_REFUSALS, scaleBy } from '../scale-up/replicas.ts'

export const scaleDown = defineAction<Record<string, never>>({
  name: 'scale_down',
  summary: 'removes one replica',
  parameters: z.strictObject({}),
  on: { deployment: scaleBy(-1), statefulset: scaleBy(-1) },
  refusals: SCALE_REFUSALS,
})
