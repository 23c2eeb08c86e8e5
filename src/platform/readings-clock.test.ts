import { describe, expect, it } from 'vitest'
import { createReadingsClock } from './readings-clock.ts'

const START = Date.parse('2026-11-21T12:00:00Z')
const PAST = Date.parse('2026-03-01T00:00:00Z')
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('a clock of readings', () => {
  it('stands until a reading comes, takes its time, and never goes back', () => {
    const clock = createReadingsClock(START)

    const times = [clock.now()]
    for (const to of [PAST, PAST + 3000, PAST + 1000]) {
      clock.advance(to)
      times.push(clock.now())
    }

    expect(times).toEqual([START, PAST, PAST + 3000, PAST + 3000])
  })

  it('wakes sleepers in the order of their time, those from before the first reading as well', async () => {
    const clock = createReadingsClock(START)
    const woken: string[] = []
    const sleep = (ms: number, name: string) => clock.sleep(ms).then(() => woken.push(name))
    void sleep(5000, 'five seconds')

    clock.advance(PAST)
    void sleep(2000, 'two seconds')
    clock.advance(PAST + 1999)
    await settled()
    const before = [...woken]
    clock.advance(PAST + 60_000)
    await settled()

    expect(before).toEqual([])
    expect(woken).toEqual(['two seconds', 'five seconds'])
  })

  it('lets go of who is told to stop', async () => {
    const clock = createReadingsClock(START)
    const stop = new AbortController()
    const sleeping = clock.sleep(1000, stop.signal)
    const waiting = clock.begun(stop.signal)

    stop.abort(new Error('stopping'))

    await expect(sleeping).rejects.toThrow('stopping')
    await expect(waiting).rejects.toThrow('stopping')
  })
})
