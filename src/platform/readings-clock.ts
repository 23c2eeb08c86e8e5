import type { Clock } from './clock.ts'

/** A clock that somebody else moves on. */
export interface ReadingsClock extends Clock {
  /** Time is what a reading says, unless it was later already; whoever slept until then wakes. */
  advance(to: number): void
  /** Resolves at the first reading; rejects with the signal's reason when aborted. */
  begun(signal: AbortSignal): Promise<void>
}

/**
 * Time as the pushed readings tell it, for replays and simulated time. Until the first of them it stands at `start`.
 *
 * @param start ms since the epoch
 */
export function createReadingsClock(start: number): ReadingsClock {
  let now = start
  let isBegun = false
  const first = Promise.withResolvers<void>()
  const sleepers = new Set<{ until: number; readonly wake: () => void }>()

  return {
    now: () => now,
    advance(to) {
      // Who sleeps since before the first reading sleeps on for as long, whatever year it is there.
      if (!isBegun) for (const sleeper of sleepers) sleeper.until += to - now
      if (!isBegun || to > now) now = to
      isBegun = true
      first.resolve()
      const due = [...sleepers].filter(({ until }) => until <= now).sort((a, b) => a.until - b.until)
      for (const sleeper of due) {
        sleepers.delete(sleeper)
        sleeper.wake()
      }
    },
    begun: (signal) => orAborted(first.promise, signal),
    sleep(ms, signal) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const sleeper = { until: now + ms, wake: resolve }
      if (ms <= 0) resolve()
      else sleepers.add(sleeper)
      if (signal === undefined) return promise
      return orAborted(promise, signal).finally(() => sleepers.delete(sleeper))
    },
  }
}

async function orAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  try {
    await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
