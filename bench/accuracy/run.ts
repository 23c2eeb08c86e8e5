import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { renderEvaluateReport } from '../../src/cli/evaluate-report.ts'
import { autoencoder } from './baselines/autoencoder.ts'
import type { Baseline } from './baselines/baseline.ts'
import { kira } from './baselines/kira.ts'
import { pca } from './baselines/pca.ts'
import { staticForest } from './baselines/static-forest.ts'
import { FORMAT, listHosts, readHost } from './dataset.ts'
import { type Measures, meanOf, measure, type Outcome, runBaseline, runShipped } from './measure.ts'
import { type EvaluateHost, evaluateHost } from './ours.ts'
import { reportHost } from './report.ts'
import { formatTable, type TableRow } from './table.ts'

const BASELINES: readonly Baseline[] = [kira, staticForest, pca, autoencoder]

const USAGE = `npm run bench:accuracy -- --data DIR [--compare] [--baselines-only] [--hosts NAME,NAME] [--seed N]
                         [--json FILE] [--report FILE.html]

Measures the shipped detector on labelled hosts; --compare measures the baselines beside it.

${FORMAT}`

interface Result {
  readonly method: string
  readonly host: string
  readonly dataset: string
  readonly measures: Measures
}

interface Plan {
  readonly data: string
  readonly hosts: readonly string[]
  readonly seed: number
  readonly shipped?: EvaluateHost
  readonly baselines: readonly Baseline[]
}

/** Every method on every host, one host in memory at a time. */
function* outcomes({ data, hosts, seed, shipped, baselines }: Plan): Generator<Outcome> {
  for (const name of hosts) {
    const host = readHost(data, name)
    if (shipped !== undefined) yield runShipped(shipped, host, seed)
    for (const baseline of baselines) yield runBaseline(baseline, host, seed)
  }
}

function tables(results: readonly Result[]): string {
  return [...new Set(results.map(({ dataset }) => dataset))]
    .map((dataset) => {
      const own = results.filter((result) => result.dataset === dataset)
      const methods = [...new Set(own.map(({ method }) => method))]
      const first = own.filter(({ method }) => method === methods[0])
      const rows: TableRow[] = first.map(({ host, measures }) => ({ name: host, measures }))
      for (const method of methods) {
        const measures = meanOf(own.filter((result) => result.method === method).map((result) => result.measures))
        rows.push({ name: `mean, ${method}`, measures, isMean: true })
      }
      return formatTable(dataset, rows)
    })
    .join('\n\n')
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      compare: { type: 'boolean', default: false },
      'baselines-only': { type: 'boolean', default: false },
      hosts: { type: 'string' },
      seed: { type: 'string', default: '1' },
      json: { type: 'string' },
      report: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  if (values.data === undefined || !existsSync(join(values.data, 'index.json'))) {
    console.error(`${values.data === undefined ? '--data is missing' : `no index.json in ${values.data}`}\n\n${USAGE}`)
    return 2
  }
  const alone = values['baselines-only']
  const plan: Plan = {
    data: values.data,
    hosts: values.hosts?.split(',') ?? listHosts(values.data),
    seed: Number(values.seed),
    shipped: alone ? undefined : evaluateHost,
    baselines: values.compare || alone ? BASELINES : [],
  }
  const results: Result[] = []
  const pages: ReturnType<typeof reportHost>[] = []
  for (const outcome of outcomes(plan)) {
    const { method, host } = outcome
    results.push({ method, host: host.name, dataset: host.dataset, measures: measure(outcome) })
    console.error(`${host.name}: ${method}`)
    if (values.report !== undefined && (method === 'Homeostat' || alone)) pages.push(reportHost(outcome))
  }
  console.log(tables(results))
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`)
  if (values.report !== undefined) {
    writeFileSync(values.report, renderEvaluateReport({ title: 'Accuracy on labelled hosts', hosts: pages }))
  }
  return 0
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error: Error) => {
    console.error(error.message)
    process.exitCode = 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS') ? 2 : 1
  },
)
