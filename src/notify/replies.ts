import { NotifyError, type RateLimit } from '../pipeline/receivers.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import type { AnswerContext } from './answers.ts'

/** Replies that wait for a chat; whoever asks more than that in a hurry gets no answer to the rest. */
const MOST_WAITING = 50
const TRIES = 3
const LONGEST_PAUSE_MS = 60_000

/** Replies on their way. What was asked for has happened by then: no reply delays an effect, nor one chat another. */
export interface Replies {
  /** @param limits what the chat must not be sent more often than */
  send(chat: string, limits: readonly RateLimit[], reply: () => Promise<unknown>): void
}

export function createReplies(
  { clock, logger, acquire }: { clock: Clock; logger: Logger; acquire: AnswerContext['acquire'] },
  signal: AbortSignal,
): Replies {
  const queues = new Map<string, { waiting: number; tail: Promise<void> }>()

  async function deliver(limits: readonly RateLimit[], reply: () => Promise<unknown>): Promise<void> {
    for (let tries = 1; !signal.aborted; tries++) {
      try {
        await acquire(limits, signal)
        await reply()
        return
      } catch (error) {
        if (signal.aborted) return
        const failure = error instanceof NotifyError ? error : undefined
        if (failure?.retryable !== true || tries === TRIES) {
          logger.warn({ reason: failure?.reason, problem: failure?.message }, 'a reply in a chat was not sent')
          return
        }
        await clock.sleep(Math.min(failure.retryAfterMs ?? tries * 1_000, LONGEST_PAUSE_MS), signal).catch(() => {})
      }
    }
  }

  return {
    send(chat, limits, reply) {
      const queue = queues.get(chat) ?? { waiting: 0, tail: Promise.resolve() }
      if (queue.waiting >= MOST_WAITING) return
      queue.waiting++
      queue.tail = queue.tail
        .then(() => deliver(limits, reply))
        .finally(() => {
          queue.waiting--
          if (queue.waiting === 0) queues.delete(chat)
        })
      queues.set(chat, queue)
    },
  }
}
