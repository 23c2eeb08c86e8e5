import { z } from 'zod'
import { defineAction } from '../action.ts'
import { restartContainer } from './docker.ts'
import { deletePod } from './pod.ts'
import { rolloutRestart } from './rollout.ts'
import { restartUnit } from './systemd.ts'

export const restart = defineAction<Record<string, never>>({
  name: 'restart',
  summary: 'starts the target anew',
  parameters: z.strictObject({}),
  on: {
    container: restartContainer,
    unit: restartUnit,
    pod: deletePod,
    deployment: rolloutRestart,
    statefulset: rolloutRestart,
  },
})
