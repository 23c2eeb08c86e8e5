import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { mountTmpfs, type TemporaryFilesystem } from '../support/load.ts'

const lab = inject('lab')
const target = `${lab.instance}@node`
const FILL_S = 150
const FORECASTS = 15
const POLL_MS = 1000

let daemon: Daemon
let tmpfs: TemporaryFilesystem
let resource: string

beforeAll(async () => {
  tmpfs = mountTmpfs()
  resource = tmpfs.feature.name
  daemon = await startDaemon({
    config: {
      interval: '1s',
      source: {
        type: 'prometheus',
        prometheus: { url: lab.prometheusUrl, matchers: '{job="node"}', rate_window: '5s' },
      },
      targets: { stale_after: '10s' },
      // That of the preset is of the fullest filesystem, and the machine may have one that is full.
      features: { extra: [tmpfs.feature] },
      // The default of 6 minutes would need a fill of as many; windows scale, so that a minute shows the same.
      detect: { exhaustion: { resources: [resource], shortest_window: '1m' } },
    },
  })
  await daemon.ready()
})

afterAll(async () => {
  await daemon?.stop()
  tmpfs?.unmount()
})

async function used(): Promise<number> {
  const { features } = await daemon.target(target)
  return features.find(({ name }) => name === resource)?.actual ?? Number.NaN
}

async function secondsLeft(): Promise<number | undefined> {
  return daemon.metric('homeostat_time_to_exhaustion_seconds', { instance: lab.instance, job: 'node', resource })
}

it('a tmpfs that fills is told when it will be full, and is an anomaly before it is', {
  timeout: 240_000,
}, async () => {
  await daemon.waitFor('a first reading', async () => (await used()) < 0.05)
  expect(await secondsLeft()).toBeUndefined()

  const fullAt = performance.now() + FILL_S * 1000
  const load = tmpfs.fillSteadily(0.1, 1, FILL_S)
  const toFull = () => (fullAt - performance.now()) / 1000
  const told: { said: number; truth: number }[] = []
  try {
    await daemon.waitFor('a forecast', secondsLeft, { withinMs: 110_000, everyMs: POLL_MS })
    const followed = async () => {
      const said = await secondsLeft()
      if (said !== undefined) told.push({ said, truth: toFull() })
      return told.length >= FORECASTS
    }
    await daemon.waitFor(`${FORECASTS} forecasts`, followed, { withinMs: toFull() * 1000, everyMs: POLL_MS })
    // Something else may stand out for a moment on a machine that does other things too.
    const first = async () => {
      const answer = await daemon.target(target)
      return answer.features[0].name === resource && answer
    }
    const { level, detected, exhaustion } = await daemon.waitFor('the resource named first', first)

    expect(toFull()).toBeGreaterThan(0)
    for (const { said, truth } of told) {
      expect(said, JSON.stringify(told)).toBeGreaterThan(truth / 1.5)
      expect(said, JSON.stringify(told)).toBeLessThan(truth * 1.5)
    }
    expect(level).toBeGreaterThan(1)
    expect(detected).toBe(true)
    expect(exhaustion).toMatchObject([{ resource }])
    expect(exhaustion[0].low).toBeLessThanOrEqual(exhaustion[0].seconds)
    expect(exhaustion[0].high).toBeGreaterThanOrEqual(exhaustion[0].seconds)
  } finally {
    await load.end()
  }

  const silent = async () => (await secondsLeft()) === undefined
  await daemon.waitFor('no forecast after the files are gone', silent, { withinMs: 40_000, everyMs: POLL_MS })
})
