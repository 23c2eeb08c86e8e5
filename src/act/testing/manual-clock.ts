import type { Clock } from '../../platform/clock.ts'

export interface ManualClock extends Clock {
  /** Lets time pass: sleeps that end within it end. */
  advance(ms: number): Promise<void>
}

/** A clock that stands still until told otherwise. */
export function manualClock(start = Date.parse('2026-11-21T10:00:00Z')): ManualClock {
  let now = start
  const sleepers = new Set<{ at: number; wake: () => void }>()
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const sleeper = { at: now + ms, wake: resolve }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper)
          reject(signal.reason)
        })
      }),
    async advance(ms) {
      now += ms
      for (const sleeper of [...sleepers]) {
        if (sleeper.at > now) continue
        sleepers.delete(sleeper)
        sleeper.wake()
      }
      // What waited for the sleep goes on, and what waits for that.
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
    },
  }
}
