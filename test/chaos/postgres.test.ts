import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { startProxy, type TcpProxy } from '../support/proxy.ts'
import { answerEffects } from './answers.ts'
import { openEnds, readPostgres, reckon } from './books.ts'
import { makePlace, type Place } from './effects.ts'
import { printTally } from './scale.ts'
import { alert, createSender, message, post, type Sender } from './sender.ts'

const CYCLES_AWAY = 5
const REFUSED_WITHIN_MS = 12_000
const RECOVERS_WITHIN_MS = 15_000

let postgres: Postgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres?.stop())

let place: Place
let proxy: TcpProxy
let daemon: Daemon
let sender: Sender
beforeEach(async () => {
  await postgres.wipe()
  place = makePlace()
  proxy = await startProxy(postgres.port)
  const store = { url: postgres.url(proxy.port), password_file: postgres.passwordFile }
  daemon = await startDaemon({ config: place.config({ store }) })
  await daemon.ready()
  sender = createSender(() => daemon.url)
})
afterEach(async () => {
  sender.stop()
  await daemon?.stop()
  await proxy?.close()
  place.remove()
})

interface Outage {
  readonly begin: () => Promise<void> | void
  readonly end: () => Promise<void> | void
}

/** The server's processes: it and those that it has started. */
function serverProcesses(): number[] {
  const [own] = readFileSync(`${postgres.dir}/data/postmaster.pid`, 'utf8').split('\n').map(Number)
  const parentOf = (pid: string) => {
    try {
      return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
    } catch {
      return 0
    }
  }
  const children = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && parentOf(pid) === own)
  return [own, ...children.map(Number)]
}

function signalServer(signal: NodeJS.Signals): void {
  for (const pid of serverProcesses()) {
    try {
      process.kill(pid, signal)
    } catch {
      // It has ended in between.
    }
  }
}

const outages: Record<string, Outage> = {
  'is killed and started again': { begin: () => postgres.kill(), end: () => postgres.restart() },
  'is paused': { begin: () => signalServer('SIGSTOP'), end: () => signalServer('SIGCONT') },
  'is cut off: every packet is lost': {
    begin: () => proxy.setMode('black_hole'),
    end: () => proxy.setMode('pass'),
  },
  'is cut off: every connection is reset': {
    begin: () => proxy.setMode('reset'),
    end: () => proxy.setMode('pass'),
  },
  'takes no writes': {
    begin: async () => void (await readOnly('on')),
    end: async () => void (await readOnly('off')),
  },
}

function readOnly(state: 'on' | 'off') {
  return postgres.admin(
    `alter role homeostat in database homeostat set default_transaction_read_only = ${state}`,
    `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'homeostat'`,
  )
}

const ticks = async () => (await daemon.metric('homeostat_ticks_total')) ?? 0
const missed = async () => (await daemon.metric('homeostat_ticks_missed_total')) ?? 0

describe('PostgreSQL', () => {
  it.each(Object.entries(outages))(
    '%s: scores go on, nothing is lost, and alerts are taken again',
    async (name, { begin, end }) => {
      const answering = answerEffects(sender, place, () => readPostgres(postgres))
      for (let i = 0; i < 5; i++) sender.fire(`before-${i}`)
      await sender.settled()

      await begin()
      const from = performance.now()
      const [first, missedBefore] = [await ticks(), await missed()]
      const refused = await post(daemon.url, message([alert('during')]))
      const refusedMs = performance.now() - from
      for (let i = 0; i < 5; i++) sender.fire(`during-${i}`)
      const later = async () => (await ticks()) >= first + CYCLES_AWAY
      await daemon.waitFor('cycles without a store', later, { withinMs: 30_000 })
      const went = (await missed()) - missedBefore
      await end()
      const ended = performance.now()
      const taken = async () => (await post(daemon.url, message([alert('after')]))) === 202
      await daemon.waitFor('an acknowledgement', taken, { withinMs: 30_000 })
      const recoveredMs = performance.now() - ended

      await sender.settled()
      let open: readonly string[] = []
      const isQuiet = async () => {
        open = openEnds(await readPostgres(postgres), sender.fired)
        return open.length === 0 && place.effects().includes('after')
      }
      await daemon.waitFor('the end of all actions', isQuiet, { withinMs: 60_000 }).catch((error) => {
        throw new Error(open.join('\n'), { cause: error })
      })
      await answering.round()
      await sender.settled()
      answering.stop()
      const { fired, resolved, acknowledged } = sender
      const books = await readPostgres(postgres)
      const run = { books, effects: place.effects(), fired, resolved, acknowledged }
      const { counts, doubles, losses } = reckon(run)
      printTally(`PostgreSQL ${name}`, {
        'an alert is refused after, ms': Math.round(refusedMs),
        'cycles missed of those scored meanwhile': `${went} of ${CYCLES_AWAY}`,
        'takes alerts again after, ms': Math.round(recoveredMs),
        ...counts,
      })
      expect(refused).toBe(503)
      expect(refusedMs).toBeLessThan(REFUSED_WITHIN_MS)
      expect(recoveredMs).toBeLessThan(RECOVERS_WITHIN_MS)
      expect(doubles).toEqual([])
      expect(losses).toEqual([])
      expect(counts['effects']).toBeGreaterThan(0)
    },
  )
})
