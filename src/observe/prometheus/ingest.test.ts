import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ObserveError } from '../error.ts'
import { TargetTable } from '../target-table.ts'
import { ingest, type SlotHints } from './ingest.ts'

const sample = (instance: string, value: string) => ({ metric: { instance, job: 'node' }, value: [12, value] })

function taken(series: readonly unknown[], table = new TargetTable(['instance', 'job'], 1), hints: SlotHints = []) {
  const values = new Map<string, number>()
  const warnings = ingest(series, table, hints, (slot, _, value) => {
    const id = table.targets()[slot]!.id
    const fresh = !values.has(id)
    values.set(id, value)
    return fresh
  })
  return { values, warnings }
}

describe('ingest', () => {
  it('takes each value to its target, in any order and whatever the last answer was', () => {
    const table = new TargetTable(['instance', 'job'], 1)
    const hints: SlotHints = []
    const answers = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.nat()), { selector: ([i]) => i })
    fc.assert(
      fc.property(answers, (answer) => {
        const series = answer.map(([instance, value]) => sample(String(instance), String(value)))
        const { values, warnings } = taken(series, table, hints)

        expect(warnings).toEqual([])
        expect(values).toEqual(new Map(answer.map(([instance, value]) => [`${instance}@node`, value])))
      }),
    )
  })

  it('takes every point of a range, with its time in milliseconds', () => {
    const points: number[][] = []
    const range = {
      metric: { instance: 'a', job: 'node' },
      values: [
        [1.5, '2'],
        [3, '4e3'],
      ],
    }
    ingest([range], new TargetTable(['instance', 'job'], 1), [], (...point) => points.push(point) > 0)

    expect(points).toEqual([
      [0, 1500, 2],
      [0, 3000, 4000],
    ])
  })

  it('tells of several series for one target', () => {
    expect(taken([sample('a', '1'), sample('a', '2')]).warnings).toEqual([
      expect.stringContaining('by (instance, job)'),
    ])
  })

  it('leaves out series that belong to no target, and says so', () => {
    const { values, warnings } = taken([{ metric: {}, value: [1, '2'] }])

    expect(values.size).toBe(0)
    expect(warnings).toEqual([expect.stringContaining('1 series without the labels instance, job')])
  })

  it('leaves out native histograms, and says so', () => {
    const { warnings } = taken([{ metric: { instance: 'a' }, histogram: [1, {}] }, sample('b', '1')])

    expect(warnings).toEqual([expect.stringContaining('native histograms')])
  })

  it.each([
    null,
    1,
    'x',
    {},
    { metric: null },
    { metric: { instance: 'a' }, value: [1] },
    { metric: { instance: 'a' }, value: 7 },
  ])('refuses %j as a series', (series) => {
    expect(() => taken([series])).toThrow(ObserveError)
  })

  it('keeps labels that name things of JavaScript as data', () => {
    const hostile = JSON.parse('{"metric":{"__proto__":"x","instance":"toString","job":"__proto__"},"value":[1,"2"]}')

    expect(taken([hostile]).values).toEqual(new Map([['toString@__proto__', 2]]))
  })
})
