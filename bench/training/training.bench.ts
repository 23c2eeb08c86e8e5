import { loadKernel } from '../../src/app/kernel.ts'
import { fitModel } from '../../src/train/fit.ts'
import type { Report } from '../report.ts'
import { madeUpHistory } from '../synthetic.ts'
import { allFeatures, configOf, type FleetPlan, INTERVAL_MS, optionsOf, START_MS, startFleet } from '../tick/fleet.ts'
import type { Timing } from '../timing.ts'

const SECTION = 'training'
const HOSTS = 10
/** The most behind one model. */
const ROWS = 10_000
const STEP_MS = 60_000
const WIDTHS = [40, allFeatures.length]

/** Time to fitted models, and from a first start to scores of the autoencoder. */
export async function benchTraining(report: Report): Promise<void> {
  const timings = WIDTHS.map((width) => fitHosts(width))
  report.timings(`Fitting a model to ${ROWS} rows of a host; ${HOSTS} hosts one after the other`, timings)
  report.title(`Fitting ${HOSTS} hosts, seconds`)
  report.table([
    ['', 'all hosts'],
    ...timings.map(({ name, times }) => [name, (times.reduce((sum, ms) => sum + ms, 0) / 1000).toFixed(1)]),
  ])
  await firstStart(report)
}

function fitHosts(width: number): Timing {
  const kernel = loadKernel()
  const features = allFeatures.slice(0, width)
  const { fit } = optionsOf(configOf(planOf(width), 'http://127.0.0.1:1', 'unused'))
  const times: number[] = []
  for (let host = 0; host < HOSTS; host++) {
    const set = madeUpHistory(features, ROWS, { host, fromMs: START_MS - ROWS * STEP_MS, stepMs: STEP_MS })
    const start = performance.now()
    const { weights } = fitModel(new Map([['host', set]]), fit, kernel)
    times.push(performance.now() - start)
    weights.autoencoder.dispose()
    weights.forecast.dispose()
  }
  return { name: `${width} features`, times, scale: undefined }
}

const planOf = (features: number): FleetPlan => ({
  hosts: HOSTS,
  features,
  scope: 'host',
  trained: false,
  ticks: 4,
  variants: 2,
})

/** The daemon without any model: history by range queries, training, and the first scores. The server's time counts too. */
async function firstStart(report: Report): Promise<void> {
  const width = allFeatures.length
  const fleet = await startFleet(planOf(width))
  try {
    const start = performance.now()
    await fleet.product({ kind: 'tick' })
    const { complaints } = await fleet.product({ kind: 'trained', models: HOSTS })
    if (complaints.length > 0) throw new Error(`the daemon complains: ${complaints[0].slice(0, 500)}`)
    await fleet.product({ kind: 'tick' })
    const text = await (await fetch(`${fleet.url}/metrics`)).text()
    const scored = text.match(/^anomaly_score\{/gm)?.length ?? 0
    if (scored !== HOSTS) throw new Error(`${scored} of ${HOSTS} hosts have a score after training`)
    // Scores come with the next tick, up to an interval after the last model.
    const seconds = (fleet.startedInMs + performance.now() - start + INTERVAL_MS) / 1000
    report.title(`First start with ${HOSTS} hosts, ${width} features, 7 days of history; the wait for a tick counted`)
    report.judge(SECTION, `first scores of ${HOSTS} autoencoders after`, seconds, 's', { atMost: 60 })
  } finally {
    await fleet.stop()
  }
}
