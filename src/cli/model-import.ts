import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { Command } from 'commander'
import { ImportError, type ImportedNetwork, importNetwork } from '../app/imported-network.ts'
import { loadKernel } from '../app/kernel.ts'
import { storedMask } from '../app/training-mask.ts'
import { isGrouped, jobFor, readRound } from '../app/training-round.ts'
import { formatDuration } from '../config/duration.ts'
import { systemClock } from '../platform/clock.ts'
import { TfliteError } from '../store/tflite/error.ts'
import { readTflite } from '../store/tflite/read.ts'
import { fitModel } from '../train/fit.ts'
import { withFixedNetwork } from '../train/fixed-network.ts'
import { fingerprintOf, toModelFile } from '../train/model-codec.ts'
import { type ConfigOptions, requireConfig, withConfigOptions } from './configuration.ts'
import { explainFile } from './evaluate-input.ts'
import { UsageError } from './exit.ts'
import { type HistorySession, openHistory, requireDataDir } from './history-session.ts'
import { readScaler } from './scaler-file.ts'
import { chooseTargets, findTargets } from './train-targets.ts'

interface ImportOptions extends ConfigOptions {
  readonly scaler: string
  readonly unit: string
}

export const modelImportCommand = () =>
  withConfigOptions(new Command('import'))
    .description('Take an autoencoder that was trained elsewhere in place of ours, for one target.')
    .argument('<file>', 'TensorFlow Lite file: float32, dense layers, as many outputs as features')
    .requiredOption('--scaler <file>', 'JSON: the features in their order, and how each is scaled')
    .requiredOption('--unit <target>', 'the target, for example web-1:9100@node')
    .action(async (file: string, options: ImportOptions) => {
      const { config } = requireConfig(options)
      await requireDataDir(config.data_dir)
      const session = openHistory(config, options)
      try {
        await importModel(file, session, config.data_dir, options)
      } finally {
        await session.close()
      }
    })

async function importModel(
  file: string,
  session: HistorySession,
  dataDir: string,
  { scaler, unit }: ImportOptions,
): Promise<void> {
  const { setup, features, remembers } = session
  const network = readNetwork(file, scaler, unit, features.names)
  const at = systemClock.now()
  const never = new AbortController().signal
  const { history, minHistoryMs, scope } = setup.options
  const search = { history: setup.history, remembers, at, historyMs: history.historyMs, minHistoryMs }
  const known = await findTargets(search, never)
  chooseTargets(known, [unit])
  if (isGrouped(scope, known.length)) throw new UsageError('models are shared by all targets of a job (train.scope)')
  const masked = await storedMask(dataDir)
  const past = await readRound(setup.options, { ...setup, masked }, { at, wanted: new Set([unit]), share: 1 }, never)
  const short = past.short.get(unit)
  if (short !== undefined) {
    const [has, needed] = [Math.round(short / 1000) * 1000, minHistoryMs].map(formatDuration)
    throw new Error(`${unit} has ${has} of history, ${needed} are needed to know its usual errors (train.min_history)`)
  }
  const { sets, teachers, options, origin } = jobFor({ unit, scope: 'host', ids: [unit] }, past, setup.options.fit, at)
  const training = { ...options.training, length: { epochs: 1, patience: 1 } }
  const own = { ...options, plan: network.plan, given: network.given, training }
  const kernel = withFixedNetwork(loadKernel(), network.shape, network.weights)
  const fitted = fitModel(sets, own, kernel, () => {}, teachers)
  const made = toModelFile(fitted, own, origin)
  // Marked as one of this configuration, or the daemon would refuse the network for its sizes.
  const fingerprint = fingerprintOf(features.names, setup.options.fit)
  const version = await setup.store.save({
    ...made,
    card: { ...made.card, imported_from: basename(file), fingerprint },
  })
  const loss = fitted.losses.validation[0]?.toPrecision(4)
  process.stdout.write(`${unit}/${version}: ${network.shape.sizes.join('-')}, loss on the newest rows ${loss}\n`)
}

function readNetwork(file: string, scalerFile: string, unit: string, names: readonly string[]): ImportedNetwork {
  try {
    const dense = readTflite(readOrExplain(file)).toDense()
    if (dense === undefined) throw new ImportError('it is quantised, or not a plain chain of dense layers')
    const text = readOrExplain(scalerFile).toString('utf8')
    return importNetwork(dense, readScaler(scalerFile, text, unit), names)
  } catch (error) {
    if (error instanceof TfliteError || error instanceof ImportError) throw new UsageError(`${file}: ${error.message}`)
    throw error
  }
}

function readOrExplain(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    explainFile(file, error)
  }
}
