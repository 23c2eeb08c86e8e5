import type { NotificationMetrics } from '../platform/metrics-notifications.ts'

/** What came of the newest messages to one receiver; times are ms since the epoch. */
export interface ReceiverOutcome {
  readonly waiting?: number
  readonly sentAt?: number
  readonly failedAt?: number
  /** Why it failed the last time. */
  readonly failure?: string
}

export interface ReceiverOutcomes {
  readonly metrics: NotificationMetrics
  of(receiver: string): ReceiverOutcome
}

/** Remembers, on the way to the metrics, how receivers are. */
export function watchReceivers(metrics: NotificationMetrics, now: () => number): ReceiverOutcomes {
  const outcomes = new Map<string, ReceiverOutcome>()
  const note = (receiver: string, facts: ReceiverOutcome) => {
    outcomes.set(receiver, { ...outcomes.get(receiver), ...facts })
  }
  return {
    metrics: {
      ...metrics,
      sent(receiver, seconds) {
        note(receiver, { sentAt: now() })
        metrics.sent(receiver, seconds)
      },
      failed(receiver, reason) {
        note(receiver, { failedAt: now(), failure: reason })
        metrics.failed(receiver, reason)
      },
      waiting(counts) {
        for (const [receiver, waiting] of Object.entries(counts)) note(receiver, { waiting })
        for (const receiver of outcomes.keys()) if (!Object.hasOwn(counts, receiver)) note(receiver, { waiting: 0 })
        metrics.waiting(counts)
      },
    },
    of: (receiver) => outcomes.get(receiver) ?? {},
  }
}
