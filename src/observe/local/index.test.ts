import { beforeAll, describe, expect, it, vi } from 'vitest'
import { recordedFs, recording } from '../../../test/fixtures/observe/recorded-fs.ts'
import type { Snapshot } from '../../domain/snapshot.ts'
import { presets } from '../catalogue/presets.ts'
import { ObserveError } from '../error.ts'
import { createNodeExporterSource } from '../node-exporter/index.ts'
import type { LocalFs } from './fs.ts'
import { createLocalSource } from './index.ts'

const never = new AbortController().signal
const clock = { time: 0, now: () => clock.time, sleep: () => new Promise<void>(() => {}) }
const all = [presets['node-exporter'], presets.classic]

/** A source on a file system that the test may exchange. */
function given(fs: LocalFs) {
  const machine = { fs }
  const log = { info: vi.fn(), warn: vi.fn() }
  const through: LocalFs = {
    readText: (path) => machine.fs.readText(path),
    list: (path) => machine.fs.list(path),
    statfs: (path) => machine.fs.statfs(path),
  }
  const source = createLocalSource({ presets: all, hostname: 'web-1' }, { clock, fs: through, log })
  const observe = (at: number) => {
    clock.time = at
    return source.observe(at, never)
  }
  return { machine, observe, log }
}

const feature = (snapshot: Snapshot, name: string) => snapshot.values[snapshot.features.indexOf(name)]

describe('the recorded machine', () => {
  let ours: Snapshot
  let theirs: Snapshot

  beforeAll(async () => {
    const { machine, observe } = given(recordedFs(0))
    const pages = [recording('node_exporter-0.txt'), recording('node_exporter-15.txt')]
    const exporter = createNodeExporterSource(
      { targets: [{ url: 'http://web-1:9100/metrics' }], presets: all },
      {
        clock,
        log: { info() {}, warn() {} },
        http: () => ({ get: async () => ({ status: 200, contentType: '', body: pages.shift() ?? '' }), close() {} }),
      },
    )
    await observe(0)
    await exporter.observe(0, never)
    machine.fs = recordedFs(15)
    ours = await observe(15_000)
    theirs = await exporter.observe(15_000, never)
  })

  it('is one target, named after the host', () => {
    expect(ours.targets).toEqual([{ id: 'web-1@local', labels: { instance: 'web-1', job: 'local' } }])
    expect([...ours.sampledAt]).toEqual([15_000])
    expect(ours.warnings).toEqual([])
  })

  it('has every feature but the clock offset', () => {
    expect(ours.features.filter((_, f) => Number.isNaN(ours.values[f]))).toEqual(['clock_offset'])
  })

  // The recording itself starts processes, opens a connection and writes files between the page and /proc.
  const moved: Record<string, number> = {
    processes: 3,
    processes_running: 3,
    active_processes: 3,
    forks: 2,
    filesystems_readonly: 1, // the mount below /srv, renamed from one that Debian's node_exporter leaves out
    tcp_established: 2,
    tcp_inuse: 2,
    tcp_allocated: 2,
    tcp_time_wait: 5,
    sockets_used: 5,
    context_switches: 60,
    interrupts: 60,
    file_descriptors_used_ratio: 1e-4,
    major_faults: 0.5,
  }
  it('reads as its node_exporter does', () => {
    const apart = ours.features.filter((name, f) => {
      const [a, b] = [ours.values[f], theirs.values[f]]
      return Math.abs(a - b) > (moved[name] ?? 1e-3) + 0.02 * Math.abs(b)
    })

    expect(apart).toEqual([])
  })
})

describe('a machine that lacks something', () => {
  it('without /proc is unsupported, and the message says what to use instead', async () => {
    const fs: LocalFs = { ...recordedFs(0), readText: () => Promise.reject(new Error('ENOENT')) }

    const error = await given(fs)
      .observe(0)
      .catch((thrown) => thrown)

    expect(error).toBeInstanceOf(ObserveError)
    expect(error.reason).toBe('unsupported')
    expect(error.message).toMatch(/PROMETHEUS_URL, or source\.node_exporter/)
  })

  it('misses only the features that need it, and says so once', async () => {
    const recorded = recordedFs(0)
    const lacking = /pressure|netfilter|sockstat6|1\/mounts/
    const readText = (path: string) =>
      lacking.test(path) ? Promise.reject(new Error('ENOENT')) : recorded.readText(path)
    const { observe, log } = given({ ...recorded, readText })

    await observe(0)
    const snapshot = await observe(15_000)

    expect(feature(snapshot, 'conntrack_used_ratio')).toBeNaN()
    expect(feature(snapshot, 'tcp_inuse')).toBeGreaterThanOrEqual(0)
    expect(feature(snapshot, 'filesystem_used_ratio')).toBeGreaterThan(0)
    expect(log.info.mock.calls.map(([fields]) => fields.collector).sort()).toEqual(['conntrack', 'pressure'])
  })
})

describe('CPU counters', () => {
  const stat = (idle: number, iowait: number) => `cpu0 0 0 0 ${idle * 100} ${iowait * 100} 0 0 0 0 0\n`
  const withStat = (text: string): LocalFs => {
    const recorded = recordedFs(0)
    return {
      ...recorded,
      readText: (path) => (path === '/proc/stat' ? Promise.resolve(text) : recorded.readText(path)),
    }
  }

  it('that step back a little do not count as a reset', async () => {
    const { machine, observe } = given(withStat(stat(1000, 500)))
    await observe(0)
    machine.fs = withStat(stat(1015, 499))
    const snapshot = await observe(15_000)

    expect(feature(snapshot, 'cpu_iowait')).toBe(0)
  })

  it('that start anew, as after a CPU was offline, do', async () => {
    const { machine, observe } = given(withStat(stat(1000, 500)))
    await observe(0)
    machine.fs = withStat(stat(6, 3))
    const snapshot = await observe(15_000)

    expect(feature(snapshot, 'cpu_iowait')).toBeGreaterThan(0)
  })
})
