import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, inject, it } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { type Load, mountTmpfs, stressNg, type TemporaryFilesystem } from '../support/load.ts'

/** What is said of the machine at one moment. */
interface Reading {
  readonly level: number
  /** The feature with the largest share. */
  readonly first: string
}

const lab = inject('lab')
const target = `${lab.instance}@node`
const POLL_MS = 500
const REST_MS = 10_000

/** A level this many times the one at rest is clearly above it. */
const CLEARLY = 1.5

/**
 * With the z-score and the forest alone, as in the first minutes. In a trained level a load stays for minutes: the load
 * averages themselves still tell of it, smoothed with a half-life of five minutes, which is too long to wait for here.
 */
let daemon: Daemon
let tmpfs: TemporaryFilesystem

async function read(): Promise<Reading> {
  const level = await daemon.metric('anomaly_level', { instance: lab.instance, job: 'node' })
  const { features } = await daemon.target(target)
  if (level === undefined) throw new Error(`no anomaly_level for ${target}`)
  return { level, first: features[0]?.name ?? '' }
}

/** The middle one of the levels over some seconds without a load. */
async function restingLevel(): Promise<number> {
  const levels: number[] = []
  for (let waited = 0; waited < REST_MS; waited += POLL_MS) {
    levels.push((await read()).level)
    await sleep(POLL_MS)
  }
  return levels.sort((x, y) => x - y)[Math.floor(levels.length / 2)]
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
      train: { min_history: '1h' },
    },
  })
}

/** Follows a load: the level rises with a fitting feature first. @returns what it saw */
async function rises(resting: number, fitting: RegExp): Promise<Reading[]> {
  const seen: Reading[] = []
  const high = async () => {
    const reading = await read()
    seen.push(reading)
    return reading.level > CLEARLY * resting && fitting.test(reading.first)
  }
  try {
    await daemon.waitFor('the load is noticed', high, { withinMs: 40_000, everyMs: POLL_MS })
  } catch (cause) {
    throw new Error(`at rest ${resting}, then ${JSON.stringify(seen)}`, { cause })
  }
  return seen
}

async function falls(resting: number, seen: readonly Reading[]): Promise<void> {
  const peak = Math.max(...seen.map(({ level }) => level), (await read()).level)
  const target = (resting + peak) / 2
  const after: Reading[] = []
  const fallen = async () => {
    const reading = await read()
    after.push(reading)
    return reading.level < target
  }
  try {
    await daemon.waitFor('the load is over', fallen, { withinMs: 60_000, everyMs: POLL_MS })
  } catch (cause) {
    throw new Error(`not below ${target} after the load: ${JSON.stringify(after)}`, { cause })
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
    // More than there are processors: on a machine that is busy already, queues still grow.
    ['busy processors', /^(cpu_|load|pressure_cpu|processes_running)/, () => stressNg('--cpu', '8')],
    [
      'a memory hog',
      /^(memory_|pressure_memory|major_faults|page_|swap_|oom_kills)/,
      () => stressNg('--vm', '1', '--vm-bytes', '30%', '--vm-method', 'zero-one', '--vm-populate', '--vm-hang', '120'),
    ],
    [
      'disk writes',
      /^(disk_|page_out|pressure_io|cpu_iowait|memory_dirty|memory_cached|memory_active|processes_blocked)/,
      () => stressNg('--hdd', '1', '--hdd-bytes', '512m', '--hdd-opts', 'fsync'),
    ],
    ['a fork storm', /^(forks|processes|context_switches|cpu_system)/, () => stressNg('--fork', '2')],
    ['a full filesystem', /^filesystem_/, () => tmpfs.fill()],
  ]

  // Others may load the machine at the same moment; what fails three times in a row is no coincidence.
  it.each(loads)('%s', { retry: 2 }, async (_, fitting, begin) => {
    const resting = await restingLevel()
    const load = await begin()
    const seen = await rises(resting, fitting).finally(() => load.end())

    await falls(resting, seen)
  })
})
