import { describe, expect, it } from 'vitest'
import { EffectError } from './effects.ts'
import { BOUNDARIES } from './heal-dependencies.ts'
import { JournalError } from './journal.ts'
import { alertOf, type BenchOptions, NOON, openBench } from './testing/bench.ts'

const MINUTE = 60_000

/** A bench on which an action on `web` has just been planned. */
async function planned(options: BenchOptions = {}) {
  const bench = await openBench(options)
  await bench.cycles(2)
  await bench.cycles(2, ['web'])
  return bench
}

const states = (actions: readonly { state: string }[]) => actions.map(({ state }) => state)
const kinds = ({ timeline }: { timeline: readonly { kind: string }[] }) => timeline.map(({ kind }) => kind)

describe('a planned action', () => {
  it('is done once, and verified by the signal that began it', async () => {
    const bench = await planned()

    await bench.heal()
    expect(bench.effects.done).toMatchObject([{ action: 'restart', target: { id: 'web@node' } }])
    expect(await bench.actions()).toMatchObject([{ state: 'SUCCEEDED', call: 'restart web@node' }])
    expect(await bench.incident('web@node')).toMatchObject({ state: 'verifying' })
    await bench.cycles(2, [], ['web'])
    await bench.heal()

    expect(await bench.actions()).toMatchObject([{ state: 'VERIFIED', reason: 'recovered: back to normal, level 0.5' }])
    expect(await bench.incident('web@node')).toMatchObject({ state: 'recovered' })
    expect(states(bench.transitions)).toEqual(['CLAIMED', 'STARTED', 'SUCCEEDED', 'VERIFIED'])
    const messages = await bench.messages()
    expect(messages.map(({ kind }) => kind)).toEqual(['detected', 'acting', 'acted', 'recovered'])
    expect(messages.slice(2).map(({ text }) => text)).toEqual([
      'restart was done: restart of web@node done',
      'restart helped: recovered: back to normal, level 0.5',
    ])
    expect(bench.troubles).toEqual([])
  })

  it('is not verified by data that are older than it', async () => {
    const bench = await planned()
    bench.effects.onRun = async () => {
      await bench.cycle([], ['web'])
      await bench.clock.advance(1000)
      return { message: 'done' }
    }

    await bench.heal()
    await bench.clock.advance(16_000)
    await bench.heal()

    expect(states(await bench.actions())).toEqual(['SUCCEEDED'])
  })

  it('is not begun any more when the target has recovered by itself', async () => {
    const bench = await planned()
    await bench.cycles(1, [], ['web'])

    await bench.heal()

    expect(bench.effects.done).toEqual([])
    expect(await bench.actions()).toMatchObject([{ state: 'EXPIRED' }])
    expect(await bench.incident('web@node')).toMatchObject({ state: 'recovered' })
  })

  it('is not begun when somebody freezes at the last moment', async () => {
    const bench = await planned()
    bench.switches.atBoundary = (boundary) => {
      if (boundary === 'prepared') bench.switches.freeze = { by: 'file', reason: 'stop', at: NOON }
    }

    await bench.heal()

    expect(bench.effects.done).toEqual([])
    expect(await bench.actions()).toMatchObject([{ state: 'REFUSED', reason: 'kill_switch: frozen by file: stop' }])
    expect(await bench.incident('web@node')).toMatchObject({ state: 'opened' })
  })

  it('is refused when it turns out that nothing is mapped', async () => {
    const bench = await planned()
    bench.effects.onPrepare = () => Promise.reject(new EffectError('unmapped', 'no', 'no container of this name'))

    await bench.heal()

    expect(await bench.actions()).toMatchObject([{ state: 'REFUSED', reason: 'no container of this name' }])
  })

  it('calls a person when it does not help', async () => {
    const bench = await planned()
    await bench.heal()

    await bench.cycles(9, ['web'])
    await bench.heal()

    expect((await bench.actions()).at(-1)).toMatchObject({
      state: 'ESCALATED',
      reason: expect.stringContaining('unchanged, level 4'),
    })
    expect(await bench.incident('web@node')).toMatchObject({ state: 'escalated', step: 1 })
    expect((await bench.messages()).at(-1)).toMatchObject({ kind: 'escalated' })
    await bench.cycles(10, ['web'])
    expect(bench.effects.done).toHaveLength(1)
  })

  it('is followed by the next step of the ladder, and then by a person', async () => {
    const bench = await planned({ steps: ['restart', 'scale_up'] })
    await bench.heal()
    await bench.cycles(9, ['web'])
    await bench.heal()
    expect(await bench.incident('web@node')).toMatchObject({ state: 'opened', step: 1 })

    await bench.cycles(1, ['web'])
    await bench.heal()
    await bench.cycles(9, ['web'])
    await bench.heal()

    expect(bench.effects.done.map(({ action }) => action)).toEqual(['restart', 'scale_up'])
    expect(await bench.incident('web@node')).toMatchObject({ state: 'escalated', step: 2 })
  })

  it('is taken back before the next step when it does not help', async () => {
    const bench = await planned({ steps: ['throttle', 'restart'] })
    bench.effects.onRun = async () => ({ message: 'limited', undo: { limit: 0 } })
    await bench.heal()

    await bench.cycles(9, ['web'])
    await bench.heal()
    await bench.heal()

    expect(bench.effects.undone).toEqual([{ limit: 0 }])
    const [undo, first] = await bench.actions()
    expect(first).toMatchObject({ action: 'throttle', state: 'ESCALATED' })
    await bench.heal()
    expect(await bench.actions()).toMatchObject([
      { id: undo.id, state: 'VERIFIED', call: 'undo throttle web@node' },
      {},
    ])
    expect(await bench.incident('web@node')).toMatchObject({ state: 'opened', step: 1 })
  })

  it('that failed is not waited for', async () => {
    const bench = await planned()
    bench.effects.onRun = () => Promise.reject(new EffectError('rejected', 'no', 'docker said no'))

    await bench.heal()
    await bench.heal()

    expect(await bench.actions()).toMatchObject([
      { state: 'ESCALATED', reason: expect.stringContaining('docker said no') },
    ])
  })

  it('of which nobody knows whether it happened is looked at, and never done again', async () => {
    const bench = await planned()
    bench.effects.onRun = () => Promise.reject(new EffectError('timeout', 'unknown', 'no answer'))

    await bench.heal()
    expect(states(await bench.actions())).toEqual(['UNKNOWN'])
    await bench.cycles(2, [], ['web'])
    await bench.heal()

    expect(states(await bench.actions())).toEqual(['VERIFIED'])
    expect(bench.effects.done).toHaveLength(1)
  })

  it('that does not end is given up a little after its timeout', async () => {
    const bench = await planned()
    bench.effects.onRun = () => new Promise(() => {})
    await bench.healer.round()

    await bench.clock.advance(35_000)
    await bench.clock.advance(2_000)
    await bench.healer.idle()

    expect(await bench.actions()).toMatchObject([{ state: 'UNKNOWN', reason: 'it did not end in time' }])
  })

  it('that ends a little after its timeout says itself what happened', async () => {
    const bench = await planned()
    bench.effects.onRun = async () => {
      await bench.clock.sleep(32_000)
      throw new EffectError('timeout', 'unknown', 'it took too long; its processes were killed')
    }
    await bench.healer.round()

    await bench.clock.advance(32_000)
    await bench.healer.idle()

    expect(await bench.actions()).toMatchObject([{ state: 'UNKNOWN', reason: expect.stringContaining('killed') }])
  })

  it('is verified by a PromQL expression where its rule has one', async () => {
    const bench = await planned({ promql: 'up == 1' })
    await bench.heal()
    bench.switches.holds = false
    await bench.clock.advance(20_000)
    await bench.heal()
    expect(states(await bench.actions())).toEqual(['SUCCEEDED'])

    bench.switches.holds = true
    await bench.heal()

    expect(await bench.actions()).toMatchObject([{ state: 'VERIFIED', reason: 'recovered: up == 1 holds' }])
  })

  it('is verified only when the alert that began it is resolved', async () => {
    const bench = await openBench()
    await bench.cycles(2, [], ['web'])
    await bench.responder.receiveAlerts([alertOf('web')], 0, undefined)
    await bench.cycles(2, [], ['web'])
    await bench.heal()
    await bench.cycles(2, [], ['web'])
    await bench.heal()
    expect(states(await bench.actions())[0]).toBe('SUCCEEDED')

    const endsAt = bench.clock.now()
    await bench.responder.receiveAlerts([alertOf('web', { status: 'resolved', endsAt })], 0, undefined)
    await bench.heal()

    expect(states(await bench.actions())[0]).toBe('VERIFIED')
    expect(bench.effects.done).toHaveLength(1)
  })
})

