import { Command, Option } from 'commander'
import { ListenError } from '../api/server.ts'
import { StoreError } from '../app/casebook.ts'
import { DataDirError, startDaemon } from '../app/daemon.ts'
import type { Config } from '../config/resolve.ts'
import { systemClock } from '../platform/clock.ts'
import { systemEnvironment } from '../platform/environment.ts'
import { createLogger, type Logger } from '../platform/logger.ts'
import { createMetrics } from '../platform/metrics.ts'
import { createReadingsClock } from '../platform/readings-clock.ts'
import { SecretError } from '../platform/secrets.ts'
import { type ConfigOptions, readConfig, requireConfig, withConfigOptions } from './configuration.ts'
import { UsageError } from './exit.ts'
import { version } from './version.ts'

interface RunOptions extends ConfigOptions {
  readonly clock: 'system' | 'readings'
}

export const runCommand = () =>
  withConfigOptions(new Command('run'))
    .description('Watch the hosts until stopped: SIGTERM or SIGINT end it, SIGHUP reloads the configuration.')
    .addOption(
      new Option(
        '--clock <clock>',
        'whose time holds: that of this machine, or of the pushed readings (effects are dry runs)',
      )
        .choices(['system', 'readings'])
        .default('system'),
    )
    .option('--web.listen-address <host:port>', 'address to serve on')
    .action(async (options: RunOptions) => {
      const { config, file } = requireConfig(options)
      const logger = createLogger(config.log.level)
      const readings = options.clock === 'readings' ? createReadingsClock(systemClock.now()) : undefined
      const daemon = await startDaemon(config, {
        clock: readings ?? systemClock,
        readings,
        wallClock: systemClock,
        stopwatch: () => performance.now(),
        environment: systemEnvironment,
        logger,
        metrics: createMetrics({ now: (readings ?? systemClock).now, version, node: process.versions.node }),
        version,
        file,
        loadConfig: () => readConfig(options),
      }).catch(explain)
      announce(config, file, daemon.server.url, logger)
      process.on('SIGHUP', () => void daemon.reload())
      const signal = await stopSignal()
      logger.info({ signal }, 'stopping')
      await daemon.stop()
      logger.info('stopped')
    })

/** What a person can put right is told in one line; everything else keeps its stack. */
function explain(error: unknown): never {
  if (error instanceof SecretError || error instanceof DataDirError || error instanceof StoreError)
    throw new UsageError(error.message)
  if (error instanceof ListenError) throw error
  throw error
}

function announce(config: Config, file: string | undefined, url: string, logger: Logger): void {
  const { source } = config
  const watching = {
    local: 'this machine; to watch others set PROMETHEUS_URL or source in a configuration file (--config)',
    prometheus: `from the next cycle on the hosts that ${source.prometheus.url} knows`,
    node_exporter: `${source.node_exporter.urls.length} node_exporter`,
    push: 'services that push their readings',
  }[source.type]
  logger.info(
    { version, url, source: source.type, config: file ?? 'built-in defaults', data_dir: config.data_dir },
    `started: watching ${watching}`,
  )
}

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal))
  })
}
