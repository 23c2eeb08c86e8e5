import type { Clock } from '../platform/clock.ts'
import { type Bulletin, NotifyError, type Receiver } from './receivers.ts'

/** What a receiver may take for one message, ms. */
const SEND_MS = 15_000

/**
 * Has a receiver send, for so long and no longer: one that does not end when told to is left behind.
 *
 * @throws {NotifyError} `timeout`, or whatever the receiver throws; the signal's reason when that aborts
 */
export async function sendInTime(
  receiver: Receiver,
  bulletin: Bulletin,
  clock: Clock,
  signal: AbortSignal,
): Promise<{ readonly handle?: string }> {
  signal.throwIfAborted()
  const late = new NotifyError('timeout', `${receiver.name} did not answer within ${SEND_MS / 1000} s`)
  const timeout = new AbortController()
  const done = new AbortController()
  const gaveUp = Promise.withResolvers<never>()
  const onStop = () => gaveUp.reject(signal.reason)
  signal.addEventListener('abort', onStop, { once: true })
  clock.sleep(SEND_MS, done.signal).then(
    () => {
      timeout.abort(late)
      gaveUp.reject(late)
    },
    () => undefined,
  )
  try {
    return await Promise.race([receiver.send(bulletin, AbortSignal.any([signal, timeout.signal])), gaveUp.promise])
  } catch (error) {
    // What a receiver says of being stopped is not what went wrong.
    throw timeout.signal.aborted ? late : error
  } finally {
    done.abort()
    signal.removeEventListener('abort', onStop)
  }
}
