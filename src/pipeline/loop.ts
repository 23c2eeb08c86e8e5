import type { Clock } from '../platform/clock.ts'

export interface LoopOptions {
  readonly clock: Clock
  readonly intervalMs: number
  /** Runs the pipeline for one grid time; must not throw. */
  readonly tick: (at: number, signal: AbortSignal) => Promise<void>
  /** Told how many grid times passed while a tick ran over. */
  readonly onMissed: (count: number) => void
}

/**
 * Calls `tick` at every whole multiple of the interval since the epoch, one at a time, until the signal aborts.
 * Grid times that pass while a tick is still running are not made up for, but reported.
 */
export async function runLoop(options: LoopOptions, signal: AbortSignal): Promise<void> {
  const { clock, intervalMs } = options
  let at = nextGridTime(clock.now(), intervalMs)
  while (!signal.aborted) {
    const wait = at - clock.now()
    if (wait > 0) {
      const slept = await clock.sleep(wait, signal).then(
        () => true,
        () => false,
      )
      if (!slept) return
    }
    await options.tick(at, signal)
    const next = nextGridTime(clock.now(), intervalMs)
    const missed = Math.max(0, (next - at) / intervalMs - 1)
    if (missed > 0) options.onMissed(missed)
    at = Math.max(next, at + intervalMs)
  }
}

/** The first grid time after `now`. */
export function nextGridTime(now: number, intervalMs: number): number {
  return (Math.floor(now / intervalMs) + 1) * intervalMs
}
