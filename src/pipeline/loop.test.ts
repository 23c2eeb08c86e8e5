import { describe, expect, it } from 'vitest'
import type { Clock } from '../platform/clock.ts'
import { nextGridTime, runLoop } from './loop.ts'

/** A clock that jumps to the end of every sleep. */
function jumpingClock(start: number): Clock & { advance(ms: number): void } {
  let now = start
  return {
    now: () => now,
    advance: (ms) => {
      now += ms
    },
    sleep: async (ms, signal) => {
      if (signal?.aborted) throw signal.reason
      now += ms
    },
  }
}

async function ticksOf(durationsMs: number[], start = 1_000) {
  const clock = jumpingClock(start)
  const stop = new AbortController()
  const ticks: number[] = []
  const missed: number[] = []
  await runLoop(
    {
      clock,
      intervalMs: 15_000,
      tick: async (at) => {
        clock.advance(durationsMs[ticks.length])
        ticks.push(at)
        if (ticks.length === durationsMs.length) stop.abort()
      },
      onMissed: (count) => missed.push(count),
    },
    stop.signal,
  )
  return { ticks, missed }
}

describe('the loop', () => {
  it('ticks on whole multiples of the interval', async () => {
    const { ticks, missed } = await ticksOf([10, 10, 10])

    expect(ticks).toEqual([15_000, 30_000, 45_000])
    expect(missed).toEqual([])
  })

  it('never overlaps: a tick of 40 s skips two grid times and reports them', async () => {
    const { ticks, missed } = await ticksOf([40_000, 10])

    expect(ticks).toEqual([15_000, 60_000])
    expect(missed).toEqual([2])
  })

  it('returns at once when it is stopped while waiting', async () => {
    const stop = new AbortController()
    const clock: Clock = {
      now: () => 0,
      sleep: async () => {
        stop.abort()
        throw new Error('aborted')
      },
    }
    let ticks = 0

    await runLoop({ clock, intervalMs: 15_000, tick: async () => void ticks++, onMissed: () => {} }, stop.signal)

    expect(ticks).toBe(0)
  })
})

describe('nextGridTime', () => {
  it('is strictly after now', () => {
    expect(nextGridTime(30_000, 15_000)).toBe(45_000)
    expect(nextGridTime(29_999, 15_000)).toBe(30_000)
  })
})
