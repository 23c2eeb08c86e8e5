import { join } from 'node:path'
import { Command } from 'commander'
import { openFitWorker } from '../app/fit-worker.ts'
import { storedMask } from '../app/training-mask.ts'
import { isGrouped, jobFor, type Round, readRound, TARGETS_A_ROUND, unitsOf } from '../app/training-round.ts'
import { withTunedSizes, withTuning } from '../app/tuned-model.ts'
import { createTuningStore, type TuningStore } from '../app/tuning-state.ts'
import { formatDuration } from '../config/duration.ts'
import type { Config } from '../config/resolve.ts'
import type { ModelTuning } from '../domain/model-file.ts'
import { systemClock } from '../platform/clock.ts'
import type { ModelStore } from '../store/models/model-store.ts'
import type { OnEpoch } from '../train/autoencoder.ts'
import type { FitOptions } from '../train/fit-options.ts'
import { meanLoss } from '../train/tune.ts'
import { type ConfigOptions, requireConfig, withConfigOptions } from './configuration.ts'
import { UsageError } from './exit.ts'
import { type HistorySession, openHistory, requireDataDir } from './history-session.ts'
import { createProgress, lossText, progressLine } from './progress.ts'
import { type TrainedUnit, trainedTable } from './train-table.ts'
import { chooseTargets, findTargets } from './train-targets.ts'
import { tuneUnit } from './tune.ts'

interface TrainOptions extends ConfigOptions {
  readonly target?: readonly string[]
  readonly tune?: boolean
}

/** A search that was broken off longer ago begins anew. */
const LONGEST_PAUSE_MS = 86_400_000

export const trainCommand = () =>
  withConfigOptions(new Command('train'))
    .description('Train models on the history of the source, or of the data directory, and keep them there.')
    .option('--target <id...>', 'only these targets, for example web-1:9100@node')
    .option('--tune', 'search for the best layer sizes and learning rate first; goes on where it was broken off')
    .action(async (options: TrainOptions) => {
      const { config } = requireConfig(options)
      await requireDataDir(config.data_dir)
      const session = openHistory(config, options)
      try {
        await train(config, session, options)
      } finally {
        await session.close()
      }
    })

async function train(config: Config, session: HistorySession, options: TrainOptions): Promise<void> {
  const { setup, remembers } = session
  const never = new AbortController().signal
  const now = systemClock.now()
  const tuner = options.tune ? createTuningStore(join(config.data_dir, 'tuning')) : undefined
  // A search that goes on must see the rows with which it began.
  const at = (await tuner?.begunAt(now - LONGEST_PAUSE_MS)) ?? now
  if (at < now) process.stderr.write(`homeostat: going on with the search of ${new Date(at).toISOString()}\n`)
  const { historyMs } = setup.options.history
  const { minHistoryMs } = setup.options
  const known = await findTargets({ history: setup.history, remembers, at, historyMs, minHistoryMs }, never)
  if (known.length === 0) throw new Error(noHistory(config, remembers))
  const targets = chooseTargets(known, options.target)
  const grouped = isGrouped(setup.options.scope, known.length)
  if (grouped && options.target !== undefined) {
    throw new UsageError('a model is shared by all targets of a job (train.scope): leave out --target')
  }
  const done: TrainedUnit[] = []
  const short = new Map<string, number>()
  const failed = new Map<string, string>()
  const chunk = grouped ? targets.length : TARGETS_A_ROUND
  const sources = { ...setup, masked: await storedMask(config.data_dir) }
  for (let from = 0; from < targets.length; from += chunk) {
    const wanted = new Set(targets.slice(from, from + chunk))
    const share = grouped ? known.length : wanted.size
    const past = await readRound(setup.options, sources, { at, wanted, share }, never)
    for (const [id, spanMs] of past.short) short.set(id, spanMs)
    sayIgnored(past)
    done.push(...(await fitAll(past, { grouped, session, failed, at, tuner })))
  }
  if (done.length > 0) process.stdout.write(`${trainedTable(done, config, session.features)}\n`)
  if (tuner) sayChosen(done)
  sayShort(short, minHistoryMs)
  for (const [unit, why] of failed) process.stderr.write(`homeostat: ${unit} could not be trained: ${why}\n`)
  if (failed.size > 0) throw new Error(`${failed.size} of ${failed.size + done.length} models could not be trained`)
  if (done.length === 0 || (options.target !== undefined && short.size > 0)) {
    throw new Error(`not enough history: ${short.size} of ${targets.length} targets have no model`)
  }
  await tuner?.clear()
}

