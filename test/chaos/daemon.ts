/**
 * The daemon as built, that does to itself at a boundary what a file orders: `started SIGKILL` ends it when the next
 * action has started, `prepared SIGSTOP` pauses it. An order is carried out once, by whoever of several comes there
 * first. `node daemon.ts run --config FILE` with the file of the order in the environment variable ORDER.
 */
import { readFileSync, unlinkSync } from 'node:fs'

const built = new URL('../../dist/', import.meta.url)
const load = (path: string) => import(new URL(path, built).href)
const [{ startDaemon }, { requireConfig }, { createMetrics }, { createLogger }, { systemClock }, environment] =
  (await Promise.all([
    load('app/daemon.js'),
    load('cli/configuration.js'),
    load('platform/metrics.js'),
    load('platform/logger.js'),
    load('platform/clock.js'),
    load('platform/environment.js'),
  ])) as [
    typeof import('../../src/app/daemon.ts'),
    typeof import('../../src/cli/configuration.ts'),
    typeof import('../../src/platform/metrics.ts'),
    typeof import('../../src/platform/logger.ts'),
    typeof import('../../src/platform/clock.ts'),
    typeof import('../../src/platform/environment.ts'),
  ]

const orderFile = process.env['ORDER'] ?? ''

/** @returns the signal, for who may carry out the order */
function orderedAt(boundary: string): string | undefined {
  try {
    const [at, signal] = readFileSync(orderFile, 'utf8').split(' ')
    if (at !== boundary) return undefined
    unlinkSync(orderFile)
    return signal
  } catch {
    return undefined
  }
}

const { config } = requireConfig({ config: process.argv.at(-1) })
const logger = createLogger(config.log.level)
const daemon = await startDaemon(config, {
  clock: systemClock,
  stopwatch: () => performance.now(),
  environment: environment.systemEnvironment,
  logger,
  metrics: createMetrics({ now: systemClock.now, version: 'chaos', node: process.versions.node }),
  loadConfig: () => ({ ok: true, config }),
  onBoundary(boundary) {
    const signal = orderedAt(boundary)
    if (signal !== undefined) process.kill(process.pid, signal)
  },
})
process.once('SIGTERM', () => void daemon.stop())