describe('what waits for a person', () => {
  it('shows the exact call, and expires when nobody answers', async () => {
    const bench = await planned({ mode: 'approve' })
    await bench.heal()
    expect(await bench.actions()).toMatchObject([{ state: 'AWAITING_APPROVAL', call: 'restart web@node' }])

    await bench.cycles(40, ['web'])
    await bench.heal()

    expect(await bench.actions()).toMatchObject([{ state: 'EXPIRED', reason: 'nobody answered in time' }])
    expect(await bench.incident('web@node')).toMatchObject({ state: 'escalated' })
    expect(bench.effects.done).toEqual([])
  })

  it('is dropped when the target is well again', async () => {
    const bench = await planned({ mode: 'approve' })
    await bench.cycles(1, [], ['web'])

    await bench.heal()

    expect(await bench.actions()).toMatchObject([{ state: 'EXPIRED', reason: 'the target is well again' }])
    expect(await bench.incident('web@node')).toMatchObject({ state: 'recovered' })
  })

  it('is over for people, too, when the target is well again', async () => {
    const bench = await planned({ mode: 'approve' })
    await bench.cycles(1, [], ['web'])

    await bench.heal()

    const messages = await bench.messages()
    expect(messages.map(({ kind }) => kind)).toEqual(['detected', 'waiting', 'recovered'])
    expect(messages.at(-1)).toMatchObject({ text: 'restart was not done: the target is well again' })
  })
})

