import { afterEach, describe, expect, it } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { readSqlite } from './books.ts'
import { makePlace, type Place } from './effects.ts'
import { printTally, trials } from './scale.ts'
import { alert, message, post } from './sender.ts'

const IDLE_WITHIN_MS = 5000
const BUSY_WITHIN_MS = 30_000
const TRIALS = trials(2, 100)

const places: Place[] = []
const daemons: Daemon[] = []
afterEach(async () => {
  for (const daemon of daemons.splice(0)) if (daemon.isAlive()) await daemon.stop()
  for (const place of places.splice(0)) place.remove()
})

async function begin(place: Place): Promise<Daemon> {
  const daemon = await startDaemon({ config: place.config(), dataDir: `${place.dir}/data` })
  daemons.push(daemon)
  await daemon.ready()
  return daemon
}

const actionsOf = async (place: Place) => (await readSqlite(`${place.dir}/data/homeostat.db`)).actions

/** Starts an action whose program takes so long, and stops the daemon in the middle of it. */
async function stopInFlight(seconds: number) {
  const place = makePlace({ slowness: { before: seconds, after: 0 }, timeout: '5m' })
  places.push(place)
  const daemon = await begin(place)
  await post(daemon.url, message([alert('web-1')]))
  const started = async () => (await actionsOf(place))[0]?.state === 'STARTED'
  await daemon.waitFor('the start', started, { withinMs: 20_000, everyMs: 20 })
  daemon.signal('SIGTERM')
  const from = performance.now()
  await daemon.waitFor('its end', () => !daemon.isAlive(), { withinMs: 40_000 }).catch(() => {})
  const tookMs = performance.now() - from
  const { code } = await daemon.stop()
  return { place, code, tookMs, state: (await actionsOf(place))[0]?.state }
}

describe('SIGTERM', () => {
  it('ends an idle daemon within five seconds', async () => {
    const took: number[] = []
    for (let i = 0; i < TRIALS; i++) {
      const place = makePlace()
      places.push(place)
      const daemon = await begin(place)
      const { code, tookMs } = await daemon.stop()
      expect(code).toBe(0)
      took.push(tookMs)
    }

    printTally('SIGTERM with nothing in flight', { stops: took.length, 'slowest, ms': Math.round(Math.max(...took)) })
    expect(Math.max(...took)).toBeLessThan(IDLE_WITHIN_MS)
  })

  it('lets an action end that is nearly done, and cuts off one that takes too long: nobody knows', async () => {
    const [short, long] = await Promise.all([stopInFlight(3), stopInFlight(120)])

    printTally('SIGTERM with an action in flight', {
      'that takes 3 s: stopped after, ms': Math.round(short.tookMs),
      'that takes 2 min: stopped after, ms': Math.round(long.tookMs),
    })
    expect([short.code, short.state]).toEqual([0, 'SUCCEEDED'])
    expect(short.place.effects()).toEqual(['web-1'])
    expect([long.code, long.state]).toEqual([0, 'UNKNOWN'])
    expect(long.place.effects()).toEqual([])
    expect(Math.max(short.tookMs, long.tookMs)).toBeLessThan(BUSY_WITHIN_MS)
  })
})
