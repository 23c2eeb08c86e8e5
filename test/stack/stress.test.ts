import { afterAll, beforeAll, describe, inject, it } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import {
  busyProcessors,
  diskWrites,
  forkStorm,
  type Load,
  manyConnections,
  memoryHog,
  mountTmpfs,
  type TemporaryFilesystem,
} from '../support/load.ts'

/** What is said of the machine at one moment. */
interface Reading {
  readonly at: string
  readonly level: number
  /** The feature with the largest share. */
  readonly first: string
  /** It is more than was expected. */
  readonly more: boolean
}

const lab = inject('lab')
const target = `${lab.instance}@node`
const POLL_MS = 300

/** Readings that make a spell of rest. */
const SPELL = 8
/** How long such a spell is waited for, on a machine that others keep busy. */
const PATIENCE_MS = 15_000
/** Readings that the z-score compares a new one with. */
const WINDOW = 30

/** A level this many times the highest at rest is clearly above it. */
const CLEARLY = 1.2

/**
 * With the z-score and the forest alone, as in the first minutes. In a trained level a load stays for minutes: the load
 * averages themselves still tell of it, smoothed with a half-life of five minutes, which is too long to wait for here.
 */
let daemon: Daemon
let tmpfs: TemporaryFilesystem

async function read(): Promise<Reading> {
  const { level, features, updated_at: at } = await daemon.target(target)
  if (level === null) throw new Error(`no level for ${target}`)
  const { name, actual, expected } = features[0]
  return { at, level, first: name, more: (actual ?? Number.NaN) > (expected ?? Number.NaN) }
}

/** The highest level over the calmest spell; one below the threshold is calm enough. */
async function restingLevel(): Promise<number> {
  const levels = new Map<string, number>()
  const patientUntil = performance.now() + PATIENCE_MS
  let calmest = Number.POSITIVE_INFINITY
  const calm = async () => {
    const { at, level } = await read()
    levels.set(at, level)
    if (levels.size < SPELL) return false
    calmest = Math.min(calmest, Math.max(...[...levels.values()].slice(-SPELL)))
    return (calmest < 1 || performance.now() > patientUntil) && calmest
  }
  return daemon.waitFor('a spell of rest', calm, { withinMs: 2 * PATIENCE_MS, everyMs: POLL_MS })
}

/** Until a load that came to nothing is no part of what is normal any more. */
async function forgotten(): Promise<void> {
  const seen = new Set<string>()
  const pastWindow = async () => seen.add((await read()).at).size > WINDOW
  await daemon.waitFor('a window of readings', pastWindow, { withinMs: 2000 * WINDOW, everyMs: POLL_MS })
}

function start(): Promise<Daemon> {
  return startDaemon({
    config: {
      interval: '1s',
      source: {
        type: 'prometheus',
        prometheus: { url: lab.prometheusUrl, matchers: '{job="node"}', rate_window: '5s' },
      },
      targets: { stale_after: '10s' },
      features: { extra: [tmpfs.feature] },
      // A forecast would speak of the filling filesystem too.
      detect: { exhaustion: { resources: [] } },
      train: { min_history: '1h' },
    },
  })
}

/** Follows a load: the level rises, and a fitting feature that is more than expected comes first. @returns the peak */
async function rises(resting: number, fitting: RegExp): Promise<number> {
  const seen: Reading[] = []
  const high = async () => {
    const reading = await read()
    if (reading.at !== seen.at(-1)?.at) seen.push(reading)
    return reading.level > CLEARLY * resting && reading.more && fitting.test(reading.first)
  }
  try {
    await daemon.waitFor('the load is noticed', high, { withinMs: 15_000, everyMs: POLL_MS })
  } catch (cause) {
    throw new Error(`at rest ${resting}, then ${JSON.stringify(seen)}`, { cause })
  }
  return Math.max(...seen.map(({ level }) => level))
}

async function falls(resting: number, peak: number): Promise<void> {
  const enough = (resting + peak) / 2
  const after: number[] = []
  const fallen = async () => {
    const { level } = await read()
    after.push(level)
    return level < enough
  }
  try {
    await daemon.waitFor('the load is over', fallen, { withinMs: 60_000, everyMs: POLL_MS })
  } catch (cause) {
    throw new Error(`not below ${enough} after the load: ${JSON.stringify(after)}`, { cause })
  }
}

beforeAll(async () => {
  // Mounted before the first reading: an empty filesystem is part of what is normal here.
  tmpfs = mountTmpfs()
  daemon = await start()
  const hasForest = async () => (await daemon.target(target)).detectors['isolation_forest'] !== null
  await daemon.waitFor('an isolation forest score', hasForest, { withinMs: 60_000, everyMs: POLL_MS })
})

afterAll(async () => {
  await daemon?.stop()
  tmpfs?.unmount()
})

describe('a load on this machine raises its level, is named first, and the level falls again', () => {
  const loads: [name: string, fitting: RegExp, begin: () => Promise<Load>][] = [
    ['busy processors', /^(cpu_|load|pressure_cpu|processes_running)/, busyProcessors],
    ['a memory hog', /^(memory_|pressure_memory|major_faults|page_|swap_|oom_kills)/, memoryHog],
    [
      'disk writes',
      /^(disk_|page_out|pressure_io|cpu_iowait|memory_dirty|memory_cached|memory_active|processes_blocked)/,
      diskWrites,
    ],
    ['a fork storm', /^(forks|processes|context_switches|cpu_system)/, forkStorm],
    ['a crowd of connections', /^(tcp_|sockets_used|file_descriptors)/, () => manyConnections(300)],
    ['a full filesystem', /^filesystem_/, () => tmpfs.fill()],
  ]

  // Others may load the machine at the same moment; what fails three times in a row is no coincidence.
  it.each(loads)('%s', { retry: 2 }, async (_, fitting, begin) => {
    const resting = await restingLevel()
    const load = await begin()
    const peak = await rises(resting, fitting)
      .finally(() => load.end())
      .catch(async (error) => {
        await forgotten()
        throw error
      })

    await falls(resting, peak)
  })
})
