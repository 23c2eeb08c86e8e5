import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { benchDashboard } from './dashboard/dashboard.bench.ts'
import { benchDetection } from './detection/detection.bench.ts'
import { benchKernel } from './kernel/kernel.bench.ts'
import { benchLoad } from './load/load.bench.ts'
import { loadPeers, type Peers } from './peers.ts'
import { benchPush } from './push/push.bench.ts'
import { Report } from './report.ts'
import { benchState } from './state/state.bench.ts'
import { benchStore } from './store/store.bench.ts'
import { benchTick } from './tick/tick.bench.ts'
import { benchTraining } from './training/training.bench.ts'

const SECTIONS: Readonly<Record<string, (report: Report, peers: Peers) => Promise<void>>> = {
  tick: benchTick,
  state: benchState,
  store: benchStore,
  push: benchPush,
  load: benchLoad,
  training: benchTraining,
  detection: benchDetection,
  kernel: benchKernel,
  dashboard: benchDashboard,
}

const USAGE = `npm run bench -- [--only ${Object.keys(SECTIONS).join(',')}] [--peers DIR] [--json FILE]

Times the product and prints each figure beside its goal; docs/performance.md explains them.

  --only   these sections only
  --peers  a directory whose node_modules has @tensorflow/tfjs, @tensorflow/tfjs-backend-wasm and onnxruntime-node, to
           be measured beside; HOMEOSTAT_BENCH_PEERS says the same. What is not there is reported as not installed.
  --json   writes all figures to this file`

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      peers: { type: 'string', default: process.env['HOMEOSTAT_BENCH_PEERS'] ?? '.' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const wanted = values.only?.split(',') ?? Object.keys(SECTIONS)
  const unknown = wanted.filter((name) => SECTIONS[name] === undefined)
  if (values.help || unknown.length > 0) {
    console.log(unknown.length > 0 ? `no section ${unknown.join(', ')}\n\n${USAGE}` : USAGE)
    return values.help ? 0 : 2
  }
  const report = new Report(console.log)
  const machine = machineOf()
  report.line(machine)
  const peers = await loadPeers(values.peers)
  const began = performance.now()
  const failed: string[] = []
  for (const name of wanted) {
    const [load, sectionBegan] = [loadavg()[0], performance.now()]
    await SECTIONS[name](report, peers).catch((error: Error) => {
      failed.push(name)
      report.line(`  ${name} failed: ${(error.stack ?? error.message).slice(0, 2000)}`)
    })
    // What else the machine did: figures of a busy one are those of a slower one.
    report.note(name, 'load before the section', load, '')
    report.line(
      `  ${name}: ${seconds(sectionBegan)} s, load ${load.toFixed(1)} before, ${loadavg()[0].toFixed(1)} after`,
    )
  }
  report.summary()
  report.line(`\n${seconds(began)} s`)
  if (values.json !== undefined) {
    mkdirSync(dirname(values.json), { recursive: true })
    const { figures, missing } = report
    writeFileSync(
      values.json,
      `${JSON.stringify({ machine, at: new Date().toISOString(), figures, missing }, null, 2)}\n`,
    )
  }
  if (failed.length > 0) report.line(`failed: ${failed.join(', ')}`)
  return failed.length > 0 ? 1 : 0
}

function seconds(began: number): string {
  return ((performance.now() - began) / 1000).toFixed(0)
}

function machineOf(): string {
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GiB`
  const load = `load ${loadavg()[0].toFixed(1)}`
  return `${cpus()[0]?.model}, ${availableParallelism()} cores, ${memory}, node ${process.version}, ${load} at the start`
}

main().then(
  (code) => {
    process.exit(code)
  },
  (error: Error) => {
    console.error(error.stack)
    process.exit('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS') ? 2 : 1)
  },
)
