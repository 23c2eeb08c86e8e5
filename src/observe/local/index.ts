import { DEFAULT_IDENTITY, targetOf } from '../../domain/target.ts'
import type { Clock } from '../../platform/clock.ts'
import { catalogueOf, type Preset } from '../catalogue/preset.ts'
import { messageOf, ObserveError } from '../error.ts'
import { seriesKey } from '../exposition.ts'
import { Frame } from '../frame.ts'
import { planOf } from '../plan.ts'
import { ScrapedTarget } from '../scraped-target.ts'
import type { Log, Source } from '../source.ts'
import type { Collector, Emit, Place } from './collector.ts'
import { collectDiskstats } from './disk.ts'
import { createFilesystemCollector } from './filesystem.ts'
import type { LocalFs } from './fs.ts'
import { collectFilefd, collectLoadavg, collectPressure, collectProcesses, collectUname } from './kernel.ts'
import { collectMeminfo, collectVmstat } from './memory.ts'
import { collectConntrack, collectNetdev, collectNetstat, collectSockstat } from './network.ts'
import { createStatCollector } from './stat.ts'

export interface LocalOptions {
  readonly presets: readonly Preset[]
  /** The `instance` label: this machine's name. */
  readonly hostname: string
  readonly identity?: readonly string[]
  /** 1 minute by default; four observations or more should lie in it. */
  readonly rateWindowMs?: number
  /** `/proc` by default; in a container, where the host's is mounted. */
  readonly procPath?: string
  /** Where the host's root is mounted in a container; empty by default. */
  readonly rootfsPath?: string
  /** How long a mounted filesystem may take to answer; 2 s by default. */
  readonly statfsTimeoutMs?: number
}

export interface LocalDependencies {
  readonly clock: Clock
  readonly fs: LocalFs
  readonly log: Log
}

/**
 * Observes this machine from /proc, under the names that node_exporter uses. It remembers one rate window, so rates
 * are there from the second observation on. The clock's offset cannot be read from /proc and stays NaN.
 *
 * @throws {RangeError} when a feature is defined twice
 */
export function createLocalSource(options: LocalOptions, { clock, fs, log }: LocalDependencies): Source {
  const { identity = DEFAULT_IDENTITY, rateWindowMs = 60_000, procPath = '/proc', rootfsPath = '' } = options
  const plan = planOf(catalogueOf(options.presets))
  const labels = { instance: options.hostname, job: 'local' }
  const targets = [targetOf(labels, identity)]
  const state = new ScrapedTarget(plan, labels, rateWindowMs)
  const place: Place = { fs, proc: procPath, root: rootfsPath }
  const collectStat = createStatCollector()
  const others: Readonly<Record<string, Collector>> = {
    meminfo: collectMeminfo,
    vmstat: collectVmstat,
    diskstats: collectDiskstats,
    filesystem: createFilesystemCollector(clock, options.statfsTimeoutMs ?? 2_000),
    netdev: collectNetdev,
    netstat: collectNetstat,
    sockstat: collectSockstat,
    conntrack: collectConntrack,
    loadavg: collectLoadavg,
    pressure: collectPressure,
    filefd: collectFilefd,
    processes: collectProcesses,
    uname: collectUname,
  }
  const told = new Set<string>()

  return {
    kind: 'local',
    async observe(at, signal) {
      signal.throwIfAborted()
      const now = clock.now()
      state.store.begin(now)
      const emit: Emit = (metric, value, own = {}) => {
        if (plan.wanted.has(metric)) state.store.append(seriesKey(metric, own), metric, value, now)
      }
      await collectStat(place, emit).catch((cause) => {
        throw unsupported(procPath, cause)
      })
      // A kernel without, say, pressure information lacks those features; the rest is none the worse.
      const collecting = Object.entries(others).map(async ([name, collect]) => {
        const error = await collect(place, emit).then(() => undefined, messageOf)
        if (error === undefined || told.has(name)) return
        told.add(name)
        log.info({ collector: name, error }, 'not readable on this machine; its features stay empty')
      })
      await Promise.all(collecting)
      emit('node_time_seconds', now / 1000)
      signal.throwIfAborted()

      const frame = new Frame(at, plan.features.length, 1)
      state.evaluateInto(frame, 0)
      return frame.finish(plan.features, targets, [])
    },
    async close() {},
  }
}

function unsupported(procPath: string, cause: unknown): ObserveError {
  return new ObserveError(
    'unsupported',
    `this machine cannot be observed directly: ${procPath}/stat cannot be read (${messageOf(cause)}). ` +
      'Source local needs Linux; elsewhere set PROMETHEUS_URL, or source.node_exporter to the URL of a metrics page',
    { cause },
  )
}
