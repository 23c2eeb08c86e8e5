import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import {
  type CellCounts,
  type ColumnPreset,
  createColumnEvaluation,
  type FittedColumns,
  withColumnPreset,
} from '../app/column-evaluation.ts'
import { loadKernel } from '../app/kernel.ts'
import { formatDuration, parseDuration } from '../config/duration.ts'
import type { Config } from '../config/resolve.ts'
import type { Verdict } from '../domain/verdict.ts'
import { type CsvWriter, createCsv } from '../platform/csv-writer.ts'
import { requireConfig } from './configuration.ts'
import { explainFile, type InputTable, isSameFile, openInput } from './evaluate-input.ts'
import { renderEvaluateReport } from './evaluate-report.ts'
import { createReportCollector, type ReportCollector } from './evaluate-report-collector.ts'
import { UsageError } from './exit.ts'
import { medianStep } from './median-step.ts'
import { scoreCell } from './number-text.ts'
import { createProgress, lossText, type Progress, progressLine } from './progress.ts'

interface EvaluateOptions {
  readonly train: string
  readonly test: string
  readonly out: string
  readonly preset?: ColumnPreset
  readonly seed?: number
  readonly interval?: number
  readonly config?: string
  readonly report?: string
}

const HEADER = ['row', 'anomaly_score', 'combined_score', 'level', 'severity', 'detected', 'top_features']
/** Time of the first row where the files have no clock. */
const FIRST_ROW_AT = Date.UTC(2026, 0, 1)
const FEWEST_ROWS = 2

export const evaluateCommand = () =>
  new Command('evaluate')
    .description('Fit on the rows of one CSV file and judge those of another, one by one, as the daemon would.')
    .requiredOption('--train <file>', 'CSV to fit on: a header, numeric columns, optionally a column timestamp')
    .requiredOption('--test <file>', 'CSV to judge, with the same columns; its rows follow those of --train')
    .requiredOption('--out <file>', 'CSV to write: a row for each row of --test')
    .addOption(
      new Option(
        '--preset <preset>',
        'generic: the shipped default. classic: the plain 14-8-4-8-14 autoencoder. Default: generic, or the network of --config',
      ).choices(['generic', 'classic']),
    )
    .option('--seed <number>', 'seed of everything random (default: train.seed of the configuration)', seedOption)
    .option('--interval <duration>', 'time from row to row, for files without timestamps: 60s', durationOption)
    .option('--config <file>', 'configuration file (YAML); without it the built-in defaults hold')
    .option('--report <file>', 'HTML page to write: level, alarms, loss curve')
    .action(evaluateFiles)

async function evaluateFiles(options: EvaluateOptions): Promise<void> {
  refuseOverwriting(options)
  const config = evaluationConfig(options)
  const progress = createProgress()
  const train = await openInput(options.train)
  const columns = createColumnEvaluation(config, train.columns, loadKernel())
  const learnt = await learn(train, columns, options)
  const test = await openInput(options.test, train.columns)
  requireSameClock(train, test)
  // The first row now: an empty file is told before the training, not after it.
  const rows = await firstOf(test)
  const path = partialOf(options.out)
  const out = await createCsv(path, HEADER).catch((error: unknown) => explainFile(options.out, error))
  const fitted = columns.fit(learnt.intervalMs, (epoch, epochs, training, validation) =>
    progress.show(progressLine('training', epoch, epochs, lossText(training, validation))),
  )
  progress.clear()
  const report = options.report === undefined ? undefined : createReportCollector()
  try {
    await judge(test, rows, fitted, { learnt, out, report, progress })
    await out.close()
  } catch (error) {
    if (path !== options.out) rmSync(path, { force: true })
    throw error
  }
  if (path !== options.out) renameSync(path, options.out)
  reportCells(train, columns.learnt)
  reportCells(test, fitted.judged)
  if (report !== undefined) writeReport(options, learnt, fitted, report)
}

/** What is written until all is well: a file of this name keeps its contents when something goes wrong on the way. */
function partialOf(out: string): string {
  const exists = statSync(out, { throwIfNoEntry: false })
  return exists === undefined || exists.isFile() ? `${out}.part` : out
}

interface Learnt {
  readonly rows: number
  readonly intervalMs: number
  /** Time of the last training row. */
  readonly lastAt: number
}

async function learn(
  train: InputTable,
  columns: { learn(at: number, values: Float64Array): void },
  { interval }: EvaluateOptions,
): Promise<Learnt> {
  if (!train.hasTimestamp && interval === undefined) {
    throw new UsageError(
      `${train.file} has no column timestamp: say how far its rows are apart, for example --interval 60s`,
    )
  }
  const steps: number[] = []
  let rows = 0
  let lastAt = Number.NaN
  for await (const { at, values } of train.rows()) {
    const time = train.hasTimestamp ? at : FIRST_ROW_AT + rows * interval!
    columns.learn(time, values)
    if (rows > 0) steps.push(time - lastAt)
    lastAt = time
    rows++
  }
  if (rows < FEWEST_ROWS) throw new UsageError(`${train.file}: ${rows} rows, a model needs ${FEWEST_ROWS} or more`)
  const { notNumbers, worst } = train.unreadable()
  if (notNumbers === rows * train.columns.length)
    throw new UsageError(`${train.file}: no cell of ${worst} holds a number`)
  const intervalMs = interval ?? medianStep(steps)
  if (!(intervalMs > 0)) {
    throw new UsageError(
      `${train.file}: most rows have the time of the row before: give the interval, for example --interval 60s`,
    )
  }
  return { rows, intervalMs, lastAt }
}

