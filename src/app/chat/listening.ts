import type { Answers } from '../../notify/answers.ts'
import type { RateLimiter } from '../../pipeline/rate-limiter.ts'
import type { NotificationMetrics } from '../../platform/metrics-notifications.ts'
import type { NamedNotifier } from '../notifiers.ts'
import type { ChatDependencies } from './dependencies.ts'
import { createChatServices } from './services.ts'

export interface ListeningDependencies extends Omit<ChatDependencies, 'receivers'> {
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
  const { limiter, metrics } = dependencies
  await Promise.all(
    connectionsOf(named).map(({ answers, people, receivers }) => {
      const services = createChatServices({ ...dependencies, receivers })
      const counted = (result: Parameters<typeof metrics.answered>[1]) => metrics.answered(receivers[0], result)
      return answers.listen(people, { services, counted, acquire: limiter.acquire }, signal)
    }),
  )
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
