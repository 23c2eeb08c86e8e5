import type { Clock } from '../platform/clock.ts'
import type { RateLimit } from './receivers.ts'

export interface RateLimiter {
  /** Waits until all of the limits allow one more, and counts it. Rejects with the signal's reason. */
  acquire(limits: readonly RateLimit[], signal: AbortSignal): Promise<void>
}

/** Never more than `count` within any `perMs`, so that a burst at the border of two windows does not count double. */
export function createRateLimiter(clock: Clock): RateLimiter {
  /** When each limit was last used, oldest first, at most `count` times. */
  const uses = new Map<string, number[]>()

  function freeAt({ key, count, perMs }: RateLimit): number {
    const times = uses.get(key) ?? []
    return times.length < count ? Number.NEGATIVE_INFINITY : times[times.length - count] + perMs
  }

  return {
    async acquire(limits, signal) {
      for (;;) {
        signal.throwIfAborted()
        const now = clock.now()
        const wait = Math.max(0, ...limits.map((limit) => freeAt(limit) - now))
        if (wait === 0) {
          for (const { key, count } of limits) uses.set(key, [...(uses.get(key) ?? []), now].slice(-count))
          return
        }
        await clock.sleep(wait, signal)
      }
    },
  }
}
