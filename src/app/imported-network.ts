import type { NetworkShape } from '../detect/kernel/kernel.ts'
import type { AutoencoderPlan } from '../detect/model.ts'
import type { Scaler } from '../detect/scaler.ts'
import type { DenseModel } from '../store/tflite/dense-model.ts'

/** What a network that was made elsewhere expects of its input. */
export interface ImportedScaler {
  /** In the order of the network's inputs and outputs. */
  readonly features: readonly string[]
  readonly scaling: AutoencoderPlan['scaling']
  /** For `minmax`: (x − minimum) / range. For `deviations`: (x − center) / spread. */
  readonly offset: readonly number[]
  readonly scale: readonly number[]
}

/** A network brought into the order of our features, ready for the kernel. */
export interface ImportedNetwork {
  readonly plan: AutoencoderPlan
  readonly shape: NetworkShape
  readonly weights: Float32Array
  readonly given: Partial<Scaler>
}

/** The network or its scaler cannot be used. The message says why. */
export class ImportError extends Error {
  override readonly name = 'ImportError'
}

/**
 * @param names the features of the configuration; the network must have the same, in any order
 * @throws {ImportError} for other features or sizes, or activations that our network has not
 */
export function importNetwork(model: DenseModel, scaler: ImportedScaler, names: readonly string[]): ImportedNetwork {
  const { features, scaling } = scaler
  requireSameFeatures(features, names)
  const { layers } = model
  const width = names.length
  const inputs = layers[0].inputs
  const last = layers[layers.length - 1]
  if (last.outputs !== width || (inputs !== width && inputs !== 3 * width)) {
    throw new ImportError(
      `the network takes ${inputs} values and gives ${last.outputs}, the scaler has ${width} features`,
    )
  }
  const context = inputs === 3 * width
  const output = scaling === 'minmax' ? ('sigmoid' as const) : ('linear' as const)
  if (context && scaling === 'minmax') throw new ImportError('a network that sees the recent past takes deviations')
  for (const [i, { activation }] of layers.entries()) {
    const wanted = i === layers.length - 1 ? output : 'relu'
    if (activation !== wanted) {
      throw new ImportError(
        `layer ${i + 1} ends in ${activation}; with features scaled by ${scaling} it must be ${wanted}`,
      )
    }
  }
  const order = names.map((name) => features.indexOf(name))
  const ordered = (values: readonly number[]) => Float32Array.from(order, (from) => values[from])
  const [offset, scale] = [ordered(scaler.offset), ordered(scaler.scale)]
  return {
    plan: { hidden: layers.slice(0, -1).map(({ outputs }) => outputs), context, scaling },
    shape: { sizes: [inputs, ...layers.map(({ outputs }) => outputs)], output },
    weights: flatten(model, order),
    given: scaling === 'minmax' ? { minimum: offset, range: scale } : { center: offset, spread: scale },
  }
}

function requireSameFeatures(features: readonly string[], names: readonly string[]): void {
  const missing = names.filter((name) => !features.includes(name))
  const unknown = features.filter((name) => !names.includes(name))
  if (missing.length + unknown.length === 0) return
  const what = [
    missing.length > 0 && `it lacks ${missing.join(', ')}`,
    unknown.length > 0 && `the configuration has no ${unknown.join(', ')}`,
  ]
  const both = what.filter((part) => part !== false).join('; ')
  throw new ImportError(`the network is for other features: ${both} (features.include, features.exclude)`)
}

/** The kernel's order of weights, inputs of the first layer and outputs of the last one in the order of our features. */
function flatten({ layers }: DenseModel, order: readonly number[]): Float32Array {
  const parts: number[] = []
  for (const [l, { inputs, outputs, weights, bias }] of layers.entries()) {
    const rows = l === layers.length - 1 ? order : Array.from({ length: outputs }, (_, o) => o)
    const columns =
      l > 0
        ? Array.from({ length: inputs }, (_, i) => i)
        : Array.from({ length: inputs }, (_, i) => i - (i % order.length) + order[i % order.length])
    for (const o of rows) for (const i of columns) parts.push(weights[o * inputs + i])
    for (const o of rows) parts.push(bias[o])
  }
  return Float32Array.from(parts)
}