describe('what is only recorded', () => {
  it.each([
    ['observe', []],
    ['suggest', ['proposed']],
  ] as const)('has the exact call, and people are told as the mode %s says', async (mode, told) => {
    const bench = await planned({ mode })

    await bench.heal()

    expect(await bench.actions()).toMatchObject([{ state: 'DRY_RUN', call: 'restart web@node' }])
    expect(bench.effects.done).toEqual([])
    const messages = await bench.messages()
    expect(messages.map(({ kind }) => kind).filter((kind) => kind === 'proposed')).toEqual(told)
  })
})

describe('a fleet that falls ill while an action is planned', () => {
  it('freezes all when the action is about to begin', async () => {
    const bench = await openBench({ others: 15 })
    await bench.cycles(2)
    await bench.cycles(2, ['web'])
    const ill = ['b', 'c', 'd', 'e'].map((name) => alertOf(name))
    await bench.responder.receiveAlerts(ill, 0, undefined)

    await bench.heal()

    const [action] = await bench.actions('web@node')
    expect(action).toMatchObject({
      state: 'REFUSED',
      reason: expect.stringMatching(/^fleet_breaker: 5 of 2\d targets/),
    })
    expect(await bench.store.transaction((entries) => entries.freeze())).toMatchObject({
      by: 'homeostat',
      reason: expect.stringContaining('unfreeze'),
    })
    expect((await bench.messages()).map(({ kind }) => kind)).toContain('suspended')
    expect(bench.effects.done).toEqual([])
  })
})

describe('a process that dies', () => {
  it.each(BOUNDARIES.slice(0, 3))('at “%s” leaves an action that the next one does once, at once', async (where) => {
    const bench = await planned()
    bench.switches.atBoundary = (boundary) => {
      if (boundary === where) throw new Error('killed')
    }
    await bench.heal()
    expect(bench.effects.done).toEqual([])

    bench.switches.atBoundary = undefined
    bench.restart()
    await bench.heal()
    await bench.heal()

    expect(bench.effects.done).toHaveLength(1)
  })

  it.each(['started', 'ran'])('at “%s” leaves one that nobody does again', async (where) => {
    const bench = await planned()
    bench.switches.atBoundary = (boundary) => {
      if (boundary === where) throw new Error('killed')
    }
    await bench.heal()
    const done = bench.effects.done.length

    bench.switches.atBoundary = undefined
    bench.restart()
    await bench.heal()
    expect((await bench.actions()).at(-1)).toMatchObject({ state: 'UNKNOWN' })
    await bench.cycles(2, [], ['web'])
    await bench.heal()

    expect(bench.effects.done).toHaveLength(done)
    expect((await bench.actions()).at(-1)).toMatchObject({ state: 'VERIFIED' })
  })
})

