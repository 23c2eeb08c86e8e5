import { EffectError } from '../pipeline/effects.ts'
import type { Clock } from '../platform/clock.ts'

/** Time that work has to end by itself once it was told to, such as killing a command's processes; ms. */
const GRACE_MS = 3_000

interface Deadline {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly ms: number
  /** For people. */
  readonly what: string
}

/**
 * Does work until it ends, its time is over or it is stopped. The work's own error wins, since it knows best what
 * happened; work that does not end when told to is left behind.
 *
 * @throws {EffectError} `timeout` or `unavailable`, happened `unknown`
 */
export async function withDeadline<T>(
  { clock, signal, ms, what }: Deadline,
  work: (deadline: AbortSignal) => Promise<T>,
): Promise<T> {
  if (signal.aborted) throw new EffectError('unavailable', 'no', `${what} was stopped before it began`)
  const timeout = new AbortController()
  const timer = new AbortController()
  const deadline = AbortSignal.any([signal, timeout.signal])
  const late = new EffectError('timeout', 'unknown', `${what} took longer than ${ms / 1000} s`)
  const stopped = new EffectError('unavailable', 'unknown', `${what} was stopped`)

  const expiry = clock.sleep(ms, timer.signal).then(
    () => timeout.abort(late),
    () => undefined,
  )
  const gaveUp = new Promise<never>((_, reject) => {
    const giveUp = () => {
      const error = timeout.signal.aborted ? late : stopped
      clock.sleep(GRACE_MS, timer.signal).then(
        () => reject(error),
        () => undefined,
      )
    }
    deadline.addEventListener('abort', giveUp, { once: true })
  })
  try {
    return await Promise.race([work(deadline), gaveUp])
  } finally {
    timer.abort()
    await expiry
  }
}

/** Why a signal from `withDeadline` was aborted, as the reason of an EffectError. */
export function stopReason(signal: AbortSignal): 'timeout' | 'unavailable' {
  const { reason } = signal
  return reason instanceof EffectError && reason.reason === 'timeout' ? 'timeout' : 'unavailable'
}
