import { writeFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import { networkFileOf } from '../app/network-file.ts'
import type { ModelFile } from '../domain/model-file.ts'
import type { DenseLayer } from '../store/tflite/dense-model.ts'
import { writeTflite } from '../store/tflite/write.ts'
import { type ConfigOptions, withConfigOptions } from './configuration.ts'
import { explainFile } from './evaluate-input.ts'
import { chooseModel, listModels, openModels } from './model-choice.ts'

interface ExportOptions extends ConfigOptions {
  readonly out: string
  readonly format: 'tflite'
}

export const modelExportCommand = () =>
  withConfigOptions(new Command('export'))
    .description('Write the autoencoder of a model for other programs, with its scaler and feature order beside it.')
    .argument('<model>', 'UNIT for its newest version, or UNIT/VERSION')
    .requiredOption('--out <file>', 'file to write; the scaler goes to the same name with .json added')
    .addOption(new Option('--format <format>', 'format of the network').choices(['tflite']).default('tflite'))
    .action(async (name: string, options: ExportOptions) => {
      const { file, version } = chooseModel(await listModels(openModels(options).store), name)
      write(options.out, networkFileOf(file)?.bytes ?? ownNetwork(file, version))
      const scaler = `${options.out}.json`
      write(scaler, `${JSON.stringify(scalerJson(file, version), null, 2)}\n`)
      process.stdout.write(`wrote ${options.out} and ${scaler}\n`)
    })

function ownNetwork(file: ModelFile, version: number): Uint8Array {
  const description = `Autoencoder of ${file.card.unit}, version ${version}, written by Homeostat`
  return writeTflite({ layers: denseLayers(file) }, { name: file.card.unit, description })
}

/** The network's layers; the kernel keeps them in one array, each layer's weights [outputs][inputs] before its biases. */
function denseLayers({ card, tensors }: ModelFile): DenseLayer[] {
  const { layers: sizes, output } = card.autoencoder
  const flat = Float32Array.from(tensors['autoencoder'])
  let offset = 0
  const take = (length: number) => {
    offset += length
    return flat.slice(offset - length, offset)
  }
  return sizes.slice(1).map((outputs, i) => {
    const inputs = sizes[i]
    const last = i === sizes.length - 2
    return { inputs, outputs, weights: take(inputs * outputs), bias: take(outputs), activation: last ? output : 'relu' }
  })
}

/** What another program needs to fill the input and to read the output. */
function scalerJson(file: ModelFile, version: number): object {
  const { card, tensors } = file
  const { scaling, layers } = card.autoencoder
  const width = card.features.length
  // An imported file keeps its own order of features.
  const order = networkFileOf(file)?.order
  const places = Array.from({ length: width }, (_, place) => (order === undefined ? place : order.indexOf(place)))
  const part = (name: string, target: number) => {
    const own = tensors[`scaler_${name}`].subarray(target * width, (target + 1) * width)
    // JSON knows no infinity: a feature without a value in training has no range.
    return places.map((f) => (Number.isFinite(own[f]) ? own[f] : null))
  }
  return {
    format: 'homeostat-scaler/1',
    unit: card.unit,
    version,
    features: places.map((f) => card.features[f]),
    scaling,
    input: layers[0] > width ? ['features', 'features 15 minutes ago', 'average of the last hour'] : ['features'],
    formula: scaling === 'minmax' ? '(x - minimum) / range' : '(x - center) / spread, within -8 and 8',
    missing: 'median',
    targets: Object.fromEntries(
      card.targets.map((id, i) => [
        id,
        Object.fromEntries(['minimum', 'range', 'center', 'spread', 'median'].map((name) => [name, part(name, i)])),
      ]),
    ),
  }
}

function write(file: string, content: string | Uint8Array): void {
  try {
    writeFileSync(file, content)
  } catch (error) {
    explainFile(file, error)
  }
}
