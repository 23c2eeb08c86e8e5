import type { ModelCard } from '../../domain/model-file.ts'
import type { Models } from '../models.ts'

/** Nothing is kept of models. */
export const noModels: Models = { versions: async () => [], contests: async () => [] }

/** The card of a model of one host. */
export const modelCard: ModelCard = {
  unit: 'web-1@node',
  scope: 'host',
  created_at: '2026-11-21T00:00:00.000Z',
  targets: ['web-1@node'],
  features: ['cpu_busy', 'load'],
  data: {
    ...{ from: '2026-11-14T00:00:00.000Z', to: '2026-11-21T00:00:00.000Z', step_seconds: 60, rows: 10_000 },
    ...{ forward_filled: 0, missing: 0, dropped_rows: 0 },
  },
  autoencoder: {
    ...{ layers: [2, 1, 2], output: 'sigmoid', context: false, scaling: 'minmax', epochs: 2, batch_size: 32 },
    ...{ learning_rate: 0.001, losses: { training: [0.5, 0.25], validation: [0.6, 0.3] } },
  },
  members: {},
  threshold: { mode: 'budget', value: null },
  seed: 1,
  fingerprint: 'f',
}
