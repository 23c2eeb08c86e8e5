import { beforeEach, describe, expect, it } from 'vitest'
import type { Expr } from '../domain/feature.ts'
import { add, avg, count, div, feature, gauge, increase, max, not, rate, sub, sum } from './catalogue/builders.ts'
import { evaluate } from './evaluate.ts'
import { planOf } from './plan.ts'
import { SeriesStore } from './series-store.ts'

const WINDOW = 60_000
let store: SeriesStore
let ask: () => number

/** Prepares one feature; `scrape` then adds pages, `ask` gives its value. */
function given(expr: Expr): void {
  const plan = planOf({ features: [feature('f', 'count', '', expr)], heartbeats: ['up'] })
  store = new SeriesStore(plan, { instance: 'web-1:9100', job: 'node' }, WINDOW)
  ask = () => {
    let found = Number.NEGATIVE_INFINITY
    evaluate(plan, store, WINDOW, (_, value) => {
      found = value
    })
    return found
  }
}

function scrape(at: number, page: Record<string, number>): void {
  store.begin(at)
  for (const [series, value] of Object.entries(page)) store.append(series, series.split('{')[0], value, Number.NaN)
}

describe('gauges', () => {
  it('have the value of the newest scrape', () => {
    given(gauge('a'))

    expect(ask()).toBeNaN()
    scrape(0, { a: 1 })
    scrape(15_000, { a: 2 })
    expect(ask()).toBe(2)
  })

  it('end with their series, although it is remembered', () => {
    given(gauge('a'))
    scrape(0, { a: 1 })
    scrape(15_000, { b: 1 })

    expect(ask()).toBeNaN()
  })

  it('come back after the clock was set back', () => {
    given(gauge('a'))
    scrape(100_000, { a: 1 })
    scrape(40_000, { a: 2 })

    expect(ask()).toBe(2)
  })
})

describe('rates', () => {
  it('are there from the second scrape on, and increase is the same times the window', () => {
    given(sub(increase('a'), add(rate('a'), 0)))
    scrape(0, { a: 0 })
    expect(ask()).toBeNaN()
    scrape(15_000, { a: 15 })
    scrape(30_000, { a: 30 })

    // 30 seconds of samples from zero on, so nothing before them; 30 events in all, 30/60 a second.
    expect(ask()).toBeCloseTo(30 - 30 / 60)
  })

  it('forget what is older than the window', () => {
    given(rate('a'))
    for (let at = 0; at <= 600_000; at += 15_000) scrape(at, { a: at < 300_000 ? 5 : 5 + (at - 300_000) / 1000 })

    expect(ask()).toBeCloseTo(1)
    expect(store.byLeaf[0][0].times).toHaveLength(4)
  })
})

describe('aggregations', () => {
  beforeEach(() => given(sum(gauge('a', { x: not('no') }))))

  it('take the matching series only', () => {
    scrape(0, { 'a{x="1"}': 1, 'a{x="2"}': 2, 'a{x="no"}': 4 })

    expect(ask()).toBe(1 + 2)
  })

  it('forget series that ended, and free their memory', () => {
    for (let i = 0; i < 100; i++) scrape(i * 15_000, { [`a{x="${i}"}`]: i })

    expect(ask()).toBe(99)
    expect(store.byLeaf[0].length).toBeLessThanOrEqual(5)
  })

  it.each([
    [sum, { 'a{x="1"}': 1, 'a{x="2"}': 3 }, 1 + 3],
    [avg, { 'a{x="1"}': 1, 'a{x="2"}': 3 }, (1 + 3) / 2],
    [max, { 'a{x="1"}': 1, 'a{x="2"}': 3 }, 3],
    [count, { 'a{x="1"}': 1, 'a{x="2"}': 3 }, 2],
    [max, { 'a{x="1"}': Number.NaN, 'a{x="2"}': 3 }, 3],
    [sum, { 'a{x="1"}': Number.NaN, 'a{x="2"}': 3 }, Number.NaN],
    [count, {}, Number.NaN],
  ])('compute %s of %j', (aggregation, page, expected) => {
    given(aggregation(gauge('a')))
    scrape(0, page)

    expect(ask()).toBe(expected)
  })
})

describe('arithmetic', () => {
  it('joins series of equal labels, in whatever order these are written', () => {
    given(max(sub(1, div(gauge('free'), gauge('size')))))
    scrape(0, { 'free{d="a",m="/"}': 20, 'free{d="b",m="/x"}': 90, 'size{m="/",d="a"}': 100, 'size{d="c",m="/y"}': 1 })

    expect(ask()).toBeCloseTo(1 - 20 / 100)
  })

  it('has no value for a division by zero, and lets it hide no other', () => {
    given(max(div(gauge('a'), gauge('b'))))
    scrape(0, { 'a{x="1"}': 1, 'b{x="1"}': 0, 'a{x="2"}': 1, 'b{x="2"}': 4 })
    expect(ask()).toBe(1 / 4)

    given(div(sum(gauge('a')), sum(gauge('b'))))
    scrape(0, { a: 1, b: 0 })
    expect(ask()).toBeNaN()
  })

  it('is never infinite', () => {
    given(gauge('a'))
    scrape(0, { a: Number.POSITIVE_INFINITY })

    expect(ask()).toBeNaN()
  })
})

it('lets matchers see the labels that a scrape adds', () => {
  given(gauge('a', { job: 'node' }))
  scrape(0, { a: 1 })

  expect(ask()).toBe(1)
})
