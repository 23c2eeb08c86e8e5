import { describe, expect, it } from 'vitest'
import type { Suppressions } from '../domain/suppression.ts'
import { ObserveError } from '../observe/error.ts'
import { manualClock } from '../pipeline/testing/manual-clock.ts'
import { createLogger } from '../platform/logger.ts'
import { createMetrics } from '../platform/metrics.ts'
import { createAlertmanagerWatch, suppressionReaders } from './alertmanager-watch.ts'
import { configOf, environmentOf } from './testing/effects-of.ts'

const NOON = Date.parse('2026-11-21T12:00:00Z')
const DOWN = new ObserveError('unreachable', 'cannot read from Alertmanager at http://am: connection refused')
const silence = { id: 's', matches: () => true, startsAt: 0, endsAt: 1, active: true, by: 'alice', comment: '' }

/** A watch over members whose answers can be changed, begun at noon. */
async function begun(whenUnreadable: 'refuse' | 'act', members: (Suppressions | Error)[]) {
  const urls = members.map((_, i) => `http://am-${i}:9093`).join()
  const config = configOf(
    `remediation: { maintenance: { alertmanager: { urls: [${urls}], when_unreadable: ${whenUnreadable} } } }`,
  )
  const clock = manualClock(NOON)
  const log: { msg: string; level: string }[] = []
  const metrics = createMetrics({ now: clock.now, version: '0', node: '0' })
  const logger = createLogger('info', { write: (line: string) => log.push(JSON.parse(line)) })
  let closed = 0
  const readers = members.map((_, i) => ({
    async read() {
      const answer = members[i]
      if (answer instanceof Error) throw answer
      return answer
    },
    close: () => void closed++,
  }))
  const watch = createAlertmanagerWatch(config, readers, { clock, logger, metrics })
  const before = watch.unknown(NOON)
  watch.run()
  await clock.advance(0)
  return {
    watch,
    clock,
    members,
    before,
    closed: () => closed,
    logged: () => log.map(({ msg }) => msg),
    up: async () => /^homeostat_alertmanager_up (\d)$/m.exec(await metrics.registry.metrics())?.[1],
    pass: async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 15_000) await clock.advance(15_000)
    },
  }
}

const NOTHING = { silences: [], alerts: [] }

describe('the watch over Alertmanager', () => {
  it('takes together what the members of a cluster say', async () => {
    const { watch, up } = await begun('refuse', [{ ...NOTHING, silences: [silence] }, NOTHING, DOWN])

    expect(watch.suppressions?.silences).toEqual([silence])
    expect(watch.unknown(NOON)).toBeUndefined()
    expect(await up()).toBe('1')
  })

  it('knows nothing before the first answer', async () => {
    const { before, watch } = await begun('refuse', [NOTHING])

    expect(before).toMatch(/could not be read yet/)
    expect(watch.unknown(NOON)).toBeUndefined()
  })

  it('goes on with what it knows for a minute, then says once that it knows nothing, until it does again', async () => {
    const { watch, members, pass, clock, logged, up } = await begun('refuse', [{ ...NOTHING, silences: [silence] }])
    members[0] = DOWN

    await pass(60_000)
    expect(watch.unknown(clock.now())).toBeUndefined()
    expect(watch.suppressions?.silences).toEqual([silence])
    await pass(60_000)
    expect(watch.unknown(clock.now())).toMatch(/could not be read for 2 min/)
    expect(await up()).toBe('0')
    members[0] = NOTHING
    await pass(15_000)

    expect(watch.unknown(clock.now())).toBeUndefined()
    expect(watch.suppressions).toEqual(NOTHING)
    expect(logged()).toEqual([
      'an Alertmanager cannot be read; what was read last counts for a while',
      'no Alertmanager can be read: nobody knows what is silenced',
      'every Alertmanager is read again',
      'what is silenced is known again',
    ])
  })

  it('lets actions go on without it where that is wanted', async () => {
    const { watch, before, pass, clock, logged } = await begun('act', [DOWN])

    await pass(120_000)

    expect([before, watch.unknown(clock.now())]).toEqual([undefined, undefined])
    expect(logged()).toContain('no Alertmanager can be read: nobody knows what is silenced')
  })

  it('ends when it is stopped', async () => {
    const { watch, closed, members, pass } = await begun('refuse', [NOTHING])

    await watch.stop()
    members[0] = { ...NOTHING, silences: [silence] }
    await pass(60_000)

    expect(closed()).toBe(1)
    expect(watch.suppressions).toEqual(NOTHING)
  })

  it('asks nobody where none is named', async () => {
    const { watch, up } = await begun('refuse', [])

    expect(watch.unknown(NOON)).toBeUndefined()
    expect(watch.suppressions).toBeUndefined()
    expect(await up()).toBeUndefined()
  })
})

it('needs the secrets that the configuration names', () => {
  const text = `
remediation:
  maintenance:
    alertmanager:
      urls: [http://am:9093]
      authorization: { credentials_file: /run/secrets/am }
`
  const config = configOf(text)

  expect(suppressionReaders(configOf(''), environmentOf())).toEqual([])
  expect(suppressionReaders(config, environmentOf({ '/run/secrets/am': 'hunter2' }))).toHaveLength(1)
  expect(() => suppressionReaders(config, environmentOf())).toThrow(/\/run\/secrets\/am/)
})
