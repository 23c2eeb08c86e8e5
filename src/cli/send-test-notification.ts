import { Command } from 'commander'
import { createNotifiers } from '../app/notifiers.ts'
import { sampleChart, sampleMatter } from '../app/sample-notice.ts'
import { createChartPainter } from '../notify/chart.ts'
import { composeNotice } from '../notify/compose.ts'
import { readTemplates } from '../notify/templates.ts'
import { NotifyError } from '../pipeline/receivers.ts'
import { systemClock } from '../platform/clock.ts'
import { systemEnvironment } from '../platform/environment.ts'
import { createLogger } from '../platform/logger.ts'
import { type ConfigOptions, requireConfig, withConfigOptions } from './configuration.ts'
import { UsageError } from './exit.ts'

/** As long as a message may take. */
const TIMEOUT_MS = 15_000

interface Options extends ConfigOptions {
  readonly receiver?: string
}

export const sendTestNotificationCommand = () =>
  withConfigOptions(new Command('send-test-notification'))
    .description('Send a message that says that it is a test, straight to a receiver: no route, no silence, no retry.')
    .option('--receiver <name>', 'the receiver; may be left out where there is only one')
    .action(async (options: Options) => {
      const { config } = requireConfig(options)
      const logger = createLogger('error', process.stderr)
      const all = createNotifiers(config, { clock: systemClock, environment: systemEnvironment, logger })
      const chosen = choose(all, options.receiver)
      const now = systemClock.now()
      const { picture } = chosen.notifier.capabilities
      const chart = picture ? await createChartPainter()(sampleChart(now)) : undefined
      const notice = composeNotice({ ...sampleMatter(now), chart }, readTemplates(config.notifications.templates))
      try {
        await chosen.notifier.send(notice, undefined, AbortSignal.timeout(TIMEOUT_MS))
      } catch (error) {
        if (!(error instanceof NotifyError)) throw error
        throw new Error(`${chosen.name} has not taken the message (${error.reason}): ${error.message}`)
      }
      process.stdout.write(`${chosen.name} has taken the message\n`)
    })

/** @throws {UsageError} naming those that there are */
function choose<N extends { readonly name: string }>(all: readonly N[], name: string | undefined): N {
  if (all.length === 0) throw new UsageError('the configuration has no notifications.receivers')
  const names = all.map((one) => one.name).join(', ')
  if (name === undefined) {
    if (all.length === 1) return all[0]
    throw new UsageError(`which receiver? --receiver takes one of ${names}`)
  }
  const chosen = all.find((one) => one.name === name)
  if (chosen === undefined) throw new UsageError(`there is no receiver ${name}: there are ${names}`)
  return chosen
}