interface Judging {
  readonly learnt: Learnt
  readonly out: CsvWriter
  readonly report: ReportCollector | undefined
  readonly progress: Progress
}

type Rows = AsyncGenerator<{ at: number; values: Float64Array }>

/** @returns all rows, the first of which is read already */
async function firstOf(test: InputTable): Promise<Rows> {
  const rows = test.rows()
  const first = await rows.next()
  if (first.done) throw new UsageError(`${test.file}: no rows under the header`)
  return (async function* () {
    yield first.value
    yield* rows
  })()
}

async function judge(test: InputTable, rows: Rows, fitted: FittedColumns, judging: Judging): Promise<void> {
  const { learnt, out, report, progress } = judging
  let row = 0
  let shift = 0
  for await (const { at, values } of rows) {
    const follows = learnt.lastAt + (row + 1) * learnt.intervalMs
    if (row === 0 && at <= learnt.lastAt) {
      shift = follows - at
      const how = 'its rows are judged as if they followed directly'
      process.stderr.write(`homeostat: ${test.file} begins before the training rows end: ${how}\n`)
    }
    const time = test.hasTimestamp ? at + shift : follows
    const verdict = fitted.judge(time, values)
    await out.write(cells(row, verdict, test.columns))
    report?.add(time - shift, verdict)
    row++
    if (row % 1000 === 0) progress.show(`judged ${row} rows`)
  }
  progress.clear()
}

/** Where nothing has a say yet all columns stand in their own order. */
function cells(row: number, verdict: Verdict, columns: readonly string[]) {
  const ranked = verdict.contributions.map(({ feature }) => feature)
  return [
    row,
    scoreCell(verdict.score),
    scoreCell(verdict.combined),
    scoreCell(verdict.level),
    scoreCell(verdict.severity),
    verdict.detected ? 1 : 0,
    (ranked.length > 0 ? ranked : columns).join(';'),
  ]
}

function evaluationConfig({ config: file, preset, seed }: EvaluateOptions): Config {
  const config = withColumnPreset(requireConfig({ config: file }).config, preset)
  return seed === undefined ? config : { ...config, train: { ...config.train, seed } }
}

/** What is written must not be what is still to be read. */
function refuseOverwriting({ train, test, out, report }: EvaluateOptions): void {
  for (const [flag, written] of [['--out', out] as const, ['--report', report] as const]) {
    if (written === undefined) continue
    for (const [input, read] of [['--train', train] as const, ['--test', test] as const]) {
      if (isSameFile(written, read))
        throw new UsageError(`${flag} ${written} would overwrite ${input}: name another file`)
    }
  }
  if (report !== undefined && isSameFile(out, report)) throw new UsageError('--out and --report name the same file')
}

function requireSameClock(train: InputTable, test: InputTable): void {
  if (train.hasTimestamp === test.hasTimestamp) return
  const [has, lacks] = train.hasTimestamp ? [train, test] : [test, train]
  throw new UsageError(`${has.file} has a column timestamp and ${lacks.file} has none: give it to both, or to neither`)
}

/** Nothing is repaired silently. */
function reportCells(table: InputTable, counts: CellCounts): void {
  const { empty, notNumbers, worst } = table.unreadable()
  if (empty + notNumbers + counts.droppedRows === 0) return
  const parts = [
    `${empty} cells empty`,
    notNumbers > 0 ? `${notNumbers} not a number (most of them in ${worst})` : '0 not a number',
    `${counts.forwardFilled} filled with the value before`,
    `${counts.missing} with the median`,
    `${counts.droppedRows} rows dropped that repeat a time`,
  ]
  process.stderr.write(`homeostat: ${table.file}: of ${counts.rows} rows ${parts.join(', ')}\n`)
}

function writeReport(
  options: EvaluateOptions,
  learnt: Learnt,
  { fitted }: FittedColumns,
  report: ReportCollector,
): void {
  const { losses, bestEpoch } = fitted
  const facts = [
    `${learnt.rows} training rows, one every ${formatDuration(Math.round(learnt.intervalMs))}`,
    `${bestEpoch} epochs`,
    `threshold by ${fitted.threshold.mode}`,
  ]
  const curve = { train: losses.training, validation: losses.validation }
  const host = report.host(basename(options.test), facts, curve)
  const file = options.report!
  try {
    writeFileSync(file, renderEvaluateReport({ title: `Evaluation of ${basename(options.test)}`, hosts: [host] }))
  } catch (error) {
    explainFile(file, error)
  }
}

function seedOption(text: string): number {
  const seed = Number(text)
  if (!/^\d+$/.test(text) || seed >= 2 ** 32)
    throw new InvalidArgumentError('It must be a whole number from 0 to 4294967295.')
  return seed
}

function durationOption(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined || ms === 0) throw new InvalidArgumentError('It must be a duration such as 60s or 5m.')
  return ms
}
