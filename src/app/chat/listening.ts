import type { Incident } from '../../domain/incident.ts'
import type { Silence } from '../../domain/safety.ts'
import type { Answers } from '../../notify/answers.ts'
import type { RateLimiter } from '../../pipeline/rate-limiter.ts'
import { NotifyError } from '../../pipeline/receivers.ts'
import type { Logger } from '../../platform/logger.ts'
import type { NotificationMetrics } from '../../platform/metrics-notifications.ts'
import type { NamedNotifier } from '../notifiers.ts'
import type { ChatDependencies } from './dependencies.ts'
import { createChatServices } from './services.ts'

export interface ListeningDependencies extends Omit<ChatDependencies, 'receivers' | 'onSilence'> {
  readonly logger: Logger
  /** The one that messages are sent with: what is said counts too. */
  readonly limiter: RateLimiter
  readonly metrics: Pick<NotificationMetrics, 'answered'>
}

/** Hears what people say wherever a receiver lets them answer, until the signal aborts. */
export async function listenToPeople(
  named: readonly NamedNotifier[],
  dependencies: ListeningDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { limiter, metrics, logger } = dependencies
  const onSilence = keepElsewhere(named, logger, signal)
  await Promise.all(
    connectionsOf(named).map(({ answers, people, receivers }) => {
      const services = createChatServices({ ...dependencies, receivers, onSilence })
      const counted = (result: Parameters<typeof metrics.answered>[1]) => metrics.answered(receivers[0], result)
      return answers.listen(people, { services, counted, acquire: limiter.acquire }, signal)
    }),
  )
}

/** What tells a target from others, in Alertmanager as here. */
const IDENTITY = ['instance', 'job']
const KEEP_MS = 10_000

/** Sets a silence wherever else silences are kept. Ours holds whatever becomes of it. */
function keepElsewhere(named: readonly NamedNotifier[], logger: Logger, signal: AbortSignal) {
  return ({ from, until, by, text }: Silence, { labels: all }: Incident): void => {
    const labels = Object.fromEntries(IDENTITY.flatMap((name) => (Object.hasOwn(all, name) ? [[name, all[name]]] : [])))
    for (const { name: receiver, notifier } of named) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(KEEP_MS)])
      notifier.silence?.({ labels, from, until, by, text }, limit).catch((error: unknown) => {
        const problem = error instanceof NotifyError ? error.message : String(error)
        logger.warn({ receiver, problem }, 'a silence was not taken over')
      })
    }
  }
}

interface Connection {
  readonly answers: Answers
  readonly people: Answers['people']
  readonly receivers: readonly string[]
}

/** One bot may serve several receivers, but only one may ask what it hears. */
function connectionsOf(named: readonly NamedNotifier[]): Connection[] {
  const byName = new Map<string, Connection>()
  for (const { name, notifier } of named) {
    const { answers } = notifier
    if (answers === undefined) continue
    const { people, receivers } = byName.get(answers.connection) ?? { people: [], receivers: [] }
    byName.set(answers.connection, {
      answers,
      people: [...people, ...answers.people],
      receivers: [...receivers, name],
    })
  }
  return [...byName.values()]
}
