import { describe, expect, it } from 'vitest'
import { anomalousMs, spansOf, usualStep, withHoles } from './spans.ts'

const at = (seconds: number, anomalous: boolean | null) => ({ at: seconds * 1000, anomalous })

describe('spansOf', () => {
  it('joins readings of one kind', () => {
    const points = [at(0, false), at(15, false), at(30, true), at(45, true), at(60, false)]

    const spans = spansOf(points, 15_000)

    expect(spans).toEqual([
      { from: 0, to: 30_000, anomalous: false },
      { from: 30_000, to: 60_000, anomalous: true },
      { from: 60_000, to: 75_000, anomalous: false },
    ])
    expect(anomalousMs(spans)).toBe(30_000)
  })

  it('leaves a hole where nothing was heard, and where nothing was judged', () => {
    const points = [at(0, true), at(300, true), at(315, null), at(330, true)]

    const spans = spansOf(points, 15_000)

    expect(spans).toEqual([
      { from: 0, to: 15_000, anomalous: true },
      { from: 300_000, to: 315_000, anomalous: true },
      { from: 330_000, to: 345_000, anomalous: true },
    ])
  })

  it('is empty of nothing', () => {
    expect(spansOf([], 15_000)).toEqual([])
  })
})

describe('usualStep', () => {
  it('is that of the readings, where they are further apart than was said', () => {
    expect(usualStep([0, 15_000, 30_000, 300_000], 5000)).toBe(15_000)
    expect(usualStep([0, 1000], 5000)).toBe(5000)
    expect(usualStep([], 5000)).toBe(5000)
  })
})

describe('withHoles', () => {
  it('breaks a line where readings are missing', () => {
    const samples = [
      { at: 0, value: 1 },
      { at: 15_000, value: 2 },
      { at: 90_000, value: 3 },
    ]

    const broken = withHoles(samples, 15_000)

    expect(broken.map(({ value }) => value)).toEqual([1, 2, null, 3])
  })
})