interface Fitting {
  readonly grouped: boolean
  readonly session: HistorySession
  /** Gains why, by unit, where a model could not be fitted. */
  readonly failed: Map<string, string>
  readonly at: number
  /** Where the layer sizes are searched for. */
  readonly tuner: TuningStore | undefined
}

async function fitAll(past: Round, { grouped, session, failed, at, tuner }: Fitting): Promise<TrainedUnit[]> {
  const { options, store } = session.setup
  const progress = createProgress()
  const worker = openFitWorker()
  const done: TrainedUnit[] = []
  const tunings = await tuningsOf(store)
  try {
    const units = unitsOf(past, grouped)
    for (const [i, unit] of units.entries()) {
      const label = units.length === 1 ? unit.unit : `${i + 1}/${units.length} ${unit.unit}`
      const onEpoch: OnEpoch = (epoch, epochs, training, validation) =>
        progress.show(progressLine(label, epoch, epochs, lossText(training, validation)))
      const job = (fit: FitOptions) => jobFor(unit, past, fit, systemClock.now())
      try {
        const tuning = tuner ? await tuneUnit(job(options.fit), at, tuner, progress) : tunings.get(unit.unit)
        const fitted = await worker.fit(job(withTunedSizes(options.fit, tuning)), onEpoch)
        const file = withTuning(fitted, tuning, options.fit)
        done.push({ file, version: await store.save(file) })
      } catch (error) {
        // One model that cannot be fitted costs that one.
        failed.set(unit.unit, (error as Error).message)
      }
    }
  } finally {
    progress.clear()
    await worker.close()
  }
  return done
}

/** What earlier searches found, by unit: as in the daemon, later trainings keep to it. */
async function tuningsOf(store: ModelStore): Promise<ReadonlyMap<string, ModelTuning>> {
  const cards = (await store.newest()).flatMap((stored) => ('file' in stored ? [stored.file.card] : []))
  return new Map(cards.flatMap(({ unit, tuning }) => (tuning === undefined ? [] : [[unit, tuning] as const])))
}

function noHistory(config: Config, remembers: boolean): string {
  return remembers
    ? `${config.source.prometheus.url} knows no target with the metrics of the preset ${config.features.preset}`
    : `there is no history in ${config.data_dir}: a source of type ${config.source.type} remembers nothing, so let \`homeostat run\` collect ${formatDuration(config.train.min_history)} or more first`
}

function sayIgnored({ gathered }: Round): void {
  for (const [id, { maskIgnored }] of gathered.sets) {
    if (!maskIgnored) continue
    process.stderr.write(
      `homeostat: incidents and changes take more than half of the history of ${id}, which is trained on all the same\n`,
    )
  }
}

function sayShort(short: ReadonlyMap<string, number>, minHistoryMs: number): void {
  const needed = formatDuration(minHistoryMs)
  for (const [id, spanMs] of short) {
    const has = formatDuration(Math.round(spanMs / 1000) * 1000)
    process.stderr.write(`homeostat: ${id} has ${has} of history, ${needed} are needed (train.min_history)\n`)
  }
}

function sayChosen(done: readonly TrainedUnit[]): void {
  for (const { file } of done) {
    const { unit, tuning } = file.card
    if (tuning === undefined) continue
    const { hidden, learning_rate } = tuning.chosen
    const loss = meanLoss(tuning.chosen).toPrecision(4)
    const what = `layers ${hidden.join('-')}, learning rate ${learning_rate}, mean validation loss ${loss}`
    process.stdout.write(`${unit}: best of ${tuning.trials.length} networks: ${what}\n`)
  }
}
