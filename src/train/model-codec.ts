import type { ThresholdSeed } from '../detect/alarm-rule.ts'
import type { Kernel } from '../detect/kernel/kernel.ts'
import { byMember, forecastInputs, MEMBERS, type ModelWeights, type TargetModel } from '../detect/model.ts'
import type { Scaler } from '../detect/scaler.ts'
import type { ModelCard, ModelFile } from '../domain/model-file.ts'
import { joined, part, type Tensor, tensorOf } from '../domain/tensors.ts'
import type { Fitted, FittedTarget } from './fit.ts'
import type { FitOptions } from './fit-options.ts'
import { shapeOf } from './network-plan.ts'

/** What a card says beyond what fitting knows. */
export interface ModelOrigin {
  readonly unit: string
  readonly scope: 'host' | 'group'
  readonly createdAt: number
  readonly fromMs: number
  readonly toMs: number
  readonly stepMs: number
  readonly cleaning: {
    readonly rows: number
    /** 0 unless given. */
    readonly maskedRows?: number
    readonly forwardFilled: number
    readonly missing: number
    readonly droppedRows: number
  }
}

const SCALER_PARTS = ['minimum', 'range', 'center', 'spread', 'median'] as const
const USUAL_PARTS = ['high', 'scale', 'mean'] as const

/** A fitted model as plain data: it can be written to disk or handed from a worker. */
export function toModelFile(fitted: Fitted, options: FitOptions, origin: ModelOrigin): ModelFile {
  const { weights } = fitted
  const tensors: Record<string, Tensor> = {
    autoencoder: weights.autoencoder.weights(),
    forecast: weights.forecast.weights(),
    anomaly_threshold: Float64Array.of(fitted.threshold.value),
    ...targetTensors([...fitted.targets.values()]),
  }
  for (const member of MEMBERS) {
    for (const name of USUAL_PARTS) tensors[`${member}_${name}`] = weights.members[member].usual[name]
  }
  return { card: cardFor(fitted, options, origin), tensors }
}

/** The file of a group with further targets that share its weights. */
export function withTargets(file: ModelFile, added: ReadonlyMap<string, FittedTarget>): ModelFile {
  const more = targetTensors([...added.values()])
  const tensors: Record<string, Tensor> = { ...file.tensors }
  for (const [name, tensor] of Object.entries(more)) {
    const kind = tensor.constructor as new (length: number) => typeof tensor
    tensors[name] = joined(kind, [tensorOf(file.tensors, name, kind), tensor])
  }
  return { card: { ...file.card, targets: [...file.card.targets, ...added.keys()] }, tensors }
}

/** What is each target's own, one target after the other. */
function targetTensors(targets: readonly FittedTarget[]): Record<string, Tensor> {
  const memories = targets.map(({ model }) => model.memory!)
  const of32 = (parts: readonly Float32Array[]) => joined(Float32Array, parts)
  const of64 = (parts: readonly Float64Array[]) => joined(Float64Array, parts)
  const tensors: Record<string, Tensor> = {
    seed_rows: Int32Array.from(targets, ({ seed }) => seed.times.length),
    seed_times: of64(targets.map(({ seed }) => seed.times)),
    seed_combined: of64(targets.map(({ seed }) => seed.combined)),
    seed_anomaly: of64(targets.map(({ seed }) => seed.anomaly)),
    past_averages: of32(memories.map(({ past }) => past.averages)),
    past_kept: of32(memories.map(({ past }) => past.kept)),
    past_times: of64(memories.map(({ past }) => past.times)),
    smoothed: of64(memories.map(({ smoothed }) => smoothed)),
  }
  for (const name of SCALER_PARTS) tensors[`scaler_${name}`] = of32(targets.map(({ model }) => model.scaler[name]))
  for (const member of MEMBERS) tensors[`recent_${member}`] = of32(memories.map(({ errors }) => errors[member]))
  return tensors
}

/** The models of a file, by target id, their weights resident in the kernel. */
export function fromModelFile(file: ModelFile, kernel: Kernel): ReadonlyMap<string, FittedTarget> {
  const { card, tensors } = file
  const width = card.features.length
  const plan = { ...card.autoencoder, hidden: card.autoencoder.layers.slice(1, -1) }
  const weights: ModelWeights = {
    names: card.features,
    plan: { hidden: plan.hidden, context: plan.context, scaling: plan.scaling },
    autoencoder: kernel.createNetwork(shapeOf(plan, width), tensorOf(tensors, 'autoencoder', Float32Array)),
    forecast: kernel.createLinear(width, forecastInputs(width), tensorOf(tensors, 'forecast', Float32Array)),
    members: byMember((member) => ({
      reference: card.members[member].reference,
      suddenReference: card.members[member].sudden_reference,
      weight: card.members[member].weight,
      usual: {
        high: tensorOf(tensors, `${member}_high`, Float32Array),
        scale: tensorOf(tensors, `${member}_scale`, Float32Array),
        mean: tensorOf(tensors, `${member}_mean`, Float32Array),
      },
    })),
  }
  const rows = tensors['seed_rows']
  let from = 0
  return new Map(
    card.targets.map((id, i): [string, FittedTarget] => {
      const model = { weights, scaler: scalerOf(tensors, i, width), memory: memoryOf(tensors, i, card.targets.length) }
      const seed = seedOf(tensors, from, rows[i])
      from += rows[i]
      return [id, { model, seed }]
    }),
  )
}

