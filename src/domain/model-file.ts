import type { Tensor } from './tensors.ts'

/** A trained model as plain data: a card that people read, and the numbers that the machine needs. */
export interface ModelFile {
  readonly card: ModelCard
  readonly tensors: Readonly<Record<string, Tensor>>
}

/** What is known of a model. Keys are snake_case: this is what `homeostat model show` prints. */
export interface ModelCard {
  /** A target's id, or `group:<job>`. */
  readonly unit: string
  readonly scope: 'host' | 'group'
  /** Times are ISO 8601, UTC. */
  readonly created_at: string
  readonly targets: readonly string[]
  readonly features: readonly string[]
  readonly data: {
    readonly from: string
    readonly to: string
    readonly step_seconds: number
    readonly rows: number
    /** Rows left out because of incidents and changes; models from before they were counted do not say. */
    readonly masked_rows?: number
    readonly forward_filled: number
    readonly missing: number
    readonly dropped_rows: number
  }
  readonly autoencoder: {
    readonly layers: readonly number[]
    readonly output: 'sigmoid' | 'linear'
    /** Ops of the imported file, where that is run in place of layers of ours; `output` and the ReLU do not hold then. */
    readonly operators?: readonly string[]
    readonly context: boolean
    readonly scaling: 'minmax' | 'deviations'
    readonly epochs: number
    readonly batch_size: number
    readonly learning_rate: number
    readonly losses: { readonly training: readonly number[]; readonly validation: readonly number[] }
  }
  readonly members: Readonly<
    Record<string, { readonly reference: number; readonly sudden_reference: number; readonly weight: number }>
  >
  readonly threshold: {
    readonly mode: string
    /** null in the modes that learn from scores instead. */
    readonly value: number | null
    readonly rule?: string
    readonly shapiro_wilk_p?: number
    readonly kolmogorov_smirnov_p?: number
  }
  /** The model it took over from, and how both did on rows that neither was trained on; none for a first model. */
  readonly contest?: {
    readonly champion: string
    readonly champion_loss: number
    readonly challenger_loss: number
    readonly rows: number
  }
  readonly seed: number
  /** Where the layer sizes were searched for. */
  readonly tuning?: ModelTuning
  /** Name of the file that the network was imported from. */
  readonly imported_from?: string
  /** The version that this one is a copy of, after a rollback. */
  readonly restored_from?: number
  /** Mark of all that a model depends on: with another one it cannot be used. */
  readonly fingerprint: string
}

/** A random search over the autoencoder's sizes: what was tried, and what was best by mean validation loss. */
export interface ModelTuning {
  /** ISO 8601, UTC. */
  readonly finished_at: string
  readonly trials: readonly ModelTrial[]
  readonly chosen: ModelTrial
}

export interface ModelTrial {
  readonly hidden: readonly number[]
  readonly learning_rate: number
  /** Lowest validation loss of every run. */
  readonly validation_losses: readonly number[]
}
