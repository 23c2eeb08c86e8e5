import { InvalidArgumentError } from 'commander'
import { createFaultFeed, FAULT_TICKS, type FaultFeed, scheduled } from '../app/simulation/fault-feed.ts'
import { type FaultRequest, readFaultFile, readWorldFile } from '../app/simulation/world-file.ts'
import { parseDuration } from '../config/duration.ts'
import { type ListenAddress, parseListenAddress } from '../config/listen-address.ts'
import type { FileReading } from '../config/other-file.ts'
import { formatProblem } from '../config/problem.ts'
import { systemEnvironment } from '../platform/environment.ts'
import { campaign } from '../simulate/campaign.ts'
import { FAULTS } from '../simulate/fault.ts'
import { makeFleet } from '../simulate/fleet.ts'
import type { ServiceDefinition } from '../simulate/service.ts'
import { UsageError } from './exit.ts'

/** What commander makes of the options of `simulate`. */
export interface SimulateOptions {
  readonly config?: string
  readonly services?: number
  readonly seed: number
  readonly interval: number
  readonly speed: number
  readonly ticks?: number
  readonly listenAddress: ListenAddress
  readonly push?: string
  readonly tokenFile?: string
  readonly pushgateway?: string
  readonly faults?: string
  readonly fault: readonly FaultRequest[]
  readonly faultTicks: readonly [number, number]
  readonly quiet?: boolean
  readonly json?: boolean
}

const DEFAULT_SERVICES = 12

/**
 * The services, and what will go wrong with them when.
 *
 * @throws {UsageError} for a file that is wrong or missing, and a fault at a service that there is not
 */
export function worldOf(options: SimulateOptions): { services: readonly ServiceDefinition[]; feed: FaultFeed } {
  const { config, seed, interval, faultTicks } = options
  if (config !== undefined && options.services !== undefined)
    throw new UsageError('--config and --services both say what the world is: give one of them')
  const file = config === undefined ? undefined : read(config, readWorldFile)
  const services = file?.services ?? makeFleet(options.services ?? DEFAULT_SERVICES, seed)
  const source = options.faults ?? (file?.faults === undefined ? 'chance' : 'config')
  const requests = source === 'config' ? file!.faults! : readSchedule(source, services)
  const stranger = options.fault.find(({ service }) => !services.some(({ name }) => name === service))
  if (stranger !== undefined)
    throw new UsageError(`--fault: ${stranger.service} is no service of this world; there are ${someNames(services)}`)
  const schedule = scheduled([...requests, ...options.fault], interval, seed, faultTicks)
  const chance = source === 'chance' ? campaign({ services, seed, ticks: faultTicks }) : undefined
  return { services, feed: createFaultFeed(schedule, chance) }
}

function readSchedule(source: string, services: readonly ServiceDefinition[]): readonly FaultRequest[] {
  if (source === 'chance' || source === 'none') return []
  return read(source, (name, text) => readFaultFile(name, text, services))
}

function read<T>(file: string, reader: (name: string, text: string) => FileReading<T>): T {
  let text: string
  try {
    text = systemEnvironment.readFile(file)
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
  const { value, problems } = reader(file, text)
  if (value !== undefined) return value
  throw new UsageError(`${file} cannot be used:\n  ${problems.map(formatProblem).join('\n  ')}`)
}

function someNames(services: readonly ServiceDefinition[]): string {
  const names = services.slice(0, DEFAULT_SERVICES).map(({ name }) => name)
  return services.length > names.length ? `${names.join(', ')} and more` : names.join(', ')
}

/** `SERVICE:KIND[:TICKS][@TIME]`, such as `ledger:crash_loop:12@90s`; adds to those given before. */
export function faultOption(text: string, before: readonly FaultRequest[]): readonly FaultRequest[] {
  const match = /^([^:@]+):([^:@]+)(?::(\d{1,7}))?(?:@(.+))?$/.exec(text)
  if (match === null)
    throw new InvalidArgumentError('it is SERVICE:KIND[:TICKS][@TIME], such as ledger:crash_loop:12@90s.')
  const [, service, word, ticks, time] = match
  const kind = FAULTS.find((known) => known === word)
  if (kind === undefined) throw new InvalidArgumentError(`there is no fault ${word}; there are ${FAULTS.join(', ')}.`)
  const at = time === undefined ? 0 : parseDuration(time)
  if (at === undefined) throw new InvalidArgumentError(`the time after @ is a duration such as 90s, not ${time}.`)
  if (ticks !== undefined && Number(ticks) === 0) throw new InvalidArgumentError('a fault lasts at least one tick.')
  return [...before, { service, kind, at, ticks: ticks === undefined ? undefined : Number(ticks), strength: 1 }]
}

/** `8-18` */
export function spanOption(text: string): readonly [number, number] {
  const match = /^(\d{1,7})-(\d{1,7})$/.exec(text)
  const span = match === null ? FAULT_TICKS : ([Number(match[1]), Number(match[2])] as const)
  if (match === null || span[0] < 1 || span[1] < span[0])
    throw new InvalidArgumentError('it is FROM-TO in ticks, at least 1, such as 8-18.')
  return span
}

export function intervalOption(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined || ms < 100 || ms > 3_600_000)
    throw new InvalidArgumentError('it is a duration from 100ms to 1h, such as 3s.')
  return ms
}

export function wholeOption(least: number, most: number) {
  return (text: string): number => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= least && value <= most))
      throw new InvalidArgumentError(`it is a whole number from ${least} to ${most}.`)
    return value
  }
}

export function speedOption(text: string): number {
  const value = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= 0.01 && value <= 1000)) throw new InvalidArgumentError('it is a number from 0.01 to 1000.')
  return value
}

export function addressOption(text: string): ListenAddress {
  const address = parseListenAddress(text)
  if (address === undefined) throw new InvalidArgumentError('it is HOST:PORT, such as 127.0.0.1:9798.')
  return address
}

/**
 * The URL of a server that readings go to, without a slash at its end. Its text is never repeated: it may hold
 * credentials.
 *
 * @throws {UsageError}
 */
export function serverUrl(option: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain = url?.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (!isPlain || !/^https?:$/.test(url.protocol))
    throw new UsageError(`${option} must be an http:// or https:// URL without credentials and without ? or #`)
  return url.href.replace(/\/+$/, '')
}
