import { Command, Option } from 'commander'
import { startServer } from '../api/server.ts'
import { createControlApi } from '../app/simulation/control-api.ts'
import { eventJson, eventLine, type SimulationEvent } from '../app/simulation/events.ts'
import { FAULT_TICKS } from '../app/simulation/fault-feed.ts'
import { createSimulation } from '../app/simulation/simulation.ts'
import { formatDuration } from '../config/duration.ts'
import { isLoopback } from '../config/listen-address.ts'
import { systemClock } from '../platform/clock.ts'
import { createLogger } from '../platform/logger.ts'
import { createWorld } from '../simulate/world.ts'
import { UsageError } from './exit.ts'
import {
  addressOption,
  faultOption,
  intervalOption,
  type SimulateOptions,
  spanOption,
  speedOption,
  wholeOption,
  worldOf,
} from './simulate-options.ts'
import { createOutlets } from './simulate-outlets.ts'

/** For requests under way when the world ends, ms. */
const CLOSE_MS = 2000
const DEFAULT_ADDRESS = { host: '127.0.0.1', port: 9798 }

export const simulateCommand = () =>
  new Command('simulate')
    .description('A world of services with faults that right actions heal: for trying out, demos and benchmarks.')
    .option('--config <file>', 'services, calls and faults of a world of your own (YAML)')
    .option('--services <number>', 'size of the world without --config (default: a shop of 12)', wholeOption(1, 1000))
    .option('--seed <number>', 'seed of everything random', wholeOption(0, 2 ** 32 - 1), 1)
    .addOption(
      new Option('--interval <duration>', 'time from reading to reading').argParser(intervalOption).default(3000, '3s'),
    )
    .option('--speed <factor>', 'how much faster than the clock the world goes', speedOption, 1)
    .option('--ticks <number>', 'end after so many readings of each service', wholeOption(1, 1e9))
    .addOption(
      new Option('--listen-address <host:port>', 'where to serve')
        .argParser(addressOption)
        .default(DEFAULT_ADDRESS, '127.0.0.1:9798'),
    )
    .option('--push <url>', 'push every reading to this Homeostat')
    .option('--token-file <file>', 'file with the API token for --push')
    .option('--pushgateway <url>', 'put every reading to this Pushgateway')
    .option('--faults <source>', 'chance, none, or a file with a schedule (default: those of --config, else chance)')
    .addOption(
      new Option('--fault <fault>', 'SERVICE:KIND[:TICKS][@TIME]; may be given again')
        .argParser(faultOption)
        .default([], 'none'),
    )
    .addOption(
      new Option('--fault-ticks <from-to>', 'readings that a fault lasts unless it is healed')
        .argParser(spanOption)
        .default(FAULT_TICKS, FAULT_TICKS.join('-')),
    )
    .option('--quiet', 'say nothing but what fails')
    .option('--json', 'one JSON object per event')
    .action(simulate)

async function simulate(options: SimulateOptions): Promise<void> {
  if (options.tokenFile !== undefined && options.push === undefined)
    throw new UsageError('--token-file is for --push, which is missing')
  const { services, feed } = worldOf(options)
  const { seed, interval: tickMs, speed, listenAddress } = options
  const stop = new AbortController()
  stopOnSignal(stop)
  const say = speaker(options, stop)
  const startAt = systemClock.now()
  const outlets = createOutlets(options, services, warn)
  const simulation = createSimulation({
    world: createWorld({ services, seed, startAt, tickMs }),
    startAt,
    tickMs,
    speed,
    faults: feed,
    clock: systemClock,
    emit: outlets.emit,
    report: (event) => say(options.json ? eventJson(event) : eventLine(event)),
  })
  const logger = createLogger('error', process.stderr)
  const server = await startServer(
    createControlApi(simulation, logger),
    listenAddress.host,
    listenAddress.port,
    logger,
  ).catch((error: Error) => {
    throw new Error(error.message.replace(/web\.listen_address \/ --web\.listen-address/, '--listen-address'))
  })
  if (!isLoopback(server.host)) warn('whoever reaches this address can bring faults about: it asks for no password')
  say(started(options, services.length, server.url, startAt))
  try {
    await simulation.run(stop.signal, options.ticks)
  } finally {
    await Promise.all([server.close(CLOSE_MS), outlets.close(AbortSignal.timeout(CLOSE_MS))])
  }
}

function started({ json, seed, interval }: SimulateOptions, services: number, url: string, at: number): string {
  const event: SimulationEvent = { event: 'started', at, url, services, seed, interval: formatDuration(interval) }
  return json ? eventJson(event) : eventLine(event)
}

/** Writes lines to standard output; when nobody reads them any more, the world ends. */
function speaker({ quiet }: SimulateOptions, stop: AbortController): (line: string) => void {
  process.stdout.on('error', () => stop.abort())
  return (line) => {
    if (!quiet) process.stdout.write(`${line}\n`)
  }
}

function stopOnSignal(stop: AbortController): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort())
}

function warn(message: string): void {
  process.stderr.write(`homeostat: ${message}\n`)
}
