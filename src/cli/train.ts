import { join } from 'node:path'
import { Command } from 'commander'
import type { Ruling } from '../app/challenge.ts'
import { isGrouped, type Round, readRound, TARGETS_A_ROUND } from '../app/training-round.ts'
import { createTuningStore } from '../app/tuning-state.ts'
import { formatDuration } from '../config/duration.ts'
import type { Config } from '../config/resolve.ts'
import type { ModelTuning } from '../domain/model-file.ts'
import { systemClock } from '../platform/clock.ts'
import { meanLoss } from '../train/tune.ts'
import { type ConfigOptions, requireConfig, withConfigOptions } from './configuration.ts'
import { UsageError } from './exit.ts'
import { type HistorySession, openHistory, requireDataDir } from './history-session.ts'
import { rulingText } from './train-ruling.ts'
import { trainedTable } from './train-table.ts'
import { chooseTargets, findTargets } from './train-targets.ts'
import { trainUnits, type UnitResults } from './train-units.ts'

interface TrainOptions extends ConfigOptions {
  readonly target?: readonly string[]
  readonly tune?: boolean
  readonly force?: boolean
}

/** A search that was broken off longer ago begins anew. */
const LONGEST_PAUSE_MS = 86_400_000

export const trainCommand = () =>
  withConfigOptions(new Command('train'))
    .description('Train models on the history of the source, or of the data directory, and keep them there.')
    .option('--target <id...>', 'only these targets, for example web-1:9100@node')
    .option('--tune', 'search for the best layer sizes and learning rate first; goes on where it was broken off')
    .option('--force', 'let new models take over whatever the contest with the models in force says')
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
  const results: UnitResults = { done: [], tunings: new Map(), rulings: new Map(), failed: new Map() }
  const fitting = { grouped, session, at, tuner, force: options.force === true }
  const short = new Map<string, number>()
  const chunk = grouped ? targets.length : TARGETS_A_ROUND
  const sources = { ...setup, masked: await session.masked() }
  for (let from = 0; from < targets.length; from += chunk) {
    const wanted = new Set(targets.slice(from, from + chunk))
    const share = grouped ? known.length : wanted.size
    const past = await readRound(setup.options, sources, { at, wanted, share }, never)
    for (const [id, spanMs] of past.short) short.set(id, spanMs)
    sayIgnored(past)
    await trainUnits(past, fitting, results)
  }
  const { done, tunings, rulings, failed } = results
  if (done.length > 0) process.stdout.write(`${trainedTable(done, config, session.features)}\n`)
  sayChosen(tunings)
  sayRulings(rulings, config)
  sayShort(short, minHistoryMs)
  for (const [unit, why] of failed) process.stderr.write(`homeostat: ${unit} could not be trained: ${why}\n`)
  const stayed = [...rulings.values()].filter(({ takesOver }) => !takesOver)
  const tried = done.length + stayed.length
  if (failed.size > 0) throw new Error(`${failed.size} of ${failed.size + tried} models could not be trained`)
  if (tried === 0 || (options.target !== undefined && short.size > 0)) {
    throw new Error(`not enough history: ${short.size} of ${targets.length} targets have no model`)
  }
  if (tuner && stayed.some(({ figures }) => figures === undefined)) return sayKept()
  await tuner?.clear()
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

/** Who is in force now, wherever a model was before. */
function sayRulings(rulings: ReadonlyMap<string, Ruling>, { train: { margin } }: Config): void {
  for (const [unit, ruling] of rulings) process.stdout.write(`${rulingText(unit, ruling, ruling.reason)}\n`)
  if ([...rulings.values()].every(({ takesOver }) => takesOver)) return
  const needed = `${Number((100 * margin).toPrecision(3))} % (train.margin)`
  process.stdout.write(`a new model takes over when its loss is lower by ${needed}, or with --force\n`)
}

function sayKept(): void {
  process.stdout.write('what the search found is kept for a day: with --force it is trained without searching again\n')
}

function sayChosen(tunings: ReadonlyMap<string, ModelTuning>): void {
  for (const [unit, { chosen, trials }] of tunings) {
    const { hidden, learning_rate } = chosen
    const loss = meanLoss(chosen).toPrecision(4)
    const what = `layers ${hidden.join('-')}, learning rate ${learning_rate}, mean validation loss ${loss}`
    process.stdout.write(`${unit}: best of ${trials.length} networks: ${what}\n`)
  }
}
