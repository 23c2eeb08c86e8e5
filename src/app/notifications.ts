import { randomBytes } from 'node:crypto'
import type { Resolve } from '../act/http/address.ts'
import type { Config } from '../config/resolve.ts'
import { createChartPainter, type DrawChart } from '../notify/chart.ts'
import { createDispatch } from '../notify/routing/dispatch.ts'
import type { Journal } from '../pipeline/journal.ts'
import type { Outbox } from '../pipeline/outbox.ts'
import { createRateLimiter } from '../pipeline/rate-limiter.ts'
import type { Receiver } from '../pipeline/receivers.ts'
import { createTell } from '../pipeline/tell.ts'
import type { TellDependencies } from '../pipeline/tell-dependencies.ts'
import type { Clock } from '../platform/clock.ts'
import type { Environment } from '../platform/environment.ts'
import type { Logger } from '../platform/logger.ts'
import type { Metrics } from '../platform/metrics.ts'
import type { ChatDependencies } from './chat/dependencies.ts'
import { listenToPeople } from './chat/listening.ts'
import { createNoticeMaker, type Levels, type MakeNotice } from './notice-maker.ts'
import { routeTree } from './notification-routes.ts'
import { createNotifiers, type NamedNotifier } from './notifiers.ts'

export interface NotificationDependencies {
  readonly store: Journal & Outbox
  /** Levels of the last hour, for charts. */
  readonly levels: Levels
  readonly clock: Clock
  readonly environment: Environment
  readonly logger: Logger
  readonly metrics: Pick<Metrics, 'notifications'>
  /** Until when people have silenced an incident where alerts are routed; nobody is asked without it. */
  readonly silencedElsewhere?: TellDependencies['silencedElsewhere']
  /** Where people's answers go; nobody is listened to without it. */
  readonly desk?: Pick<ChatDependencies, 'fleet' | 'incidents' | 'remediation'>
  /** The real ones unless given. */
  readonly fetch?: typeof fetch
  readonly resolve?: Resolve
  readonly drawChart?: DrawChart
  readonly random?: () => number
}

/** The telling of people, as one configuration has it. */
export interface Notifications {
  /** Sends what is in the outbox and hears what people answer, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
  /** Something was put into the outbox. */
  wake(): void
}

/** Nothing is connected to, and no library loaded, before the first message. */
export function createNotifications(config: Config, dependencies: NotificationDependencies): Notifications {
  const { store, clock, levels, random = Math.random } = dependencies
  const { notifications } = config
  const logger = dependencies.logger.child({ component: 'notify' })
  const metrics = dependencies.metrics.notifications
  const named = createNotifiers(config, dependencies)
  metrics.receivers(named.map(({ name }) => name))
  const dispatch = createDispatch(routeTree(notifications))
  const makeNotice = createNoticeMaker(notifications, {
    store,
    dispatch,
    clock,
    logger,
    levels,
    drawChart: dependencies.drawChart ?? createChartPainter(),
    newNonce: () => randomBytes(16).toString('base64url'),
  })
  const { escalation, fallback } = notifications
  const limiter = createRateLimiter(clock)
  const tell = createTell({
    outbox: store,
    journal: store,
    dispatch,
    receivers: named.map((one) => receiverOf(one, makeNotice)),
    escalation: escalation && { afterMs: escalation.after, receiver: escalation.receiver },
    silencedElsewhere: dependencies.silencedElsewhere,
    fallback: fallback && { afterMs: fallback.after, receivers: fallback.receivers },
    clock,
    limiter,
    random,
    logger,
    metrics,
  })
  const { desk } = dependencies
  const hear = (signal: AbortSignal) =>
    desk && listenToPeople(named, { ...desk, nonces: store, limiter, metrics, clock, logger }, signal)
  return {
    run: async (signal) => void (await Promise.all([tell.run(signal), hear(signal)])),
    wake: tell.wake,
  }
}

function receiverOf({ name, notifier }: NamedNotifier, makeNotice: MakeNotice): Receiver {
  const { capabilities, limits } = notifier
  const { updates, refreshMs, groupsItself, silencesItself } = capabilities
  return {
    ...{ name, updates, limits, refreshMs, groupsItself, silencesItself },
    async send(bulletin, signal) {
      const notice = await makeNotice(name, bulletin, capabilities)
      return notifier.send(notice, bulletin.handle, signal)
    },
  }
}
