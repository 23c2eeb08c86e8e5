import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { feature, increase, rate } from './catalogue/builders.ts'
import { Frame } from './frame.ts'
import { planOf } from './plan.ts'
import { ScrapedTarget } from './scraped-target.ts'

const features = [feature('rate', 'per_second', '', rate('a')), feature('increase', 'count', '', increase('a'))]
const plan = planOf({ features, heartbeats: ['up'] })

/** Rate and increase after scrapes at these times, of a counter with these values. */
function valuesAfter(times: readonly number[], values: readonly number[]): number[] {
  const target = new ScrapedTarget(plan, {}, 60_000)
  times.forEach((time, i) => {
    target.store.begin(time)
    target.store.append('a', 'a', values[i], Number.NaN)
  })
  const frame = new Frame(0, 2, 1)
  target.evaluateInto(frame, 0)
  return [...frame.finish(['rate', 'increase'], [undefined], []).values]
}

describe('a counter scraped every 15 s, with a window of 60 s', () => {
  it('has the rise over the window, no more and no less', () => {
    expect(valuesAfter([0, 15_000, 30_000, 45_000, 60_000], [10, 10, 50, 50, 70])).toEqual([60 / 60, 60])
  })

  it('does not depend on the milliseconds by which scrapes are late', () => {
    const late = fc.array(fc.nat(200), { minLength: 7, maxLength: 7 })
    fc.assert(
      fc.property(late, (delays) => {
        const times = delays.map((delay, i) => i * 15_000 + delay)
        const [perSecond] = valuesAfter(times, [100, 100, 100, 100, 100, 400, 400])
        return Math.abs(perSecond - 300 / 60) < 0.03
      }),
    )
  })

  it('has the right rate from the second scrape on, and after an outage', () => {
    expect(valuesAfter([0, 15_000], [100, 115])).toEqual([1, 60])
    expect(valuesAfter([0, 15_000, 600_000, 615_000], [100, 115, 700, 715])).toEqual([1, 60])
    expect(valuesAfter([0], [100])).toEqual([Number.NaN, Number.NaN])
  })

  it('begins anew when the clock was set back', () => {
    expect(valuesAfter([600_000, 615_000, 0, 15_000], [100, 115, 130, 145])).toEqual([1, 60])
  })
})
