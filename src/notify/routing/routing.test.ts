import { describe, expect, it } from 'vitest'
import type { Message } from '../../domain/message.ts'
import { createDispatch } from './dispatch.ts'
import { type Labels, type Route, routesOf } from './route.ts'
import { endOf, isWithin, type TimeInterval } from './time-interval.ts'

const always: TimeInterval = { times: [], weekdays: [], daysOfMonth: [], months: [], years: [], location: 'UTC' }
const at = (time: string) => Date.parse(time)

function route(receiver: string, change: Partial<Route> = {}): Route {
  return {
    receiver,
    matches: () => true,
    kinds: [],
    groupBy: ['...'],
    groupWaitMs: 0,
    groupIntervalMs: 0,
    repeatIntervalMs: 0,
    goOn: false,
    muted: [],
    active: [],
    routes: [],
    ...change,
  }
}

function message(change: Partial<Message> = {}): Message {
  const labels = { instance: 'web-1', job: 'node' }
  const about = { incidentId: 'i-1', target: 'web-1@node', labels, text: '' }
  return { key: 'k', kind: 'detected', at: 0, severity: 'high', ...about, ...change }
}

const having = (name: string, value: string) => (labels: Labels) => labels[name] === value
const receivers = (root: Route, one: Message) => routesOf(root, one).map(({ receiver }) => receiver)

describe('a tree of routes', () => {
  const root = route('all', {
    routes: [
      route('audit', { matches: having('job', 'node'), goOn: true }),
      route('pager', {
        matches: having('severity', 'critical'),
        routes: [route('db', { matches: having('job', 'postgres') })],
      }),
      route('asks', { kinds: ['waiting'] }),
    ],
  })

  it.each([
    ['falls to its root', { labels: {} }, ['all']],
    ['takes the first branch that matches', { labels: {}, severity: 'critical' }, ['pager']],
    ['goes as deep as it matches', { labels: { job: 'postgres' }, severity: 'critical' }, ['db']],
    ['goes on where a branch says so', { severity: 'critical' }, ['audit', 'pager']],
    ['tells kinds of events apart', { labels: {}, kind: 'waiting' }, ['asks']],
  ] as const)('%s', (_, change, expected) => {
    expect(receivers(root, message(change))).toEqual(expected)
  })

  it('knows our severity, whatever an alert says of its own', () => {
    expect(receivers(root, message({ labels: { severity: 'critical' }, severity: 'low' }))).toEqual(['all'])
  })

  it('tells each receiver once', () => {
    const twice = route('a', { routes: [route('b', { goOn: true }), route('b')] })

    expect(receivers(twice, message())).toEqual(['b'])
  })

  it('is not asked about what is addressed', () => {
    const addressed = { to: 'boss', because: 'unacknowledged', failed: [] } as const

    const legs = createDispatch(root)(message({ addressed }))

    expect(legs.map(({ receiver }) => receiver)).toEqual(['boss'])
  })

  it('that is not there tells nobody', () => {
    expect(createDispatch(undefined)(message())).toEqual([])
  })
})

describe('a group', () => {
  const keyOf = (groupBy: string[], one: Message) => createDispatch(route('a', { groupBy }))(one)[0].groupKey

  it('is one incident by default', () => {
    const [first, second] = [message(), message({ incidentId: 'i-2' })]

    expect(keyOf(['...'], first)).not.toBe(keyOf(['...'], second))
    expect(keyOf(['...'], first)).toBe(keyOf(['...'], message({ kind: 'recovered', severity: 'low' })))
  })

  it('is all whose labels are equal', () => {
    const other = message({ incidentId: 'i-2', labels: { instance: 'web-2', job: 'node' } })

    expect(keyOf(['job'], message())).toBe(keyOf(['job'], other))
    expect(keyOf(['job', 'instance'], message())).not.toBe(keyOf(['job', 'instance'], other))
  })

  it('holds nothing that concerns the whole', () => {
    const general = (key: string) => message({ key, incidentId: undefined, labels: {} })

    expect(keyOf(['job'], general('a'))).not.toBe(keyOf(['job'], general('b')))
  })
})

describe('a time interval', () => {
  it.each([
    ['2026-11-21T17:59:00Z', false],
    ['2026-11-21T18:00:00Z', true],
    ['2026-11-21T23:59:59Z', true],
  ])('of times of the day does not hold its end: %s %s', (time, expected) => {
    expect(isWithin([{ ...always, times: [{ from: 18 * 60, to: 24 * 60 }] }], at(time))).toBe(expected)
  })

  it('is in its own time zone, summer and winter', () => {
    const nine = { ...always, times: [{ from: 9 * 60, to: 10 * 60 }], location: 'Europe/Berlin' }

    const hours = ['2026-07-01T07:30:00Z', '2026-07-01T08:30:00Z', '2026-12-01T08:30:00Z'].map(at)

    expect(hours.map((time) => isWithin([nine], time))).toEqual([true, false, true])
  })

  it('knows days of the week, of the month from both ends, months and years', () => {
    const weekdays = { ...always, weekdays: [{ from: 1, to: 5 }] }
    const lastThree = { ...always, daysOfMonth: [{ from: -3, to: -1 }] }
    const winter = { ...always, months: [{ from: 1, to: 2 }], years: [{ from: 2026, to: 2027 }] }

    expect(['2026-11-20', '2026-11-21'].map((day) => isWithin([weekdays], at(day)))).toEqual([true, false])
    expect(
      ['2026-02-25', '2026-02-26', '2026-02-28', '2026-03-28'].map((day) => isWithin([lastThree], at(day))),
    ).toEqual([false, true, true, false])
    expect(['2026-02-01', '2026-03-01', '2028-02-01'].map((day) => isWithin([winter], at(day)))).toEqual([
      true,
      false,
      false,
    ])
  })

  it('that is muted ends at a full minute, or is looked at again in a day', () => {
    const night = { ...always, times: [{ from: 0, to: 6 * 60 }] }
    const [muted] = createDispatch(route('a', { muted: [night] }))(message())
    const [active] = createDispatch(route('a', { active: [night] }))(message())

    expect(muted.heldUntil(at('2026-11-21T05:10:20Z'))).toBe(at('2026-11-21T06:00:00Z'))
    expect(muted.heldUntil(at('2026-11-21T07:00:00Z'))).toBeUndefined()
    expect(active.heldUntil(at('2026-11-21T07:00:00Z'))).toBe(at('2026-11-22T00:00:00Z'))
    expect(endOf(() => true, 0)).toBe(26 * 3_600_000)
  })
})
