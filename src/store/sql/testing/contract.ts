import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Action, COUNTED_STATES } from '../../../domain/action.ts'
import type { Incident } from '../../../domain/incident.ts'
import type { Message } from '../../../domain/message.ts'
import type { JournalEntries } from '../../../pipeline/journal.ts'
import type { Store } from '../store.ts'
import { action, incident, message, NOON } from './documents.ts'

const DAY_MS = 86_400_000

/** A new, empty store; two processes where the database allows that. */
export interface Bench {
  readonly store: Store
  /** Another process on the same database, or the same one. */
  readonly other: Store
  /** Lets the database's clock run ahead, as leases see it. */
  advance(ms: number): Promise<void>
  /** Runs SQL behind the store's back. */
  run(statement: string): Promise<void>
  close(): Promise<void>
}

const recovered = (one: Incident, at: number): Incident => ({ ...one, state: 'recovered', endedAt: at })
const closed = (one: Incident, at = NOON): Incident => ({ ...one, state: 'closed', endedAt: at })

/** What every store must do, whatever its database. */
export function describeStore(name: string, setUp: () => Promise<Bench>): void {
  describe(name, () => {
    let bench: Bench
    let store: Store
    let other: Store
    beforeEach(async () => {
      bench = await setUp()
      ;({ store, other } = bench)
    })
    afterEach(() => bench.close())

    const look = <T>(ask: (entries: JournalEntries) => Promise<T>) => other.transaction(ask)

    describe('transactions', () => {
      it('keep nothing of work that fails, and hand its error on', async () => {
        const failure = new Error('no')

        const work = store.transaction(async (entries) => {
          await entries.saveIncidents([incident('i')])
          await entries.plan(action('a'))
          await entries.noteDeliveries(['d'], NOON)
          await entries.say([message('m')])
          throw failure
        })

        await expect(work).rejects.toBe(failure)
        await look(async (entries) => {
          expect(await entries.incidents({ limit: 10 })).toEqual([])
          expect(await entries.actions({ limit: 10 })).toEqual([])
          expect(await entries.noteDeliveries(['d'], NOON)).toEqual(new Set(['d']))
        })
        expect(await store.unrouted(10)).toEqual([])
        expect(await store.verifyAudit()).toEqual({ ok: true, entries: 0 })
      })

      it('wait for each other, so that nothing is written over', async () => {
        await store.transaction((entries) => entries.saveIncidents([incident('i')]))

        const add = (by: Store) =>
          by.transaction(async (entries) => {
            const [found] = await entries.ongoing(['i'])
            await entries.saveIncidents([{ ...found, attempts: found.attempts + 1 }])
          })
        await Promise.all(Array.from({ length: 20 }, (_, i) => add(i % 2 ? store : other)))

        expect(await look((entries) => entries.incident('i'))).toMatchObject({ attempts: 20 })
      })

      it('refuse calls from inside, which would wait for ever, and not those set off for later', async () => {
        const refused = { name: 'JournalError', reason: 'internal' }
        let later: Promise<unknown> | undefined

        await expect(store.transaction(() => store.transaction(async () => 1))).rejects.toMatchObject(refused)
        await expect(store.transaction(() => store.unrouted(1))).rejects.toMatchObject(refused)
        let done = () => {}
        const ended = new Promise<void>((resolve) => {
          done = resolve
        })
        await store.transaction(async () => {
          later = ended.then(() => store.unrouted(1))
        })
        done()

        expect(await later).toEqual([])
      })
    })

    describe('incidents', () => {
      it('come back as they were, NaN and labels with odd names included', async () => {
        const labels = Object.fromEntries([
          ['__proto__', 'a'],
          ['toString', 'b\0c'],
          ['ü \n', '\ud800'],
        ])
        const first = { ...recovered(incident('i'), NOON + 1000), labels, feedback: { useful: false, at: NOON } }

        await store.transaction((entries) => entries.saveIncidents([first]))
        const kept = await look((entries) => entries.incident('i'))

        expect(kept).toEqual(first)
        expect(Object.keys(kept!.labels)).toEqual(['__proto__', 'toString', 'ü \n'])
      })

      it('can be read whatever number in them went wrong', async () => {
        const entry = { at: Number.NaN, kind: 'rose', by: 'homeostat', text: '', data: { level: Number.NaN } } as const
        const odd = { ...incident('i'), level: Number.NaN, step: Number.NaN, timeline: [entry] }

        await store.transaction((entries) => entries.saveIncidents([odd]))

        expect(await look((entries) => entries.ongoing())).toEqual([odd])
      })

      it('are listed newest first, by target, state and page', async () => {
        const all = ['1', '2', '3', '4'].map((id) => closed(incident(id, id === '2' ? 'db' : 'web')))
        await store.transaction((entries) => entries.saveIncidents([...all, incident('0', 'db')]))

        const ids = async (query: Parameters<JournalEntries['incidents']>[0]) =>
          (await look((entries) => entries.incidents(query))).map(({ id }) => id)

        expect(await ids({ limit: 3 })).toEqual(['4', '3', '2'])
        expect(await ids({ limit: 3, before: '3' })).toEqual(['2', '1', '0'])
        expect(await ids({ limit: 2, target: 'web' })).toEqual(['4', '3'])
        const latest = await look((entries) => entries.latestOf(['web', 'db', 'nobody', 'web'], 2))
        expect(latest.map(({ id }) => id)).toEqual(['4', '3', '2', '0'])
        expect(await ids({ limit: 9, states: ['opened', 'recovered'] })).toEqual(['0'])
        expect(await ids({ limit: 9, states: ['closed'], target: 'db' })).toEqual(['2'])
        expect(await ids({ limit: 9, states: [] })).toEqual([])
      })

      it('are ongoing until they are closed, of all targets or of some', async () => {
        const long = 'x'.repeat(5000)
        const over = closed(incident('3', 'c'))
        await store.transaction((entries) =>
          entries.saveIncidents([incident('1', 'a'), recovered(incident('2', long), NOON), over]),
        )

        const ids = async (targets?: string[]) => (await look((e) => e.ongoing(targets))).map(({ id }) => id)

        expect(await ids()).toEqual(['2', '1'])
        expect(await ids([long, 'c', `${long}y`])).toEqual(['2'])
        expect(await ids([])).toEqual([])
      })

      it('since a time are those that opened or were open after it', async () => {
        const over = closed(incident('1'), NOON + 10)
        await store.transaction((entries) => entries.saveIncidents([over, incident('2', '2', NOON - DAY_MS)]))

        const ids = async (at: number) => (await look((e) => e.incidentsSince(at))).map(({ id }) => id)

        expect(await ids(NOON)).toEqual(['2', '1'])
        expect(await ids(NOON + 10)).toEqual(['2'])
      })

      it('are one a target at most while they go on', async () => {
        await store.transaction((entries) => entries.saveIncidents([incident('1', 'web')]))

        const second = other.transaction((entries) => entries.saveIncidents([incident('2', 'web')]))

        await expect(second).rejects.toMatchObject({ name: 'JournalError', reason: 'conflict' })
        const swap = [incident('2', 'web'), closed(incident('1', 'web'))]
        await other.transaction((entries) => entries.saveIncidents(swap))
        expect(await look((entries) => entries.ongoing())).toEqual([swap[0]])
      })

      it('are seen in their newest version, whoever wrote it, and not in one that was taken back', async () => {
        const versions = (level: number) => [{ ...incident('a'), level }]
        await store.transaction((entries) => entries.saveIncidents([...versions(1), incident('b')]))
        const before = await look((entries) => entries.ongoing())

        const failing = store.transaction(async (entries) => {
          await entries.saveIncidents(versions(2))
          expect((await entries.ongoing()).at(-1)?.level).toBe(2)
          throw new Error('taken back')
        })
        await expect(failing).rejects.toThrow('taken back')
        expect(await look((entries) => entries.ongoing())).toEqual(before)
        await other.transaction((entries) => entries.saveIncidents(versions(3)))

        const levels = (await look((entries) => entries.ongoing())).map(({ level }) => level)
        expect(levels).toEqual([before[0].level, 3])
      })

      it('keep their alerts and timelines in order, whatever is added, replaced or left out, and by whom', async () => {
        const alert = (name: string, status: 'firing' | 'resolved' = 'firing') => {
          return {
            source: 'grafana',
            fingerprint: name,
            status,
            labels: { name },
            startsAt: 1,
            name,
            summary: '',
          } as const
        }
        const entry = (text: string) => ({ at: NOON, kind: 'alert', by: 'x', text, data: {} }) as const
        const lists = async (ask: Store) => {
          const [{ alerts, timeline }] = await ask.transaction((entries) => entries.ongoing(['i']))
          return [...alerts, ...timeline]
            .map((one) => ('name' in one ? `${one.name} ${one.status}` : one.text))
            .join(', ')
        }
        const change = (by: Store, of: (one: Incident) => Partial<Incident>) =>
          by.transaction(async (entries) => {
            const [found] = await entries.ongoing(['i'])
            await entries.saveIncidents([{ ...found, ...of(found) }])
          })
        const first = { ...incident('i'), alerts: [alert('a'), alert('b')], timeline: [entry('1'), entry('2')] }
        await store.transaction((entries) => entries.saveIncidents([first]))

        await change(store, ({ alerts, timeline }) => {
          return { alerts: [alert('a', 'resolved'), alerts[1], alert('c')], timeline: [timeline[0], entry('3')] }
        })
        expect([await lists(store), await lists(other)]).toEqual(Array(2).fill('a resolved, b firing, c firing, 1, 3'))
        await change(other, ({ alerts, timeline }) => {
          return { alerts: [alerts[1], alert('d'), alerts[2], alerts[0]], timeline: [...timeline.slice(1), entry('4')] }
        })
        expect([await lists(store), await lists(other)]).toEqual(
          Array(2).fill('b firing, d firing, c firing, a resolved, 3, 4'),
        )
        await store.transaction((entries) => entries.saveIncidents([{ ...incident('i'), alerts: [alert('e')] }]))
        expect([await lists(store), await lists(other)]).toEqual(Array(2).fill('e firing, level 2'))
        await store.transaction((entries) => entries.saveIncidents([closed({ ...first, alerts: [] })]))
        expect((await look((entries) => entries.incident('i')))?.timeline).toEqual(first.timeline)
      })

      it('may be many at once', async () => {
        const many = Array.from({ length: 2000 }, (_, i) => incident(`${10_000 + i}`))
        await store.transaction((entries) => entries.saveIncidents(many))

        const kept = await look((entries) => entries.ongoing(many.map(({ target }) => target)))

        expect(kept).toEqual(many.reverse())
      })
    })

    describe('deliveries of alerts', () => {
      it('are new once', async () => {
        const note = (keys: string[]) => look((entries) => entries.noteDeliveries(keys, NOON))

        expect(await note(['a', 'b', 'a'])).toEqual(new Set(['a', 'b']))
        expect(await note(['b', 'c'])).toEqual(new Set(['c']))
        expect(await note([])).toEqual(new Set())
      })

      it('are new for one of many who bring them at the same time', async () => {
        const note = (by: Store) => by.transaction((entries) => entries.noteDeliveries(['a', 'b'], NOON))

        const found = await Promise.all(Array.from({ length: 20 }, (_, i) => note(i % 2 ? store : other)))

        expect(found.map(({ size }) => size).sort()).toEqual([...Array(19).fill(0), 2])
      })
    })

    describe('the ledger', () => {
      const plan = (...actions: Action[]) =>
        store.transaction(async (entries) => {
          const planned: boolean[] = []
          for (const one of actions) planned.push(await entries.plan(one))
          return planned
        })
      const claim = (id: string, owner = 'me', leaseMs = 60_000, by = store) =>
        by.transaction((entries) => entries.claim(id, owner, leaseMs))
      const start = (id: string, epoch: number, by = store) =>
        by.transaction((entries) => entries.start(id, epoch, NOON + 5000, { call: 'docker restart web' }))

      it('takes one plan of a key', async () => {
        const twin = action('b', { key: 'key-a', target: 'elsewhere' })

        expect(await plan(action('a'), twin)).toEqual([true, false])
        expect(await look((entries) => entries.actions({ limit: 9 }))).toEqual([action('a')])
      })

      it('takes one plan of a key that many bring at the same time', async () => {
        const bring = (i: number) =>
          (i % 2 ? store : other).transaction((entries) => entries.plan(action(`${i}`, { key: 'same' })))

        const planned = await Promise.all(Array.from({ length: 20 }, (_, i) => bring(i)))

        expect(planned.filter(Boolean)).toHaveLength(1)
        expect(await look((entries) => entries.actions({ limit: 99 }))).toHaveLength(1)
      })

      it('finds actions by incident, target, state, time and page', async () => {
        const done = action('3', { incidentId: undefined, state: 'DRY_RUN', target: 'web', createdAt: NOON + 1 })
        await plan(action('1', { target: 'web', action: 'alert' }), action('2'), done)

        const ids = async (query: object) =>
          (await look((entries) => entries.actions({ limit: 9, ...query }))).map(({ id }) => id)

        expect(await ids({})).toEqual(['3', '2', '1'])
        expect(await ids({ limit: 2 })).toEqual(['3', '2'])
        expect(await ids({ incidentId: 'incident-2' })).toEqual(['2'])
        expect(await ids({ target: 'web' })).toEqual(['3', '1'])
        expect(await ids({ states: ['PLANNED'] })).toEqual(['2', '1'])
        expect(await ids({ states: [] })).toEqual([])
        expect(await ids({ since: NOON + 1 })).toEqual(['3'])
        expect(await ids({ before: '2' })).toEqual(['1'])
        expect(await look((entries) => entries.action('3'))).toEqual(done)
        expect(await look((entries) => entries.action('4'))).toBeUndefined()
      })

      it('tells what guards count at any moment, whoever changed it, and nothing that was taken back', async () => {
        const since = NOON - 1000
        const agree = async () => {
          for (const by of [store, other]) {
            await by.transaction(async (entries) => {
              const listed = await entries.actions({ states: COUNTED_STATES, since, limit: 99 })
              expect(await entries.counted(since)).toEqual(listed)
            })
          }
          return (await look((entries) => entries.counted(since))).map(({ id, state }) => `${id} ${state}`).join(', ')
        }
        expect(await agree()).toBe('')

        await plan(action('1'), action('2', { state: 'REFUSED' }), action('3', { createdAt: NOON - 2000 }))
        await other.transaction((entries) => entries.plan(action('4', { action: 'alert' })))
        expect(await agree()).toBe('4 PLANNED, 1 PLANNED')
        await claim('1', 'you', 60_000, other)
        await start('1', 1)
        expect(await agree()).toBe('4 PLANNED, 1 STARTED')
        const failing = store.transaction(async (entries) => {
          await entries.plan(action('5'))
          await entries.settle(action('4'), 'EXPIRED', {}, 'me', NOON)
          const counted = (await entries.counted(since)).map(({ id }) => id)
          expect(counted).toEqual(['5', '1'])
          throw new Error('taken back')
        })
        await expect(failing).rejects.toThrow('taken back')
        expect(await agree()).toBe('4 PLANNED, 1 STARTED')
        await other.transaction((entries) => entries.settle(action('4'), 'EXPIRED', {}, 'me', NOON))
        expect(await agree()).toBe('1 STARTED')
        const far = await look((entries) => entries.counted(NOON - DAY_MS))
        expect(far.map(({ id }) => id)).toEqual(['3', '1'])
      })

      it('counts nothing that the database has lost since, and all that took its place', async () => {
        await plan(action('1'))
        await plan(action('2'))
        const ids = () => look(async (entries) => (await entries.counted(NOON - 1000)).map(({ id }) => id))
        expect(await ids()).toEqual(['2', '1'])

        // A standby took over that had not heard of the newest.
        await bench.run("delete from actions where id = '2'")
        await bench.run('delete from audit where seq = 2')
        await bench.run('update audit_head set seq = 1, hash = (select hash from audit where seq = 1)')
        await other.transaction((entries) => entries.plan(action('3')))

        expect(await ids()).toEqual(['3', '1'])
      })

      it('gives an action to one of many who claim it', async () => {
        await plan(action('a'))

        const claims = await Promise.all(
          Array.from({ length: 20 }, (_, i) => claim('a', `owner-${i}`, 60_000, i % 2 ? store : other)),
        )

        expect(claims.filter((one) => one !== undefined)).toEqual([action('a', { state: 'CLAIMED', epoch: 1 })])
      })

      it('gives a target to one action at a time', async () => {
        await plan(action('a', { target: 'web' }), action('b', { target: 'web' }), action('c'))

        const claims = await Promise.all([claim('a'), claim('b', 'you', 60_000, other), claim('c')])

        expect(claims.filter((one) => one?.target === 'web')).toHaveLength(1)
        expect(claims[2]).toBeDefined()
      })

      it('frees the target when the action is done', async () => {
        await plan(action('a', { target: 'web' }), action('b', { target: 'web' }))
        const claimed = await claim('a')
        expect(await start('a', 1)).toBe(true)
        const started = { ...claimed!, state: 'STARTED' } as const
        expect(await claim('b')).toBeUndefined()

        const facts = { reason: 'done', finishedAt: NOON + 6000 }
        const after = await look((entries) => entries.settle(started, 'SUCCEEDED', facts, 'me', NOON + 6000))

        const known = { call: 'docker restart web', startedAt: NOON + 5000 }
        expect(after).toEqual({ ...started, ...known, ...facts, state: 'SUCCEEDED' })
        expect(await look((entries) => entries.action('a'))).toEqual(after)
        expect(await claim('b')).toBeDefined()
      })

      it('starts an action once', async () => {
        await plan(action('a'))
        await claim('a')

        const starts = await Promise.all(Array.from({ length: 20 }, (_, i) => start('a', 1, i % 2 ? store : other)))

        expect(starts.filter(Boolean)).toHaveLength(1)
      })

      it('does not start with a lease that has run out, and lets another one claim it again', async () => {
        await plan(action('a'))
        const claimed = await claim('a', 'slow', 1000)
        expect(await look((entries) => entries.abandoned(['slow']))).toEqual([])
        await bench.advance(1000)

        expect(await start('a', 1)).toBe(false)
        expect(await look((entries) => entries.abandoned(['slow']))).toEqual([claimed])
        const planned = await look((entries) =>
          entries.settle(claimed!, 'PLANNED', { reason: 'slow died' }, 'me', NOON),
        )
        expect(planned).toEqual(action('a', { epoch: 1, reason: 'slow died' }))
        expect(await claim('a', 'fast')).toMatchObject({ epoch: 2 })

        expect(await start('a', 1)).toBe(false)
        expect(await start('a', 2)).toBe(true)
      })

      it('calls what was claimed or started by the dead abandoned, however long its lease', async () => {
        await plan(...['a', 'b', 'c', 'd', 'e'].map((id) => action(id, { target: id })))
        for (const id of ['a', 'c']) await claim(id, 'dead')
        for (const id of ['b', 'd']) await claim(id, 'alive')
        for (const id of ['a', 'b']) await start(id, 1)

        const ids = async (alive: string[]) => (await look((e) => e.abandoned(alive))).map(({ id }) => id).sort()

        expect(await ids(['alive'])).toEqual(['a', 'c'])
        expect(await ids([])).toEqual(['a', 'b', 'c', 'd'])
        expect(await claim('a')).toBeUndefined()
      })

      it('does not start what another has claimed since, though the lease of the first would still hold', async () => {
        await plan(action('a'))
        const claimed = await claim('a', 'paused', 60_000)
        await look((entries) => entries.settle(claimed!, 'PLANNED', {}, 'me', NOON))

        expect(await start('a', 1)).toBe(false)
        expect(await claim('a', 'other')).toMatchObject({ epoch: 2 })
        expect(await start('a', 1)).toBe(false)
        expect(await start('a', 2)).toBe(true)
      })

      it('goes on only from the state and epoch that the caller has seen', async () => {
        await plan(action('a', { state: 'AWAITING_APPROVAL' }))
        const waiting = action('a', { state: 'AWAITING_APPROVAL' })

        const answers = await Promise.all([
          store.transaction((entries) =>
            entries.settle(waiting, 'PLANNED', { approvedBy: 'api:alice' }, 'api:alice', NOON),
          ),
          other.transaction((entries) => entries.settle(waiting, 'REFUSED', { reason: 'no' }, 'api:bob', NOON)),
        ])

        expect(answers.filter((one) => one !== undefined)).toHaveLength(1)
        const stale = { ...action('a'), epoch: 7 }
        expect(await look((entries) => entries.settle(stale, 'EXPIRED', {}, 'me', NOON))).toBeUndefined()
      })

      it('knows no other ways than those of its states', async () => {
        const expectRefused = async (work: Promise<unknown>) =>
          expect(work).rejects.toMatchObject({ name: 'JournalError', reason: 'internal' })
        await plan(action('a'))
        await claim('a')
        await start('a', 1)
        const started = (await look((entries) => entries.action('a')))!

        await expectRefused(plan(action('b', { state: 'STARTED' })))
        await expectRefused(look((entries) => entries.settle(started, 'PLANNED', {}, 'me', NOON)))
        await expectRefused(look((entries) => entries.settle(action('a'), 'CLAIMED', {}, 'me', NOON)))
        await expectRefused(look((entries) => entries.settle(started, 'VERIFIED', {}, 'me', NOON)))
      })
    })

    describe('the audit', () => {
      const fill = async () => {
        await store.transaction((entries) => entries.plan(action('a')))
        await other.transaction((entries) => entries.claim('a', 'me', 60_000))
        await store.transaction(async (entries) => {
          const data = { z: 1, a: null, ü: '\ud800\0', n: Number.NaN }
          await entries.audit({ at: NOON, by: 'api:alice', kind: 'freeze', subject: '\0', text: 'stop \ud800', data })
          await entries.start('a', 1, NOON, {})
        })
      }

      it('has an entry for every transition, in one chain', async () => {
        await fill()

        expect(await other.verifyAudit()).toEqual({ ok: true, entries: 4 })
      })

      it.each([
        ['a changed text', `update audit set text = 'other' where seq = 2`, 2],
        ['changed data', `update audit set data = '{}' where seq = 3`, 3],
        ['data that are no JSON', `update audit set data = '{' where seq = 3`, 3],
        ['a missing entry', 'delete from audit where seq = 2', 2],
        ['a missing first entry', 'delete from audit where seq = 1', 1],
        ['a missing last entry', 'delete from audit where seq = 4', 4],
        ['a changed end', `update audit set hash = 'x' where seq = 4`, 4],
      ])('shows %s', async (_, statement, seq) => {
        await fill()

        await bench.run(statement)

        expect(await store.verifyAudit()).toEqual({ ok: false, seq })
      })

      it('stays one chain under many writers', async () => {
        await Promise.all(
          Array.from({ length: 40 }, (_, i) =>
            (i % 2 ? store : other).transaction((entries) => entries.plan(action(`${i}`))),
          ),
        )

        expect(await store.verifyAudit()).toEqual({ ok: true, entries: 40 })
      })
    })

    describe('what people say', () => {
      it('keeps the kill switch, and when it was last lifted', async () => {
        const freeze = { by: 'api:alice', reason: 'deploy', at: NOON }
        const state = () => look(async (entries) => [await entries.freeze(), await entries.lastLifted()])

        expect(await state()).toEqual([undefined, undefined])
        await store.transaction((entries) => entries.setFreeze(freeze, NOON))
        expect(await state()).toEqual([freeze, undefined])
        await store.transaction((entries) => entries.setFreeze(undefined, NOON + 9))
        expect(await state()).toEqual([undefined, NOON + 9])
        await store.transaction((entries) => entries.setFreeze(freeze, NOON))
        expect(await state()).toEqual([freeze, NOON + 9])
      })

      it('keeps silences, standings, changes and votes', async () => {
        const silence = { id: 's', target: 'web', from: NOON, until: NOON + 10, by: 'api', text: 'busy' }
        const standing = { rule: 'r', group: 'web', mode: 'approve', right: 3, wrong: 1, since: NOON } as const
        const change = { id: 'c', targets: ['web', 'db'], from: NOON, to: NOON + 5, text: 'a\nb', at: NOON }
        const vote = { incident: 'i', target: 'web', useful: false, at: NOON }

        await store.transaction(async (entries) => {
          await entries.addSilence(silence)
          await entries.saveStanding(standing)
          await entries.saveStanding({ ...standing, mode: 'auto' })
          await entries.addChange(change)
          await entries.addVote({ ...vote, useful: true })
          await entries.addVote(vote)
        })

        await look(async (entries) => {
          expect(await entries.silences(NOON + 9)).toEqual([silence])
          expect(await entries.silences(NOON + 10)).toEqual([])
          expect(await entries.standings()).toEqual([{ ...standing, mode: 'auto' }])
          expect(await entries.changes(NOON + 5)).toEqual([change])
          expect(await entries.changes(NOON + 6)).toEqual([])
          expect(await entries.votes()).toEqual([vote])
        })
      })
    })

    describe('the outbox', () => {
      const say = (...messages: Message[]) => store.transaction((entries) => entries.say(messages))
      const to = (...receivers: string[]) => receivers.map((receiver) => ({ receiver, dueAt: NOON }))

      it('holds a message once, until somebody says who gets it', async () => {
        await say(message('a'), message('b'), message('a'))
        await say(message('b'))
        expect(await other.unrouted(1)).toEqual([message('a')])

        await store.route([{ message: message('a'), receivers: to('slack', 'mail') }])
        await store.route([{ message: message('a'), receivers: to('telegram') }])
        await store.route([{ message: message('b'), receivers: [] }])

        expect(await store.unrouted(9)).toEqual([])
        expect(await store.waiting()).toEqual({ slack: 1, mail: 1 })
        expect(await store.due('slack', NOON - 1, 9)).toEqual([])
        expect(await store.due('slack', NOON, 9)).toMatchObject([{ message: message('a'), attempts: 0, dueAt: NOON }])
      })

      it('tries again later, and tells what a receiver answered before', async () => {
        await say(message('a'), message('b'), message('c', { incidentId: 'j' }))
        await store.route(['a', 'b', 'c'].map((key) => ({ message: message(key), receivers: to('slack') })))
        const [a, b, c] = await store.due('slack', NOON, 9)
        expect(a.handle).toBeUndefined()

        await store.settle(a.id, { kind: 'sent', handle: '42' }, NOON)
        await store.settle(b.id, { kind: 'retry', dueAt: NOON + 10, reason: 'down' }, NOON)
        await store.settle(c.id, { kind: 'dropped', reason: 'silenced' }, NOON)
        await store.settle(c.id, { kind: 'retry', dueAt: NOON, reason: 'too late' }, NOON)

        expect(await store.due('slack', NOON, 9)).toEqual([])
        const again = [{ ...b, attempts: 1, dueAt: NOON + 10, handle: '42' }]
        expect(await other.due('slack', NOON + 10, 9)).toEqual(again)
        expect(await store.waiting()).toEqual({ slack: 1 })
      })

      it('does not count as a try that something was held back', async () => {
        await say(message('a'))
        await store.route([{ message: message('a'), receivers: to('slack') }])
        const [a] = await store.due('slack', NOON, 9)

        await store.settle(a.id, { kind: 'held', dueAt: NOON + 10, reason: 'silenced' }, NOON)

        expect(await store.due('slack', NOON, 9)).toEqual([])
        expect(await other.due('slack', NOON + 10, 9)).toEqual([{ ...a, dueAt: NOON + 10 }])
      })

      it('knows to whom an incident was addressed and told, and not only routed', async () => {
        const called = (to: string) => ({ addressed: { to, because: 'unacknowledged', failed: [] } }) as const
        await say(message('a'), message('b', called('boss')), message('c', called('absent')))
        await say(message('d', { ...called('chief'), incidentId: 'j' }))
        const receivers = { a: 'slack', b: 'boss', c: 'absent', d: 'chief' }
        await store.route(
          Object.entries(receivers).map(([key, receiver]) => ({ message: message(key), receivers: to(receiver) })),
        )
        for (const receiver of ['slack', 'boss', 'chief']) {
          const [{ id }] = await store.due(receiver, NOON, 9)
          await store.settle(id, { kind: 'sent' }, NOON)
        }

        expect(await other.addressees('i')).toEqual(['boss'])
        expect(await other.addressees('k')).toEqual([])
      })

      it('takes a token once, and in time', async () => {
        await store.issueNonce('once', 'approve:a', NOON + 10)
        await store.issueNonce('late', 'approve:b', NOON + 10)

        const uses = await Promise.all(
          Array.from({ length: 10 }, (_, i) => (i % 2 ? store : other).useNonce('once', NOON + 10)),
        )

        expect(uses.filter((one) => !('refused' in one))).toEqual([{ content: 'approve:a' }])
        expect(uses).toContainEqual({ refused: 'used', content: 'approve:a' })
        expect(await store.useNonce('late', NOON + 11)).toEqual({ refused: 'expired', content: 'approve:b' })
        expect(await store.useNonce('never', NOON)).toEqual({ refused: 'unknown' })
      })
    })

    describe('retention', () => {
      const later = NOON + 91 * DAY_MS

      it('forgets what is old and over, and keeps what goes on', async () => {
        await store.transaction(async (entries) => {
          await entries.saveIncidents([closed(incident('1', 'a')), incident('2', 'b')])
          await entries.saveIncidents([closed(incident('3', 'c', later), later)])
          await entries.plan(action('over', { state: 'REFUSED' }))
          await entries.plan(action('open', { state: 'REFUSED', incidentId: '2' }))
          await entries.plan(action('planned'))
          await entries.noteDeliveries(['old'], NOON)
          await entries.noteDeliveries(['new'], later)
          await entries.say([message('sent'), message('waiting'), message('new', { at: later })])
          await entries.addChange({ id: 'c', targets: ['web'], from: NOON, to: NOON + 5, text: '', at: NOON })
          await entries.addSilence({ id: 's', target: 'web', from: NOON, until: NOON + 10, by: 'api', text: '' })
        })
        await store.route(
          ['sent', 'waiting', 'new'].map((key) => ({
            message: message(key),
            receivers: [{ receiver: key, dueAt: NOON }],
          })),
        )
        for (const key of ['sent', 'new'])
          await store.settle((await store.due(key, NOON, 1))[0].id, { kind: 'sent' }, NOON)
        await store.issueNonce('n', '', NOON)

        const forgotten = await store.retain(later)

        const once = { incidents: 1, actions: 1, alert_deliveries: 1, sendings: 1, messages: 1 }
        expect(forgotten).toEqual({ ...once, changes: 1, silences: 1, nonces: 1 })
        await look(async (entries) => {
          expect((await entries.incidents({ limit: 9 })).map(({ id }) => id)).toEqual(['3', '2'])
          expect((await entries.actions({ limit: 9 })).map(({ id }) => id)).toEqual(['planned', 'open'])
          expect(await entries.noteDeliveries(['old', 'new'], later)).toEqual(new Set(['old']))
        })
        expect(await store.waiting()).toEqual({ waiting: 1 })
        expect(await store.retain(later)).toEqual({})
        const again = { ...incident('1', 'a'), timeline: [] }
        await store.transaction((entries) => entries.saveIncidents([again]))
        expect(await look((entries) => entries.incident('1'))).toEqual(again)
      })

      it('keeps the newest ten thousand closed incidents', async () => {
        const many = Array.from({ length: 11_100 }, (_, i) => closed(incident(`${20_000 + i}`)))
        await store.transaction((entries) => entries.saveIncidents([...many, incident('1')]))

        expect(await store.retain(NOON)).toEqual({ incidents: 1100 })
        const kept = await look((entries) => entries.incidents({ limit: 20_000 }))
        expect(kept).toHaveLength(10_001)
        expect(kept.slice(-2).map(({ id }) => id)).toEqual(['21100', '1'])
      })

      it('keeps the newest votes of a target, and changes of so many targets', async () => {
        const targets = Array.from({ length: 40_000 }, (_, i) => `${i}`)
        await store.transaction(async (entries) => {
          for (let i = 0; i < 103; i++) await entries.addVote({ incident: `${i}`, target: 'web', useful: true, at: i })
          await entries.addVote({ incident: 'other', target: 'db', useful: true, at: 0 })
          for (const [i, id] of ['a', 'b', 'c'].entries())
            await entries.addChange({ id, targets, from: NOON, to: NOON + 1, text: '', at: NOON + i })
        })

        expect(await store.retain(NOON + 3)).toEqual({ votes: 3, changes: 1 })

        await look(async (entries) => {
          const kept = (await entries.votes()).map(({ incident }) => incident)
          expect([kept.length, kept.slice(0, 2)]).toEqual([101, ['other', '3']])
          expect((await entries.changes(NOON)).map(({ id }) => id)).toEqual(['b', 'c'])
        })
      })

      it('cuts the old end of the audit off, and the chain still holds', async () => {
        await store.transaction(async (entries) => {
          for (const [i, at] of [NOON, NOON, NOON + 300 * DAY_MS, NOON].entries())
            await entries.plan(action(`${i}`, { createdAt: at, state: 'PLANNED' }))
        })

        expect(await store.retain(NOON + 401 * DAY_MS)).toEqual({ audit: 2 })

        expect(await store.verifyAudit()).toEqual({ ok: true, entries: 2 })
        await bench.run('delete from audit where seq = 3')
        expect(await store.verifyAudit()).toEqual({ ok: false, seq: 3 })
      })
    })

    it('knows which processes live, by the clock of the database', async () => {
      await store.presence(1000)
      expect((await other.presence(60_000)).length).toBe(store === other ? 1 : 2)

      await bench.advance(1000)

      expect(await other.presence(60_000)).toHaveLength(1)
      expect(await store.health()).toBeUndefined()
    })
  })
}
