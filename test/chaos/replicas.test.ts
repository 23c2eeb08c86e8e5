import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/platform/clock.ts'
import { systemEnvironment } from '../../src/platform/environment.ts'
import { openStore } from '../../src/store/sql/store.ts'
import { until } from '../support/deadline.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { answerEffects } from './answers.ts'
import { openEnds, readPostgres, reckon } from './books.ts'
import { makePlace } from './effects.ts'
import { createReplica, MOMENTS, type Moment, strike } from './replica.ts'
import { LONG, printTally, trials } from './scale.ts'
import { createSender } from './sender.ts'

const KILLS = trials(4, 300)
const STOPS = trials(5, 200)
/** Pauses that last as long as they say, and not only by the database's clock. */
const REAL_STOPS = LONG ? 3 : 0
const ALERTS_A_STRIKE = 3
const WAIT_MS = 15_000
/** Those who live say so every second. */
const SILENCE_MS = 2500
const TAKEOVER_MS = 1200
/** Longer than a claim's lease, and than a process is taken to live without a word. */
const BEYOND_MS = 65_000

let postgres: Postgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres?.stop())

/** Lets a paused or killed process's lease and presence run out, as a minute would: those of the living are renewed. */
async function lapse(): Promise<void> {
  const gone = `select owner from presences where until_at < (select max(until_at) - ${SILENCE_MS / 2} from presences)`
  await postgres.admin(
    `update actions set lease_until = lease_until - ${BEYOND_MS} where owner in (${gone})`,
    `delete from presences where owner in (${gone})`,
  )
}

async function audit() {
  const database = { kind: 'postgres', url: postgres.url(), password: { file: postgres.passwordFile } } as const
  const retention = { keepMs: 90 * 86_400_000, auditMs: 400 * 86_400_000 }
  const logger = { warn() {} }
  const store = await openStore(
    { database, retention },
    { clock: systemClock, owner: 'test', logger, environment: systemEnvironment },
  )
  try {
    return await store.verifyAudit()
  } finally {
    await store.close()
  }
}

it('of two replicas on PostgreSQL one is killed or paused beyond its lease, and everything is done once', async () => {
  const place = makePlace({ slowness: { before: 0.05, after: 0.05 } })
  const config = place.config({ store: { url: postgres.url(), password_file: postgres.passwordFile } })
  const pair = ['a', 'b'].map((name) => createReplica(place, { name, config }))
  const living = () => pair.flatMap(({ daemon }) => daemon?.url ?? [])
  const sender = createSender(() => living()[randomInt(Math.max(1, living().length))])
  const answering = answerEffects(sender, place, () => readPostgres(postgres))
  const at = new Map<Moment, number>()
  let instances = 0
  let [kills, stops, exact] = [0, 0, 0]

  try {
    await Promise.all(pair.map((one) => one.start()))
    await Promise.all(pair.map((one) => one.daemon!.ready()))
    for (let i = 0; kills < KILLS || stops < STOPS; i++) {
      const moment = MOMENTS[i % MOMENTS.length]
      const pauses = stops < STOPS && (kills >= KILLS || (i + Math.floor(i / MOMENTS.length)) % 2 === 0)
      const struck = strike(place, pair, { moment, signal: pauses ? 'SIGSTOP' : 'SIGKILL', withinMs: WAIT_MS })
      for (let n = 0; n < ALERTS_A_STRIKE; n++) sender.fire(`pg-${instances++}`)
      const { victim, atBoundary } = await struck
      if (atBoundary) exact++
      at.set(moment, (at.get(moment) ?? 0) + 1)
      if (!pauses) await victim.bury()
      // The other one goes on saying that it lives; then the victim's silence is seen.
      await sleep(pauses && stops < REAL_STOPS ? BEYOND_MS : SILENCE_MS)
      await lapse()
      await sleep(TAKEOVER_MS)
      if (pauses) {
        stops++
        victim.daemon!.signal('SIGCONT')
      } else {
        kills++
        await victim.start()
      }
    }
    await sender.settled()
    let open: readonly string[] = []
    const isQuiet = async () => {
      open = openEnds(await readPostgres(postgres), sender.fired)
      return open.length === 0
    }
    const explain = () => open.join('\n')
    await until(isQuiet, { what: 'the end of all actions', withinMs: 90_000, everyMs: 200, explain })
    await answering.round()
    await sender.settled()
    // One that has just been started again would end as programs do that are still starting.
    await Promise.all(pair.map((one) => one.daemon!.ready()))
    await Promise.all(pair.map((one) => one.stop()))
  } finally {
    answering.stop()
    sender.stop()
    await Promise.all(pair.map((one) => one.stop().catch(() => {})))
  }

  const { fired, resolved, acknowledged } = sender
  const books = await readPostgres(postgres)
  const { counts, doubles, losses } = reckon({ books, effects: place.effects(), fired, resolved, acknowledged })
  place.remove()
  const moments = MOMENTS.map((moment) => [`  ${moment}`, at.get(moment) ?? 0])
  const strikes = { kills, stops, '  at the boundary asked for': exact, ...Object.fromEntries(moments) }
  printTally('kill -9 and SIGSTOP of one of two daemons on PostgreSQL', { ...strikes, ...counts })
  expect(doubles).toEqual([])
  expect(losses).toEqual([])
  expect((await audit()).ok).toBe(true)
  expect([kills, stops]).toEqual([KILLS, STOPS])
  expect(exact).toBeGreaterThan(0)
  expect(counts['effects']).toBeGreaterThan(0)
})