/** Mark of all that a model depends on; models with another mark are of no use to this configuration. */
export function fingerprintOf(names: readonly string[], options: FitOptions): string {
  const { plan, resolution, intervalMs, threshold } = options
  // These two find their threshold in the scores, the others keep one with the model.
  const kept = threshold.mode === 'budget' || threshold.mode === 'any' ? null : threshold
  return JSON.stringify([names, plan, [...Float64Array.from(resolution)], intervalMs, kept])
}

function cardFor(fitted: Fitted, options: FitOptions, origin: ModelOrigin): ModelCard {
  const { weights, threshold } = fitted
  const shape = shapeOf(options.plan, weights.names.length)
  return {
    unit: origin.unit,
    scope: origin.scope,
    created_at: new Date(origin.createdAt).toISOString(),
    targets: [...fitted.targets.keys()],
    features: weights.names,
    data: {
      from: new Date(origin.fromMs).toISOString(),
      to: new Date(origin.toMs).toISOString(),
      step_seconds: origin.stepMs / 1000,
      rows: origin.cleaning.rows,
      masked_rows: origin.cleaning.maskedRows ?? 0,
      forward_filled: origin.cleaning.forwardFilled,
      missing: origin.cleaning.missing,
      dropped_rows: origin.cleaning.droppedRows,
    },
    autoencoder: {
      layers: shape.sizes,
      output: shape.output,
      context: options.plan.context,
      scaling: options.plan.scaling,
      epochs: fitted.bestEpoch,
      batch_size: options.training.batchSize,
      learning_rate: options.training.learningRate,
      losses: fitted.losses,
    },
    members: byMember((member) => ({
      reference: weights.members[member].reference,
      sudden_reference: weights.members[member].suddenReference,
      weight: weights.members[member].weight,
    })),
    threshold: {
      mode: threshold.mode,
      value: Number.isFinite(threshold.value) ? threshold.value : null,
      ...(threshold.tests && {
        rule: threshold.tests.rule,
        shapiro_wilk_p: threshold.tests.shapiroWilk.p,
        kolmogorov_smirnov_p: threshold.tests.kolmogorovSmirnov.p,
      }),
    },
    seed: options.seed,
    fingerprint: fingerprintOf(weights.names, options),
  }
}

/** One block for all parts: five small arrays a target would take more room for themselves than for their numbers. */
function scalerOf(tensors: ModelFile['tensors'], target: number, width: number): Scaler {
  const block = new Float32Array(SCALER_PARTS.length * width)
  const own = (name: (typeof SCALER_PARTS)[number]) => {
    const from = SCALER_PARTS.indexOf(name) * width
    const view = block.subarray(from, from + width)
    view.set(tensorOf(tensors, `scaler_${name}`, Float32Array).subarray(target * width, (target + 1) * width))
    return view
  }
  return {
    minimum: own('minimum'),
    range: own('range'),
    center: own('center'),
    spread: own('spread'),
    median: own('median'),
  }
}

function memoryOf(tensors: ModelFile['tensors'], target: number, targets: number): NonNullable<TargetModel['memory']> {
  const part32 = (name: string) => part(tensorOf(tensors, name, Float32Array), target, targets)
  const part64 = (name: string) => part(tensorOf(tensors, name, Float64Array), target, targets)
  return {
    past: { averages: part32('past_averages'), kept: part32('past_kept'), times: part64('past_times') },
    errors: byMember((member) => part32(`recent_${member}`)),
    smoothed: part64('smoothed'),
  }
}

function seedOf(tensors: ModelFile['tensors'], from: number, rows: number): ThresholdSeed {
  const own = (name: string) => tensorOf(tensors, name, Float64Array).slice(from, from + rows)
  return {
    times: own('seed_times'),
    combined: own('seed_combined'),
    anomaly: own('seed_anomaly'),
    anomalyThreshold: tensorOf(tensors, 'anomaly_threshold', Float64Array)[0],
  }
}
