import type { Kernel, Network, NetworkShape } from '../detect/kernel/kernel.ts'
import type { AutoencoderPlan } from '../detect/model.ts'
import type { Scaler } from '../detect/scaler.ts'
import type { DenseModel } from '../store/tflite/dense-model.ts'
import { readTflite } from '../store/tflite/read.ts'
import { type NetworkFile, openNetworkFile } from './network-file.ts'

/** What a network that was made elsewhere expects of its input. */
export interface ImportedScaler {
  /** In the order of the network's inputs and outputs. */
  readonly features: readonly string[]
  readonly scaling: AutoencoderPlan['scaling']
  /** For `minmax`: (x − minimum) / range. For `deviations`: (x − center) / spread. */
  readonly offset: readonly number[]
  readonly scale: readonly number[]
}

/** What the network has to fit into. */
export interface ImportPlace {
  /** Features of the configuration; the network must have the same, in any order. */
  readonly names: readonly string[]
  /** Whether the autoencoders of the configuration see the recent past: those of a fleet are all fed alike. */
  readonly context: boolean
}

/** A network brought into the order of our features. */
export interface ImportedNetwork {
  readonly plan: AutoencoderPlan
  /** How it stands among our own. */
  readonly shape: NetworkShape
  readonly given: Partial<Scaler>
  /** Its own layer sizes, from input to output. */
  readonly sizes: readonly number[]
  /** Weights where our kernel has the same layers, in its order; else the file is run. */
  readonly source: { readonly weights: Float32Array } | NetworkFile
  readonly operators: readonly string[]
}

/** The network or its scaler cannot be used. The message says why. */
export class ImportError extends Error {
  override readonly name = 'ImportError'
}

/**
 * @param file a TensorFlow Lite file
 * @throws {TfliteError} when the file cannot be run, naming the op; {ImportError} for other features or sizes
 */
export function importNetwork(file: Uint8Array, scaler: ImportedScaler, place: ImportPlace): ImportedNetwork {
  const model = readTflite(file)
  const { names, context } = place
  const { features, scaling } = scaler
  requireSameFeatures(features, names)
  const width = names.length
  requireSizes(model.inputs, model.outputs, scaling, place)
  const order = Int32Array.from(names, (name) => features.indexOf(name))
  const ordered = (values: readonly number[]) => Float32Array.from(order, (from) => values[from])
  const [offset, scale] = [ordered(scaler.offset), ordered(scaler.scale)]
  const output = scaling === 'minmax' ? ('sigmoid' as const) : ('linear' as const)
  const dense = model.toDense()
  const ours = dense !== undefined && model.inputs === (context ? 3 * width : width) && hasOurLayers(dense, output)
  const hidden = model.widths.slice(0, -1)
  return {
    plan: { hidden, context, scaling },
    shape: { sizes: [context ? 3 * width : width, ...hidden, width], output },
    given: scaling === 'minmax' ? { minimum: offset, range: scale } : { center: offset, spread: scale },
    sizes: [model.inputs, ...hidden, width],
    source: ours ? { weights: flatten(dense, order) } : { bytes: file, order },
    operators: model.operators,
  }
}

/** @param kernel one that runs network files */
export function openImported({ source, shape }: ImportedNetwork, kernel: Kernel): Network {
  return 'weights' in source ? kernel.createNetwork(shape, source.weights) : openNetworkFile(source, shape)
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

function requireSizes(
  inputs: number,
  outputs: number,
  scaling: ImportedScaler['scaling'],
  { names, context }: ImportPlace,
): void {
  const width = names.length
  if (outputs !== width || (inputs !== width && inputs !== 3 * width)) {
    throw new ImportError(`the network takes ${inputs} values and gives ${outputs}, the scaler has ${width} features`)
  }
  if (inputs === width) return
  if (scaling === 'minmax') throw new ImportError('a network that sees the recent past takes deviations')
  if (!context) {
    throw new ImportError(
      'the network sees the recent past, which the configuration turns off (detect.autoencoder.context: recent)',
    )
  }
}

/** Whether our kernel has such layers: ReLU inside, at the end what belongs to the scaling. */
function hasOurLayers({ layers }: DenseModel, output: NetworkShape['output']): boolean {
  return layers.every(({ activation }, i) => activation === (i === layers.length - 1 ? output : 'relu'))
}

/** The kernel's order of weights, inputs of the first layer and outputs of the last one in the order of our features. */
function flatten({ layers }: DenseModel, order: Int32Array): Float32Array {
  const parts: number[] = []
  for (const [l, { inputs, outputs, weights, bias }] of layers.entries()) {
    const rows = l === layers.length - 1 ? [...order] : Array.from({ length: outputs }, (_, o) => o)
    const columns =
      l > 0
        ? Array.from({ length: inputs }, (_, i) => i)
        : Array.from({ length: inputs }, (_, i) => i - (i % order.length) + order[i % order.length])
    for (const o of rows) for (const i of columns) parts.push(weights[o * inputs + i])
    for (const o of rows) parts.push(bias[o])
  }
  return Float32Array.from(parts)
}
