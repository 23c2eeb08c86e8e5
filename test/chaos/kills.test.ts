import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { systemClock } from '../../src/platform/clock.ts'
import { systemEnvironment } from '../../src/platform/environment.ts'
import { openStore } from '../../src/store/sql/store.ts'
import { until } from '../support/deadline.ts'
import { answerEffects } from './answers.ts'
import { openEnds, readSqlite, reckon } from './books.ts'
import { makePlace } from './effects.ts'
import { createReplica, MOMENTS, type Moment, strike } from './replica.ts'
import { printTally, trials } from './scale.ts'
import { createSender } from './sender.ts'

/** Daemons that are killed beside each other, each with a store of its own. */
const LANES = 3
const KILLS = trials(27, 1000)
const ALERTS_A_LIFE = 3
const LIFE_MS = 15_000
/** Of a busy disk every step of an action is a wait. */
const SETTLES_WITHIN_MS = 90_000

interface Kills {
  readonly at: Map<Moment, number>
  /** Kills at the boundary asked for, which came while the daemon lived. */
  exact: number
}

/** One daemon on one file: killed, started again, with alerts coming in all the time. */
async function lane(first: number, kills: Kills) {
  const place = makePlace({ slowness: { before: 0.05, after: 0.05 } })
  // Every other life is the built program as it is installed.
  const replicas = [false, true].map((black) => createReplica(place, { name: 'one', config: place.config(), black }))
  let current = replicas[0]
  const sender = createSender(() => current.daemon?.url)
  const store = join(place.dir, 'data-one', 'homeostat.db')
  let instances = 0
  const answering = answerEffects(sender, place, () => readSqlite(store))

  try {
    for (let kill = first; kill < KILLS; kill += LANES) {
      const moment = MOMENTS[Math.floor(kill / LANES) % MOMENTS.length]
      const black = moment === 'delivery' || moment === 'any time'
      current = replicas[black ? 1 : 0]
      await current.start()
      const struck = strike(place, [current], { moment, signal: 'SIGKILL', withinMs: LIFE_MS })
      for (let i = 0; i < ALERTS_A_LIFE; i++) {
        sender.fire(`lane${first}-${instances++}`)
        if (black) await sleep(randomInt(30))
      }
      const { victim, atBoundary } = await struck
      await victim.bury()
      kills.at.set(moment, (kills.at.get(moment) ?? 0) + 1)
      if (atBoundary) kills.exact++
    }
    current = replicas[1]
    await current.start()
    await sender.settled()
    let open: readonly string[] = []
    const isQuiet = async () => {
      open = openEnds(await readSqlite(store), sender.fired)
      return open.length === 0
    }
    const explain = () => [...open, ...current.daemon!.warnings()].join('\n')
    await until(isQuiet, { what: 'the end of all actions', withinMs: SETTLES_WITHIN_MS, everyMs: 200, explain })
    await answering.round()
    await sender.settled()
    await current.stop()
    const { fired, resolved, acknowledged } = sender
    const books = await readSqlite(store)
    return { ...reckon({ books, effects: place.effects(), fired, resolved, acknowledged }), audit: await audit(store) }
  } finally {
    answering.stop()
    sender.stop()
    await Promise.all(replicas.map((replica) => replica.stop().catch(() => {})))
    place.remove()
  }
}

async function audit(file: string) {
  const store = await openStore(
    { database: { kind: 'sqlite', file }, retention: { keepMs: 90 * 86_400_000, auditMs: 400 * 86_400_000 } },
    { clock: systemClock, owner: 'test', logger: { warn() {} }, environment: systemEnvironment },
  )
  try {
    return await store.verifyAudit()
  } finally {
    await store.close()
  }
}

it('a daemon that is killed at every boundary and at any time does everything once and loses nothing', async () => {
  const kills: Kills = { at: new Map(), exact: 0 }

  // All of them: one that fails must not leave the daemons of the others behind.
  const ended = await Promise.allSettled(Array.from({ length: LANES }, (_, i) => lane(i, kills)))
  const lanes = ended.map((one) => {
    if (one.status === 'rejected') throw one.reason
    return one.value
  })

  const total = [...kills.at.values()].reduce((sum, count) => sum + count, 0)
  const counts = Object.entries(lanes[0].counts).map(([name]) => {
    return [name, lanes.reduce((sum, one) => sum + Number(one.counts[name]), 0)]
  })
  printTally('kill -9 of a daemon on SQLite', {
    kills: total,
    '  at the boundary asked for': kills.exact,
    ...Object.fromEntries(MOMENTS.map((moment) => [`  ${moment}`, kills.at.get(moment) ?? 0])),
    ...Object.fromEntries(counts),
  })
  expect(lanes.flatMap(({ doubles }) => doubles)).toEqual([])
  expect(lanes.flatMap(({ losses }) => losses)).toEqual([])
  expect(lanes.map((one) => one.audit.ok)).toEqual(lanes.map(() => true))
  expect(total).toBe(KILLS)
  expect(kills.exact).toBeGreaterThan(0)
  for (const [name, value] of counts) if (name === 'effects') expect(value).toBeGreaterThan(0)
})
