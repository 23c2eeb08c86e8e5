import type { Config } from '../config/resolve.ts'
import { createNotifications, type NotificationDependencies, type Notifications } from './notifications.ts'

/** The telling of people as something that is started and stopped, for who reloads. */
export interface Telling extends Pick<Notifications, 'wake'> {
  start(): void
  /** What was being sent is sent again later. */
  stop(): Promise<void>
}

export function createTelling(config: Config, dependencies: NotificationDependencies): Telling {
  const notifications = createNotifications(config, dependencies)
  const stopping = new AbortController()
  let running: Promise<void> | undefined
  return {
    start() {
      running = notifications.run(stopping.signal).catch((err: unknown) => {
        dependencies.logger.error({ err }, 'nobody is told any more')
      })
    },
    async stop() {
      stopping.abort(new Error('stopping'))
      await running
    },
    wake: notifications.wake,
  }
}
