import { z } from 'zod'
import { defineAction } from '../action.ts'

/** Tells people and does nothing else: the decision itself is the message. */
export const alert = defineAction<Record<string, never>>({
  name: 'alert',
  summary: 'tells people',
  parameters: z.strictObject({}),
  direct: {
    blastRadius: 'none',
    undo: 'none needed',
    precondition: 'none',
    success: 'the message is delivered',
    timeoutMs: 1_000,
    async prepare() {
      return { call: 'nothing is called; people are told', run: async () => ({ message: 'people were told' }) }
    },
  },
})
