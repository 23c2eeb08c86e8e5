import { describe, expect, it } from 'vitest'
import { ReadingWindows } from './windows.ts'
import { createZScore, expectedExtreme } from './zscore.ts'

function zscoreOf(readings: number[], resolution = 0) {
  const windows = new ReadingWindows(30, 1)
  windows.grow(1)
  const zscore = createZScore(windows, { window: 30, minReadings: 5, resolution: Float64Array.of(resolution) })
  const results = readings.map((value) => {
    const ready = zscore.measure(0, [value], 0)
    const distance = ready ? zscore.distances[0] : Number.NaN
    windows.push(0, [value], 0)
    return distance
  })
  return results
}

describe('the z-score', () => {
  it('works from the fifth reading, on the four before it', () => {
    const [, , , fourth, fifth] = zscoreOf([10, 12, 10, 12, 17])

    const deviation = Math.sqrt((4 * 1 ** 2) / 3)
    expect(fourth).toBeNaN()
    expect(fifth).toBeCloseTo((17 - 11) / deviation, 5)
  })

  it('is not bounded by its own window: the newest reading is in neither mean nor deviation', () => {
    const calm = Array.from({ length: 30 }, (_, i) => 30 + (i % 3))

    expect(zscoreOf([...calm, 95]).at(-1)).toBeGreaterThan(60)
  })

  it('forgets readings older than the window', () => {
    const readings = [...Array.from({ length: 20 }, () => 500), ...Array.from({ length: 30 }, (_, i) => i % 2), 0.5]

    expect(zscoreOf(readings).at(-1)).toBeCloseTo(0, 6)
  })

  it('calls a constant feature normal, and a change within the resolution no anomaly', () => {
    expect(zscoreOf([0, 0, 0, 0, 0, 1], 1).at(-1)).toBe(1)
    expect(zscoreOf([7, 7, 7, 7, 7]).at(-1)).toBe(0)
  })

  it('ignores a feature that was never read', () => {
    expect(zscoreOf([Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN]).at(-1)).toBe(0)
  })

  it('keeps its precision on large values', () => {
    const window = [1e9, 1e9 + 64, 1e9, 1e9 + 64]
    const deviation = Math.sqrt((4 * 32 ** 2) / 3)

    expect(zscoreOf([...window, 1e9 + 32 + 10 * 2 ** 21]).at(-1)).toBeCloseTo(
      (10 * 2 ** 21) / Math.max(deviation, 0.02 * 1e9),
      2,
    )
  })
})

describe('the extreme expected of Gaussian readings', () => {
  it('lies farther out with more features and with fewer readings', () => {
    expect(expectedExtreme(29, 40, 1e-4)).toBeGreaterThan(expectedExtreme(29, 1, 1e-4))
    expect(expectedExtreme(4, 1, 1e-4)).toBeGreaterThan(expectedExtreme(29, 1, 1e-4))
  })
})
