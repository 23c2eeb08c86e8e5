import { describe, expect, it } from 'vitest'
import { alertOf, NOON, openBench } from './testing/bench.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** An alert fires, and its incident waits; then its sender falls silent. */
async function silent(changes: Parameters<typeof alertOf>[1] = {}) {
  const bench = await openBench({ mode: 'observe' })
  const alert = alertOf('web', changes)
  await bench.responder.receiveAlerts([alert], 0, undefined)
  return {
    ...bench,
    alert,
    say: (reason?: string) => bench.responder.receiveAlerts([alert], 0, reason),
    async pass(ms: number) {
      await bench.clock.advance(ms)
      await bench.cycle([], ['web'])
    },
    web: () => bench.incident('web@node'),
  }
}

describe('an alert whose sender has died', () => {
  it('is taken for over after twelve hours, and the incident says why', async () => {
    const { pass, web, actions } = await silent()

    await pass(12 * HOUR)
    expect(await web()).toMatchObject({ state: 'opened' })
    await pass(HOUR)

    const { state, alerts, timeline } = await web()
    expect(state).toBe('recovered')
    expect(alerts).toMatchObject([{ status: 'resolved', lapsed: true, endsAt: NOON + 13 * HOUR }])
    expect(timeline.slice(-2)).toMatchObject([
      { kind: 'alert', text: 'MemoryLow: not said again in time, taken for over; its sender may be gone' },
      { kind: 'recovered', text: expect.stringContaining('its sender may be gone') },
    ])
    expect((await actions()).filter(({ createdAt }) => createdAt > NOON + 12 * HOUR)).toEqual([])
  })

  it('goes on while it is said again now and then, however rarely that is written down', async () => {
    const { pass, say, web } = await silent()

    for (let i = 0; i < 20; i++) {
      await pass(4 * HOUR)
      await say('repeat interval elapsed')
    }
    expect(await web()).toMatchObject({ state: 'opened', alerts: [{ status: 'firing' }] })
    await pass(12 * HOUR)
    expect(await web()).toMatchObject({ state: 'opened' })
    await pass(HOUR)

    expect(await web()).toMatchObject({ state: 'recovered' })
  })

  it('costs no write for each repetition', async () => {
    const { clock, say } = await silent()

    const written: number[] = []
    for (let i = 0; i < 20; i++) {
      await clock.advance(10 * MINUTE)
      written.push((await say()).incidents.length)
    }

    expect(written.filter((count) => count > 0)).toHaveLength(3)
  })

  it('ends when its sender said that it would, unless it is said again', async () => {
    const { pass, web } = await silent({ expiresAt: NOON + 5 * MINUTE })

    await pass(4 * MINUTE)
    expect(await web()).toMatchObject({ state: 'opened' })
    await pass(MINUTE)

    expect(await web()).toMatchObject({ state: 'recovered' })
  })

  it('lasts as long as its sender says anew', async () => {
    const { pass, web, responder, alert } = await silent({ expiresAt: NOON + 5 * MINUTE })
    await pass(4 * MINUTE)

    await responder.receiveAlerts([{ ...alert, expiresAt: NOON + 9 * MINUTE }], 0, undefined)
    await pass(4 * MINUTE)
    expect(await web()).toMatchObject({ state: 'opened' })
    await pass(MINUTE)

    expect(await web()).toMatchObject({ state: 'recovered' })
  })

  it('is news when its sender comes back', async () => {
    const { pass, say, web } = await silent()
    await pass(13 * HOUR)

    expect(await say()).toMatchObject({ taken: 1 })

    expect(await web()).toMatchObject({ state: 'opened', alerts: [{ status: 'firing' }] })
  })

  it('is news, too, when its incident is closed by then', async () => {
    const { pass, say, incidents } = await silent()
    await pass(13 * HOUR)
    await pass(11 * MINUTE)
    expect(await incidents()).toMatchObject([{ state: 'closed' }])

    await say()

    expect(await incidents()).toMatchObject([{ state: 'opened' }, { state: 'closed' }])
  })

  it('stays while an action is under way: to hear nothing is no proof that it helped', async () => {
    const bench = await openBench()
    await bench.cycles(2, [], ['web'])
    await bench.responder.receiveAlerts([alertOf('web', { expiresAt: NOON + 2 * MINUTE })], 0, undefined)
    await bench.cycles(2, [], ['web'])
    expect(await bench.incident('web@node')).toMatchObject({ state: 'acting' })
    await bench.cycles(8, [], ['web'])

    expect(await bench.incident('web@node')).toMatchObject({ state: 'acting', alerts: [{ status: 'firing' }] })
  })
})

it('an alert that was resolved is not brought back by a delivery that comes late', async () => {
  const { responder, alert, say, pass, incidents } = await silent()
  await responder.receiveAlerts([{ ...alert, status: 'resolved', endsAt: NOON + MINUTE }], 0, undefined)
  await pass(MINUTE)
  await pass(11 * MINUTE)

  expect(await say()).toMatchObject({ taken: 0 })

  expect(await incidents()).toMatchObject([{ state: 'closed' }])
})

describe('what is silenced where alerts are routed', () => {
  it('is left alone, and acted on when the silence is over', async () => {
    const bench = await openBench()
    bench.switches.quiet = 'silenced in Alertmanager by alice until 13:00: new disks'
    await bench.cycles(2)

    await bench.cycles(4, ['web'])
    expect(await bench.incident('web@node')).toMatchObject({
      state: 'opened',
      decision: { guard: 'maintenance', reason: expect.stringContaining('new disks') },
    })
    bench.switches.quiet = undefined
    await bench.cycles(1, ['web'])

    expect(await bench.incident('web@node')).toMatchObject({ state: 'acting' })
  })

  it('is asked about again when an action is about to begin', async () => {
    const bench = await openBench()
    await bench.cycles(2)
    await bench.cycles(2, ['web'])
    expect(await bench.incident('web@node')).toMatchObject({ state: 'acting' })

    bench.switches.unknown = 'Alertmanager could not be read for 2 min'
    await bench.heal()

    expect(bench.effects.done).toEqual([])
    expect(await bench.actions('web@node')).toContainEqual(
      expect.objectContaining({ state: 'REFUSED', reason: 'maintenance: Alertmanager could not be read for 2 min' }),
    )
  })
})