describe('the executor', () => {
  it('suspends itself after five failures in a row, until a person unfreezes', async () => {
    const bench = await openBench({ limits: { concurrency: { target: 1, group: 9, all: 9 } }, others: 60 })
    bench.effects.onRun = () => Promise.reject(new EffectError('rejected', 'no', 'no'))
    await bench.cycles(2)
    await bench.cycles(2, ['a', 'b', 'c', 'd', 'e'])

    await bench.heal()

    const freeze = await bench.store.transaction((entries) => entries.freeze())
    expect(freeze).toMatchObject({ by: 'homeostat', reason: expect.stringContaining('last 5 actions') })
    expect((await bench.messages()).map(({ kind }) => kind)).toContain('suspended')
    await bench.cycles(3, ['f'])
    await bench.heal()
    expect(bench.effects.done).toHaveLength(5)
    await bench.store.transaction((entries) => entries.setFreeze(undefined, bench.clock.now()))
    await bench.clock.advance(MINUTE)
    await bench.cycles(3, ['g'])
    await bench.heal()
    expect(bench.effects.done).toHaveLength(6)
  })

  it('steps a rule down when what it did has not helped', async () => {
    const bench = await planned()
    await bench.heal()
    await bench.cycles(9, ['web'])
    await bench.heal()

    const standings = await bench.store.transaction((entries) => entries.standings())

    expect(standings).toMatchObject([{ rule: 'only', group: 'node', mode: 'approve' }])
  })

  it('does nothing while the store fails, and goes on when it is back', async () => {
    const bench = await planned()
    const { store } = bench
    const { transaction } = store
    const failing = new JournalError('full', 'the disk is full')
    Object.assign(store, { transaction: () => Promise.reject(failing) })

    await bench.heal()
    expect(bench.effects.done).toEqual([])
    expect(bench.troubles).toEqual([failing])
    Object.assign(store, { transaction })
    await bench.heal()

    expect(bench.effects.done).toHaveLength(1)
  })

  it('stops at once with nothing under way', async () => {
    const bench = await openBench()
    const running = bench.healer.run()

    await bench.healer.stop()

    await expect(running).resolves.toBeUndefined()
  })

  it('lets what is under way end when it is stopped, and begins nothing more', async () => {
    const bench = await planned()
    const effect = Promise.withResolvers<{ message: string }>()
    bench.effects.onRun = () => effect.promise
    await bench.healer.round()

    const stopped = bench.healer.stop()
    effect.resolve({ message: 'done' })
    await stopped

    expect(states(await bench.actions())).toEqual(['SUCCEEDED'])
  })

  it('cuts off what does not end, and nobody knows what became of it', async () => {
    const bench = await planned()
    bench.effects.onRun = () => new Promise(() => {})
    await bench.healer.round()

    const stopped = bench.healer.stop()
    await bench.clock.advance(0)
    await bench.clock.advance(25_000)
    await bench.clock.advance(2_000)
    await stopped

    expect(await bench.actions()).toMatchObject([{ state: 'UNKNOWN', reason: expect.stringContaining('stopped') }])
    expect(bench.healer.underWay).toBe(0)
  })

  it('lets what is cut off clear up after itself', async () => {
    const bench = await planned()
    bench.effects.onRun = (_request, signal) =>
      new Promise((_resolve, reject) => {
        const killed = new EffectError('unavailable', 'unknown', 'its processes were killed')
        signal.addEventListener('abort', () => void bench.clock.sleep(1_200).then(() => reject(killed)))
      })
    await bench.healer.round()

    const stopped = bench.healer.stop()
    await bench.clock.advance(0)
    await bench.clock.advance(25_000)
    await bench.clock.advance(1_200)
    await stopped

    expect(await bench.actions()).toMatchObject([{ state: 'UNKNOWN', reason: 'its processes were killed' }])
  })
})

it('the timeline of an incident tells the whole story', async () => {
  const bench = await planned()
  await bench.heal()
  await bench.cycles(2, [], ['web'])
  await bench.heal()
  await bench.clock.advance(11 * MINUTE)
  await bench.cycles(1, [], ['web'])

  const incident = await bench.incident('web@node')

  expect(kinds(incident)).toEqual([
    'opened',
    'diagnosed',
    'decided',
    'decided',
    'action',
    'action',
    'action',
    'action',
    'anomaly',
    'action',
    'recovered',
    'closed',
  ])
  expect(incident.state).toBe('closed')
})
