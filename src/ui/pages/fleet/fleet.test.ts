import { describe, expect, it } from 'vitest'
import type { FleetTargetJson } from '../../../api/contract.ts'
import { countConditions, lookOf } from './condition.ts'
import { heightOf, heightOfLine, layoutFor, linesOf, type Room } from './density.ts'
import { groupLabels, groupTargets } from './group.ts'
import { selectTargets } from './select.ts'
import { commonEnd, shortName } from './short-name.ts'

const target = (id: string, more: Partial<FleetTargetJson> = {}): FleetTargetJson => {
  const [instance, job] = id.split('@')
  return { id, labels: { instance, job }, state: 'fresh', level: 0.1, detected: false, ...more }
}
const idsOf = (targets: readonly FleetTargetJson[]) => targets.map(({ id }) => id)
const wanted = { search: '', state: '' }

describe('the look of a target', () => {
  it.each([
    [{ level: 0.49 }, 'normal', 'neutral'],
    [{ level: 0.5 }, 'raised', 'faint'],
    [{ level: 1.01, detected: true }, 'alarm', 'amber'],
    [{ level: 2.1, detected: true }, 'alarm', 'red'],
    [{ level: null, state: 'warming_up' }, 'warming_up', 'unknown'],
    [{ level: null, state: 'stale' }, 'stale', 'unknown'],
  ] as const)('follows its level: %j is %s', (more, condition, band) => {
    expect(lookOf(target('a@node', more))).toMatchObject({ condition, band })
  })

  it('stays that of an alarm until the alarm is over', () => {
    expect(lookOf(target('a@node', { level: 0.8, detected: true }))).toMatchObject({
      condition: 'alarm',
      band: 'amber',
    })
  })

  it('without data shows no old level', () => {
    expect(lookOf(target('a@node', { state: 'stale', level: 3, detected: true })).band).toBe('unknown')
  })

  it('is counted', () => {
    const counts = countConditions([target('a@n'), target('b@n'), target('c@n', { level: 3 })])

    expect(counts).toEqual({ alarm: 1, raised: 0, normal: 2, warming_up: 0, stale: 0 })
  })
})

describe('a search', () => {
  const fleet = [target('web-1:9100@node'), target('db-1:9100@node', { level: 1.5 }), target('checkout@push')]

  it('finds by parts of the id and by labels, all of its words', () => {
    expect(idsOf(selectTargets(fleet, { ...wanted, search: 'WEB' }))).toEqual(['web-1:9100@node'])
    expect(idsOf(selectTargets(fleet, { ...wanted, search: 'job=node db' }))).toEqual(['db-1:9100@node'])
  })

  it('and a state are both to be met', () => {
    expect(idsOf(selectTargets(fleet, { search: 'node', state: 'alarm' }))).toEqual(['db-1:9100@node'])
    expect(selectTargets(fleet, { search: 'checkout', state: 'alarm' })).toEqual([])
  })

  it('for nothing leaves the fleet as it is', () => {
    expect(selectTargets(fleet, { search: '  ', state: '' })).toBe(fleet)
  })
})

describe('groups', () => {
  it('are those of a label, in the order in which people count', () => {
    const fleet = ['web-10@node', 'web-2@node', 'cart@push', 'web-1@node'].map((id) => target(id))

    const groups = groupTargets(fleet, 'job')

    expect(groups.map(({ name, targets }) => [name, idsOf(targets)])).toEqual([
      ['node', ['web-1@node', 'web-2@node', 'web-10@node']],
      ['push', ['cart@push']],
    ])
  })

  it('say how many alarms are in them', () => {
    expect(groupTargets([target('a@n', { level: 2 }), target('b@n')], 'job')[0].alarms).toBe(1)
  })

  it('hold together what has no such label', () => {
    expect(groupTargets([target('a@n')], 'rack').map(({ name }) => name)).toEqual([''])
  })

  it('can be made by labels that targets share', () => {
    const fleet = ['a', 'b', 'c'].map((name) =>
      target(`${name}@node`, { labels: { instance: name, job: 'node', rack: 'r' } }),
    )

    expect(groupLabels(fleet)).toEqual(['job', 'rack'])
  })
})

describe('the layout of tiles', () => {
  const screen: Room = { width: 1408, height: 700, coarse: false }
  const phone: Room = { width: 366, height: 500, coarse: true }
  const groupsOf = (...sizes: readonly number[]) =>
    sizes.map((size, i) => ({ name: `job-${i}`, targets: Array.from({ length: size }, (_, n) => n) }))

  it('has the largest tiles that show all without scrolling', () => {
    expect(layoutFor(groupsOf(12), screen).density).toBe('wide')
    expect(layoutFor(groupsOf(400), screen).density).toBe('narrow')
    expect(layoutFor(groupsOf(10_000), screen).density).toBe('small')
  })

  it('lets 500 targets in ten groups stand on a screen of 1440 by 900', () => {
    const sizes = Array.from({ length: 10 }, () => 50)

    expect(heightOf(sizes, layoutFor(groupsOf(...sizes), screen))).toBeLessThanOrEqual(700)
  })

  it('has the names of groups beside their tiles where there is room, and none where there is one group of all', () => {
    expect(layoutFor(groupsOf(5), screen).headings).toBe('beside')
    expect(layoutFor(groupsOf(5), phone).headings).toBe('above')
    expect(layoutFor([{ name: '', targets: [1] }], screen).headings).toBe('none')
  })

  it('gives a finger more room', () => {
    expect(layoutFor(groupsOf(1000), phone)).toMatchObject({ density: 'small', columns: 8, lineHeight: 42 })
  })

  it('has a column at least', () => {
    expect(layoutFor(groupsOf(5), { width: 0, height: 0, coarse: false }).columns).toBe(1)
  })

  it('has each target in one line, and lines as high as was foreseen', () => {
    const groups = groupsOf(100, 3, 77)

    for (const room of [screen, phone]) {
      const layout = layoutFor(groups, room)
      const lines = linesOf(groups, layout)
      const told = lines.flatMap((line) => (line.kind === 'tiles' ? line.group.targets.slice(line.from, line.to) : []))
      const height = lines.reduce((sum, line) => sum + heightOfLine(line, layout), 0)

      expect(told).toEqual(groups.flatMap(({ targets }) => targets))
      expect(height).toBe(heightOf([100, 3, 77], layout))
    }
  })
})

describe('short names', () => {
  it('leave out the port and the domain that all have', () => {
    const ids = ['web-1.prod.example.com:9100@node', 'web-2.prod.example.com:9100@node']

    const end = commonEnd(ids)

    expect(end).toBe('.prod.example.com:9100')
    expect(ids.map((id) => shortName(id, end))).toEqual(['web-1', 'web-2'])
  })

  it('leave out no part of a word, and never a whole name', () => {
    expect(commonEnd(['checkout@push', 'layout@push'])).toBe('')
    expect(commonEnd(['10.0.0.1:9100@node', '10.0.1.1:9100@node'])).toBe(':9100')
    expect(commonEnd(['a:9100@node'])).toBe('')
    expect(commonEnd([':9100@node', ':9100@other'])).toBe('')
  })
})
