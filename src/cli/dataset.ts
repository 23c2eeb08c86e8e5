import { createReadStream } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { formatDuration } from '../config/duration.ts'
import type { Config } from '../config/resolve.ts'
import { csvRecords } from '../platform/csv-records.ts'
import { parseTimestamp } from '../platform/csv-timestamp.ts'
import { type CsvWriter, createCsv } from '../platform/csv-writer.ts'
import { makeDir } from '../platform/make-dir.ts'
import { type ConfigOptions, requireConfig, withConfigOptions } from './configuration.ts'
import { createDatasetTally, type DatasetTally } from './dataset-tally.ts'
import { explainFile } from './evaluate-input.ts'
import { UsageError } from './exit.ts'
import { type HistorySession, openHistory } from './history-session.ts'
import { createProgress } from './progress.ts'

interface DatasetOptions extends ConfigOptions {
  readonly from: number
  readonly to: number
  readonly out: string
}

export const datasetCommand = () =>
  withConfigOptions(new Command('dataset'))
    .description('Write the cleaned features of a stretch of history as CSV, raw and scaled, with a cleaning report.')
    .requiredOption('--from <time>', 'begin, ISO 8601 (UTC without a zone) or Unix time', timeOption)
    .requiredOption('--to <time>', 'end, inside', timeOption)
    .requiredOption('--out <dir>', 'directory to write to; made where it is missing')
    .action(async (options: DatasetOptions) => {
      const { config } = requireConfig(options)
      if (options.from >= options.to) throw new UsageError('--from must be earlier than --to')
      await makeDir(options.out).catch((error: unknown) => explainFile(options.out, error))
      const session = openHistory(config, options)
      try {
        await writeDataset(config, session, options)
      } finally {
        await session.close()
      }
    })

async function writeDataset(config: Config, session: HistorySession, options: DatasetOptions): Promise<void> {
  const { out } = options
  const range = gridRange(options, config.interval)
  const draft = join(out, 'features.csv.draft')
  const tally = await writeDraft(draft, session, range)
  if (tally.rows > 0) await writeTables(draft, out, session.features.names, tally)
  await rm(draft)
  if (tally.rows === 0) throw new Error(noReadings(config, session.remembers, range))
  const report = join(out, 'cleaning-report.json')
  const content = {
    from: new Date(range.fromMs).toISOString(),
    to: new Date(range.toMs).toISOString(),
    step_seconds: range.stepMs / 1000,
    ...tally.report(),
  }
  await writeFile(report, `${JSON.stringify(content, null, 2)}\n`).catch((error: unknown) => explainFile(report, error))
  process.stdout.write(`wrote ${tally.rows} rows of ${tally.targets} targets to ${out}\n`)
}

/** The readings of a daemon lie on a grid: the first one inside, every interval, up to the end. */
function gridRange({ from, to }: DatasetOptions, intervalMs: number) {
  return { fromMs: Math.ceil(from / intervalMs) * intervalMs, toMs: to, stepMs: intervalMs }
}

/** Streams the history through the featurizer that runs live, one row a target and reading; gaps are left. */
async function writeDraft(
  file: string,
  { setup, features }: HistorySession,
  range: { fromMs: number; toMs: number; stepMs: number },
): Promise<DatasetTally> {
  const { names, base } = features
  const featurizer = setup.newFeaturizer()
  const tally = createDatasetTally(names, base.length)
  const progress = createProgress()
  const out = await createTable(file, names)
  for await (const snapshot of setup.history.read(range, new AbortController().signal)) {
    const matrix = featurizer.featurize(snapshot)
    tally.dropped(matrix.cleaning.droppedRows)
    const time = new Date(matrix.at).toISOString()
    for (const [slot, target] of matrix.targets.entries()) {
      if (target === undefined || matrix.fresh[slot] === 0) continue
      const row = matrix.values.subarray(slot * names.length, (slot + 1) * names.length)
      tally.add(target.id, row, snapshot.values.subarray(slot * base.length, (slot + 1) * base.length))
      await out.write([time, target.id, ...row])
    }
    progress.show(`${time}  ${tally.rows} rows`)
  }
  progress.clear()
  await out.close()
  return tally
}

/** Reads the draft once more: medians, the least and the greatest value are known at the end only. */
async function writeTables(draft: string, dir: string, names: readonly string[], tally: DatasetTally): Promise<void> {
  const raw = await createTable(join(dir, 'features.csv'), names)
  const scaled = await createTable(join(dir, 'features_scaled.csv'), names)
  let header = true
  for await (const { fields } of csvRecords(draft, createReadStream(draft, { encoding: 'utf8' }))) {
    if (!header) {
      const [time, target, ...cells] = fields
      const values = Float64Array.from(cells, (cell) => (cell === '' ? Number.NaN : Number(cell)))
      const filled = tally.filled(target, values)
      await raw.write([time, target, ...filled])
      await scaled.write([time, target, ...tally.scaled(target, filled)])
    }
    header = false
  }
  await raw.close()
  await scaled.close()
}

function createTable(file: string, names: readonly string[]): Promise<CsvWriter> {
  return createCsv(file, ['timestamp', 'target', ...names]).catch((error: unknown) => explainFile(file, error))
}

function noReadings(config: Config, remembers: boolean, range: { fromMs: number; toMs: number }): string {
  const where = remembers ? config.source.prometheus.url : `the history in ${config.data_dir}`
  const span = `${new Date(range.fromMs).toISOString()} and ${new Date(range.toMs).toISOString()}`
  const kept = remembers ? '' : `; it keeps ${formatDuration(config.train.history)} (train.history)`
  return `${where} holds no reading between ${span}${kept}`
}

function timeOption(text: string): number {
  const at = parseTimestamp(text)
  if (Number.isNaN(at)) throw new InvalidArgumentError('It must be a time such as 2026-11-21T10:00:00Z.')
  return at
}
