import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { Command } from 'commander'
import { challenge, contestRecord, withContest } from '../app/challenge.ts'
import { contestImported, fitImported } from '../app/imported-model.ts'
import { ImportError, type ImportedNetwork, type ImportPlace, importNetwork } from '../app/imported-network.ts'
import { loadKernel } from '../app/kernel.ts'
import { isGrouped, jobFor, readRound } from '../app/training-round.ts'
import { formatDuration } from '../config/duration.ts'
import { systemClock } from '../platform/clock.ts'
import { TfliteError } from '../store/tflite/error.ts'
import { type ConfigOptions, requireConfig, withConfigOptions } from './configuration.ts'
import { explainFile } from './evaluate-input.ts'
import { UsageError } from './exit.ts'
import { type HistorySession, openHistory, requireDataDir } from './history-session.ts'
import { readScaler } from './scaler-file.ts'
import { rulingText } from './train-ruling.ts'
import { chooseTargets, findTargets } from './train-targets.ts'

interface ImportOptions extends ConfigOptions {
  readonly scaler: string
  readonly unit: string
}

export const modelImportCommand = () =>
  withConfigOptions(new Command('import'))
    .description('Take an autoencoder that was trained elsewhere in place of ours, for one target.')
    .argument('<file>', 'TensorFlow Lite file of dense layers, float32 or int8 weights, as many outputs as features')
    .requiredOption('--scaler <file>', 'JSON: the features in their order, and how each is scaled')
    .requiredOption('--unit <target>', 'the target, for example web-1:9100@node')
    .action(async (file: string, options: ImportOptions) => {
      const { config } = requireConfig(options)
      await requireDataDir(config.data_dir)
      const session = openHistory(config, options)
      try {
        await importModel(file, session, options)
      } finally {
        await session.close()
      }
    })

async function importModel(file: string, session: HistorySession, { scaler, unit }: ImportOptions): Promise<void> {
  const { setup, features, remembers } = session
  const { options, store } = setup
  const place = { names: features.names, context: options.fit.plan.context }
  const network = readNetwork(file, scaler, unit, place)
  const at = systemClock.now()
  const never = new AbortController().signal
  const { history, minHistoryMs, scope } = options
  const search = { history: setup.history, remembers, at, historyMs: history.historyMs, minHistoryMs }
  const known = await findTargets(search, never)
  chooseTargets(known, [unit])
  if (isGrouped(scope, known.length)) throw new UsageError('models are shared by all targets of a job (train.scope)')
  const masked = await session.masked()
  const past = await readRound(options, { ...setup, masked }, { at, wanted: new Set([unit]), share: 1 }, never)
  const short = past.short.get(unit)
  if (short !== undefined) {
    const [has, needed] = [Math.round(short / 1000) * 1000, minHistoryMs].map(formatDuration)
    throw new Error(`${unit} has ${has} of history, ${needed} are needed to know its usual errors (train.min_history)`)
  }
  const job = jobFor({ unit, scope: 'host', ids: [unit] }, past, options.fit, at)
  const kernel = loadKernel()
  const before = await store.load(unit)
  const ruling =
    before && (await challenge(before, job, options, async (contest) => contestImported(contest, network, kernel)))
  const made = withContest(fitImported(job, network, basename(file), kernel), ruling?.figures)
  const version = await store.save(made)
  const loss = made.card.autoencoder.losses.validation[0]?.toPrecision(4)
  process.stdout.write(`${unit}/${version}: ${network.sizes.join('-')}, loss on the newest rows ${loss}\n`)
  if (ruling === undefined) return
  const decided = { ...ruling, takesOver: true }
  const reason = ruling.figures ? BY_HAND : `${BY_HAND}; ${ruling.reason}`
  await setup.contests.append(contestRecord(decided, { at, unit, by: 'import', reason }))
  process.stdout.write(`${rulingText(unit, decided, reason)}\n`)
}

const BY_HAND = 'imported by hand'

function readNetwork(file: string, scalerFile: string, unit: string, place: ImportPlace): ImportedNetwork {
  const bytes = readOrExplain(file)
  const scaler = readScaler(scalerFile, readOrExplain(scalerFile).toString('utf8'), unit)
  try {
    return importNetwork(bytes, scaler, place)
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
