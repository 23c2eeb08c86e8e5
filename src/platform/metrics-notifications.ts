import { Counter, Gauge, Histogram, type Registry } from '@prometheus-io/client'

/** What becomes of messages. Receivers are those of the configuration, or `other`. */
export interface NotificationMetrics {
  /** These receivers there are: their counters begin at 0. */
  receivers(names: readonly string[]): void
  sent(receiver: string, seconds: number): void
  /** One try went wrong. */
  failed(receiver: string, reason: string): void
  dropped(receiver: string, why: string): void
  /** Deliveries that wait, by receiver; a receiver that is not named has none. */
  waiting(counts: Readonly<Record<string, number>>): void
  /** Somebody has pressed a button or given a command; ignored: who is not on the list. */
  answered(receiver: string, result: (typeof ANSWERS)[number]): void
}

const ANSWERS = ['done', 'refused', 'ignored', 'failed'] as const
const OUTCOMES = ['sent', 'failed', 'dropped']
const FAILURES = ['auth', 'rate_limited', 'rejected', 'unavailable', 'timeout', 'other']
const DROPS = ['gave_up', 'rejected', 'superseded', 'over', 'unknown_receiver', 'other']

export function addNotificationMetrics(registry: Registry): NotificationMetrics {
  const registers = [registry]
  const total = new Counter({
    name: 'homeostat_notifications_total',
    help: 'Messages by what became of a try: sent; failed, to be tried again or not; dropped without or after tries.',
    labelNames: ['receiver', 'outcome'],
    registers,
  })
  const failures = new Counter({
    name: 'homeostat_notification_failures_total',
    help: 'Tries to send a message that went wrong, by reason.',
    labelNames: ['receiver', 'reason'],
    registers,
  })
  const drops = new Counter({
    name: 'homeostat_notifications_dropped_total',
    help: 'Messages that are not sent, by reason: given up, refused, part of another, over before they could be told.',
    labelNames: ['receiver', 'reason'],
    registers,
  })
  const waiting = new Gauge({
    name: 'homeostat_notifications_waiting',
    help: 'Messages that wait for their receiver.',
    labelNames: ['receiver'],
    registers,
  })
  const duration = new Histogram({
    name: 'homeostat_notification_duration_seconds',
    help: 'Time that a receiver took for a message.',
    labelNames: ['receiver'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15],
    registers,
  })
  const answers = new Counter({
    name: 'homeostat_chat_answers_total',
    help: 'Buttons and commands in chats by what became of them; ignored: by somebody who is not on the list.',
    labelNames: ['receiver', 'result'],
    registers,
  })
  const known = new Set<string>()
  const nameOf = (receiver: string) => (known.has(receiver) ? receiver : 'other')
  return {
    receivers(names) {
      for (const receiver of names) {
        known.add(receiver)
        for (const outcome of OUTCOMES) total.inc({ receiver, outcome }, 0)
        for (const reason of FAILURES) failures.inc({ receiver, reason }, 0)
        for (const reason of DROPS) drops.inc({ receiver, reason }, 0)
        for (const result of ANSWERS) answers.inc({ receiver, result }, 0)
        waiting.set({ receiver }, 0)
        duration.zero({ receiver })
      }
    },
    sent(receiver, seconds) {
      total.inc({ receiver: nameOf(receiver), outcome: 'sent' })
      duration.observe({ receiver: nameOf(receiver) }, seconds)
    },
    failed(receiver, reason) {
      total.inc({ receiver: nameOf(receiver), outcome: 'failed' })
      failures.inc({ receiver: nameOf(receiver), reason: FAILURES.includes(reason) ? reason : 'other' })
    },
    dropped(receiver, why) {
      total.inc({ receiver: nameOf(receiver), outcome: 'dropped' })
      drops.inc({ receiver: nameOf(receiver), reason: DROPS.includes(why) ? why : 'other' })
    },
    waiting(counts) {
      for (const receiver of known) waiting.set({ receiver }, Object.hasOwn(counts, receiver) ? counts[receiver] : 0)
    },
    answered: (receiver, result) => answers.inc({ receiver: nameOf(receiver), result }),
  }
}
