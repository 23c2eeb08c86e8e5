import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { type Books, readSqlite } from './books.ts'
import { makePlace, type Place } from './effects.ts'
import { printTally, trials } from './scale.ts'
import { alert, message, post } from './sender.ts'

const SENDERS = 3
const COPIES = 100
const TARGETS = trials(10, 1000)

let place: Place
let daemon: Daemon
beforeEach(async () => {
  place = makePlace({ slowness: { before: 1, after: 0.5 } })
  daemon = await startDaemon({ config: place.config(), dataDir: `${place.dir}/data` })
  await daemon.ready()
})
afterEach(async () => {
  await daemon.stop()
  place.remove()
})

const books = (): Promise<Books> => readSqlite(`${place.dir}/data/homeostat.db`)

describe('what comes more than once, or in the wrong order', () => {
  it('is one incident and one action, however often and by how many it is said', async () => {
    const body = message(Array.from({ length: TARGETS }, (_, i) => alert(`copy-${i}`)))

    const senders = Array.from({ length: SENDERS }, async () => {
      const statuses: number[] = []
      await Promise.all(
        Array.from({ length: COPIES }, async () => {
          statuses.push(await post(daemon.url, body, 60_000))
        }),
      )
      return statuses
    })
    const statuses = (await Promise.all(senders)).flat()
    const acted = async () => new Set(place.effects()).size === TARGETS
    await daemon.waitFor('all effects', acted, { withinMs: 60_000 + 100 * TARGETS })
    expect(await post(daemon.url, body)).toBe(200)
    const cycles = async () => (await daemon.metric('homeostat_ticks_total')) ?? 0
    const until = (await cycles()) + 3
    await daemon.waitFor('three more cycles', async () => (await cycles()) >= until)

    const { incidents, actions } = await books()
    // What a guard refused at first stands in the ledger as well.
    const begun = actions.filter(({ startedAt }) => startedAt !== undefined)
    const ours = incidents.filter(({ target }) => target.startsWith('copy-'))
    printTally(`the same ${TARGETS} alerts ${COPIES} times at once from each of ${SENDERS} senders`, {
      requests: statuses.length,
      'taken as new (202)': statuses.filter((status) => status === 202).length,
      'known (200)': statuses.filter((status) => status === 200).length,
      incidents: ours.length,
      'actions begun': begun.length,
      effects: place.effects().length,
    })
    expect(statuses.filter((status) => status === 202)).toHaveLength(1)
    expect(statuses.filter((status) => status === 200)).toHaveLength(SENDERS * COPIES - 1)
    expect(ours).toHaveLength(TARGETS)
    expect(new Set(begun.map(({ target }) => target)).size).toBe(TARGETS)
    expect(begun).toHaveLength(TARGETS)
    expect(place.effects().sort()).toEqual(Array.from({ length: TARGETS }, (_, i) => `copy-${i}`).sort())
  })

  it('resolved before it fires opens nothing, also when it fires late', async () => {
    expect(await post(daemon.url, message([alert('early', 'resolved')]))).toBe(202)
    expect(await post(daemon.url, message([alert('early')]))).toBe(200)
    expect(await post(daemon.url, message([alert('later')]))).toBe(202)

    await daemon.waitFor('the effect on another', () => place.effects().includes('later'))

    const { incidents } = await books()
    expect(incidents.map(({ target }) => target).filter((target) => target.startsWith('early'))).toEqual([])
    expect(place.effects()).toEqual(['later'])
  })

  it('resolved while its action is under way ends with that action, and nothing more is done', async () => {
    const state = async () => (await books()).actions[0]?.state
    await post(daemon.url, message([alert('web-1')]))
    await daemon.waitFor('the start', async () => (await state()) === 'STARTED', { withinMs: 20_000, everyMs: 10 })

    expect(await post(daemon.url, message([alert('web-1', 'resolved')]))).toBe(202)

    await daemon.waitFor('the proof', async () => (await state()) === 'VERIFIED')
    const { incidents, actions } = await books()
    expect(actions).toHaveLength(1)
    expect(incidents.find(({ target }) => target === 'web-1@chaos')?.state).toBe('recovered')
    expect(place.effects()).toEqual(['web-1'])
  })
})
