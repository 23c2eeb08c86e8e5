import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { mountTmpfs, type TemporaryFilesystem } from '../support/load.ts'

const lab = inject('lab')
const target = `${lab.instance}@node`
const RESOURCE = 'filesystem_used_ratio'
const FILL_S = 150
const POLL_MS = 1000

let daemon: Daemon
let tmpfs: TemporaryFilesystem

beforeAll(async () => {
  tmpfs = mountTmpfs()
  daemon = await startDaemon({
    config: {
      interval: '1s',
      source: {
        type: 'prometheus',
        prometheus: { url: lab.prometheusUrl, matchers: '{job="node"}', rate_window: '5s' },
      },
      targets: { stale_after: '10s' },
      // The default of 6 minutes would need a fill of as many; windows scale, so that a minute shows the same.
      detect: { exhaustion: { resources: [RESOURCE], shortest_window: '1m' } },
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
  return features.find(({ name }) => name === RESOURCE)?.actual ?? Number.NaN
}

async function secondsLeft(): Promise<number | undefined> {
  const labels = { instance: lab.instance, job: 'node', resource: RESOURCE }
  return daemon.metric('homeostat_time_to_exhaustion_seconds', labels)
}

it('a tmpfs that fills is told when it will be full, and is an anomaly before it is', {
  timeout: 240_000,
}, async () => {
  // The feature is that of the fullest filesystem: the rise shows from where the others are.
  const before = await daemon.waitFor('a first reading', async () => (await used()) > 0 && used())
  expect(before).toBeLessThan(0.97)
  expect(await secondsLeft()).toBeUndefined()

  const fullAt = performance.now() + FILL_S * 1000
  const load = tmpfs.fillSteadily(before + 0.1 * (1 - before), 1, FILL_S)
  const toFull = () => (fullAt - performance.now()) / 1000
  const told: { said: number; truth: number }[] = []
  try {
    await daemon.waitFor('a forecast', secondsLeft, { withinMs: 110_000, everyMs: POLL_MS })
    while (told.length < 15) {
      const said = await secondsLeft()
      if (said !== undefined) told.push({ said, truth: toFull() })
      if (toFull() < 10) break
      await sleep(POLL_MS)
    }
    const { level, detected, features, exhaustion } = await daemon.target(target)

    expect(toFull()).toBeGreaterThan(0)
    expect(told.length).toBeGreaterThan(10)
    for (const { said, truth } of told) {
      expect(said, JSON.stringify(told)).toBeGreaterThan(truth / 1.5)
      expect(said, JSON.stringify(told)).toBeLessThan(truth * 1.5)
    }
    expect(level).toBeGreaterThan(1)
    expect(detected).toBe(true)
    expect(features[0].name).toBe(RESOURCE)
    expect(exhaustion).toMatchObject([{ resource: RESOURCE }])
    expect(exhaustion[0].low).toBeLessThanOrEqual(exhaustion[0].seconds)
    expect(exhaustion[0].high).toBeGreaterThanOrEqual(exhaustion[0].seconds)
  } finally {
    await load.end()
  }

  const silent = async () => (await secondsLeft()) === undefined
  await daemon.waitFor('no forecast after the files are gone', silent, { withinMs: 40_000, everyMs: POLL_MS })
})
