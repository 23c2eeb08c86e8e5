import type { Models } from '../models.ts'

/** Nothing is kept of models. */
export const noModels: Models = { versions: async () => [], contests: async () => [] }
