import { describe, expect, it } from 'vitest'
import { createHysteresis } from './hysteresis.ts'

function feed(levels: number[], holdMs = 0): boolean[] {
  const hysteresis = createHysteresis({ enter: 1, exit: 0.8, holdMs })
  hysteresis.grow(1)
  return levels.map((level, i) => hysteresis.update(0, i * 15_000, level))
}

describe('hysteresis', () => {
  it('enters above the one bound and leaves below the other', () => {
    expect(feed([0.9, 1, 1.01, 0.9, 0.81, 0.79, 0.9])).toEqual([false, false, true, true, true, false, false])
  })

  it('leaves only after the level stayed low for the whole hold time', () => {
    expect(feed([2, 0.1, 0.9, 0.1, 0.1, 0.1], 30_000)).toEqual([true, true, true, true, true, false])
  })

  it('keeps its state when there is no level', () => {
    expect(feed([2, Number.NaN, 2])).toEqual([true, true, true])
  })
})
