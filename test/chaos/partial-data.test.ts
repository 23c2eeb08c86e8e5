import { expect, it } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { type FakePrometheus, MOODS, type Mood, startFakePrometheus } from '../support/fake-prometheus.ts'
import { readSqlite } from './books.ts'
import { makePlace, type Place } from './effects.ts'
import { printTally, trials } from './scale.ts'
import { alert, message, post } from './sender.ts'

const HOSTS = Array.from({ length: 20 }, (_, i) => `host-${i}`)
const ILL = 'host-3'
const BAD = MOODS.filter((mood) => mood !== 'well')
/** Cycles in which something could be done. */
const CYCLES = trials(5, 120)

interface Trial {
  readonly mood: Mood
  readonly place: Place
  readonly prometheus: FakePrometheus
  readonly daemon: Daemon
}

async function begin(mood: Mood): Promise<Trial> {
  const place = makePlace()
  const prometheus = await startFakePrometheus(HOSTS, 'node')
  const config = place.config({
    source: { type: 'prometheus', prometheus: { url: prometheus.url, rate_window: '1m', timeout: '800ms' } },
    targets: { stale_after: '30s' },
  })
  const daemon = await startDaemon({ config, dataDir: `${place.dir}/data` })
  return { mood, place, prometheus, daemon }
}

const ticks = async (daemon: Daemon) => (await daemon.metric('homeostat_ticks_total')) ?? 0
const firing = (instance: string) => message([alert(instance, 'firing', undefined, 'node')])

/** The mood begins, then an alert comes in; @returns why nothing was done about it */
async function trial({ mood, place, prometheus, daemon }: Trial) {
  const limits = { withinMs: 90_000 + 2000 * CYCLES }
  await daemon.ready()
  const observed = async () => (await daemon.target(`${ILL}@node`)).id
  await daemon.waitFor('the hosts', observed, limits)
  prometheus.setMood(mood)
  // A cycle may have been under way.
  const first = (await ticks(daemon)) + 2
  await daemon.waitFor('a cycle in that mood', async () => (await ticks(daemon)) >= first, limits)
  expect(await post(daemon.url, firing(ILL))).toBe(202)
  const last = (await ticks(daemon)) + CYCLES
  await daemon.waitFor('cycles with an alert', async () => (await ticks(daemon)) >= last, limits)
  const { incidents, actions } = await readSqlite(`${place.dir}/data/homeostat.db`)
  const incident = incidents.find(({ target }) => target === `${ILL}@node`)
  const begun = actions.filter(({ startedAt }) => startedAt !== undefined)
  const seen = { asked: prometheus.asked, actions: begun.length, effects: place.effects().length }

  prometheus.setMood('well')
  const acted = () => place.effects().includes(ILL)
  await daemon.waitFor('an action on whole data', acted, limits)
  return { ...seen, guard: incident?.decision?.guard, reason: incident?.decision?.reason }
}

it('nothing is done on data that are partial, stale, cut off or missing, and something as soon as they are whole', async () => {
  const begun = await Promise.all(BAD.map(begin))
  try {
    const results = await Promise.all(begun.map(trial))

    const texts = results.map(({ asked, actions, effects, guard, reason }, i) => {
      return [BAD[i], `${actions} actions begun, ${effects} effects, ${asked} queries; ${guard}: ${reason}`]
    })
    printTally(`an alert fires for ${CYCLES} cycles while Prometheus is`, Object.fromEntries(texts))
    for (const { asked, actions, effects, guard } of results) {
      expect([actions, effects]).toEqual([0, 0])
      expect(guard).toBe('fresh_data')
      expect(asked).toBeGreaterThan(0)
    }
    for (const { place } of begun) expect(place.effects()).toEqual([ILL])
  } finally {
    for (const { place, prometheus, daemon } of begun) {
      await daemon.stop()
      await prometheus.close()
      place.remove()
    }
  }
})
