import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Numbers in [0, 1) that depend on the seed alone (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** A made-up host that speaks node_exporter's series: a day and week rhythm with noise that remembers itself. */
export interface SyntheticHost {
  readonly instance: string
  /** Series names with their labels (no `instance`, no `job`), in the order of the values. */
  readonly series: readonly string[]
  /** Lets time pass up to `at` (ms since the epoch, never backwards) and answers the values then. */
  advance(at: number): Float64Array
}

const GIB = 1024 ** 3
const CORES = 4
const DAY_MS = 86_400_000
/** Noise forgets over about ten minutes. */
const MEMORY_MS = 600_000

/** What a host does at one moment; every series is a function of it. */
interface Activity {
  /** Busy share of the processors, 0–1. */
  readonly busy: number
  /** Work arriving, 1 at the daily mean. */
  readonly traffic: number
  readonly memory: number
  readonly noise: () => number
}

type Gauge = (now: Activity, at: number) => number
/** Increase per second. */
type Rate = (now: Activity) => number

const CPU_SHARES: Readonly<Record<string, (busy: number) => number>> = {
  idle: (busy) => 1 - busy,
  user: (busy) => busy * 0.7,
  system: (busy) => busy * 0.22,
  iowait: (busy) => busy * 0.04,
  softirq: (busy) => busy * 0.02,
  steal: (busy) => busy * 0.01,
  nice: (busy) => busy * 0.01,
  irq: () => 0,
}

function gauges(): Record<string, Gauge> {
  const root = '{device="/dev/vda1",fstype="ext4",mountpoint="/"}'
  return {
    up: () => 1,
    node_load1: (now) => CORES * now.busy * (1 + 0.1 * now.noise()),
    node_load5: (now) => CORES * now.busy * (1 + 0.04 * now.noise()),
    node_load15: (now) => CORES * now.busy,
    node_memory_MemTotal_bytes: () => 16 * GIB,
    node_memory_MemFree_bytes: (now) => 16 * GIB * (0.6 - 0.5 * now.memory),
    node_memory_MemAvailable_bytes: (now) => 16 * GIB * (1 - now.memory),
    node_memory_Active_bytes: (now) => 16 * GIB * now.memory,
    node_memory_Inactive_bytes: (now) => 16 * GIB * 0.2 * now.memory,
    node_memory_Buffers_bytes: () => 0.3 * GIB,
    node_memory_Cached_bytes: (now) => 16 * GIB * (0.35 - 0.2 * now.memory),
    node_memory_AnonPages_bytes: (now) => 16 * GIB * 0.8 * now.memory,
    node_memory_SReclaimable_bytes: () => 0.4 * GIB,
    node_memory_Slab_bytes: () => 0.6 * GIB,
    node_memory_Shmem_bytes: () => 0.1 * GIB,
    node_memory_Committed_AS_bytes: (now) => 16 * GIB * now.memory * 1.3,
    node_memory_CommitLimit_bytes: () => 10 * GIB,
    node_memory_Dirty_bytes: (now) => 4e6 * now.traffic * (1 + 0.3 * now.noise()),
    node_memory_Writeback_bytes: () => 0,
    node_memory_SwapTotal_bytes: () => 2 * GIB,
    node_memory_SwapFree_bytes: () => 1.9 * GIB,
    node_procs_running: (now) => Math.max(1, Math.round(CORES * now.busy + now.noise())),
    node_procs_blocked: (now) => Math.max(0, Math.round(0.3 * now.noise())),
    node_processes_pids: (now) => Math.round(180 + 40 * now.traffic),
    node_processes_threads: (now) => Math.round(420 + 160 * now.traffic),
    'node_processes_state{state="R"}': (now) => Math.max(1, Math.round(CORES * now.busy)),
    'node_processes_state{state="S"}': (now) => Math.round(170 + 40 * now.traffic),
    'node_processes_state{state="D"}': () => 0,
    'node_processes_state{state="Z"}': () => 0,
    node_filefd_allocated: (now) => Math.round(2200 + 900 * now.traffic),
    node_filefd_maximum: () => 1e6,
    node_netstat_Tcp_CurrEstab: (now) => Math.round(120 * now.traffic + 6 * now.noise()),
    node_sockstat_TCP_inuse: (now) => Math.round(140 * now.traffic),
    node_sockstat_TCP_alloc: (now) => Math.round(180 * now.traffic),
    node_sockstat_TCP_orphan: () => 0,
    node_sockstat_TCP_mem: (now) => Math.round(30 * now.traffic),
    node_sockstat_TCP_tw: (now) => Math.round(60 * now.traffic + 4 * now.noise()),
    node_sockstat_UDP_inuse: () => 6,
    node_sockstat_sockets_used: (now) => Math.round(300 + 160 * now.traffic),
    node_nf_conntrack_entries: (now) => Math.round(250 * now.traffic),
    node_nf_conntrack_entries_limit: () => 262_144,
    node_entropy_available_bits: () => 256,
    node_timex_offset_seconds: (now) => 2e-5 * now.noise(),
    node_timex_maxerror_seconds: (now) => 0.02 + 0.005 * now.noise(),
    node_timex_sync_status: () => 1,
    node_time_seconds: (_, at) => at / 1000,
    node_boot_time_seconds: () => 1.7e9,
    'node_disk_io_now{device="vda"}': (now) => Math.max(0, Math.round(now.traffic * 0.5)),
    [`node_filesystem_size_bytes${root}`]: () => 100 * GIB,
    [`node_filesystem_free_bytes${root}`]: (now) => (56 - now.traffic) * GIB,
    [`node_filesystem_avail_bytes${root}`]: (now) => (52 - now.traffic) * GIB,
    [`node_filesystem_files${root}`]: () => 6.5e6,
    [`node_filesystem_files_free${root}`]: (now) => 6.1e6 - 1000 * now.traffic,
    [`node_filesystem_readonly${root}`]: () => 0,
    'node_uname_info{machine="x86_64",nodename="synthetic",sysname="Linux"}': () => 1,
  }
}

function rates(): Record<string, Rate> {
  const all: Record<string, Rate> = {}
  for (let cpu = 0; cpu < CORES; cpu++) {
    for (const [mode, share] of Object.entries(CPU_SHARES)) {
      all[`node_cpu_seconds_total{cpu="${cpu}",mode="${mode}"}`] = (now) => share(now.busy)
    }
  }
  const steady: Record<string, number> = {
    node_context_switches_total: 4000,
    node_intr_total: 2500,
    node_forks_total: 6,
    node_vmstat_pgfault: 3000,
    node_vmstat_pgmajfault: 0.2,
    node_vmstat_pgpgin: 200,
    node_vmstat_pgpgout: 900,
    node_vmstat_pswpin: 0,
    node_vmstat_pswpout: 0,
    node_vmstat_oom_kill: 0,
    'node_disk_read_bytes_total{device="vda"}': 2e5,
    'node_disk_written_bytes_total{device="vda"}': 9e5,
    'node_disk_reads_completed_total{device="vda"}': 8,
    'node_disk_writes_completed_total{device="vda"}': 40,
    'node_disk_read_time_seconds_total{device="vda"}': 0.008,
    'node_disk_write_time_seconds_total{device="vda"}': 0.06,
    'node_disk_io_time_seconds_total{device="vda"}': 0.04,
    'node_disk_io_time_weighted_seconds_total{device="vda"}': 0.07,
    'node_network_receive_bytes_total{device="eth0"}': 6e5,
    'node_network_transmit_bytes_total{device="eth0"}': 9e5,
    'node_network_receive_packets_total{device="eth0"}': 900,
    'node_network_transmit_packets_total{device="eth0"}': 1000,
    'node_network_receive_errs_total{device="eth0"}': 0,
    'node_network_transmit_errs_total{device="eth0"}': 0,
    'node_network_receive_drop_total{device="eth0"}': 0.01,
    'node_network_transmit_drop_total{device="eth0"}': 0,
    node_netstat_Tcp_InSegs: 900,
    node_netstat_Tcp_OutSegs: 1000,
    node_netstat_Tcp_RetransSegs: 0.4,
    node_netstat_Tcp_ActiveOpens: 3,
    node_netstat_Tcp_PassiveOpens: 9,
    node_netstat_Tcp_InErrs: 0,
    node_netstat_TcpExt_ListenDrops: 0,
    node_netstat_TcpExt_ListenOverflows: 0,
    node_netstat_Udp_InErrors: 0,
    node_pressure_cpu_waiting_seconds_total: 0.01,
    node_pressure_io_waiting_seconds_total: 0.006,
    node_pressure_io_stalled_seconds_total: 0.004,
    node_pressure_memory_waiting_seconds_total: 0,
    node_pressure_memory_stalled_seconds_total: 0,
  }
  for (const [name, mean] of Object.entries(steady)) {
    all[name] = (now) => Math.max(0, mean * now.traffic * (1 + 0.15 * now.noise()))
  }
  return all
}

/** Two hosts of one seed and name do the same, whatever the steps in which their time passes are asked for first. */
export function syntheticHost(instance: string, seed: number, start: number): SyntheticHost {
  const random = seededRandom(seed)
  const gaugeOf = gauges()
  const rateOf = rates()
  const gaugeFns = Object.values(gaugeOf)
  const rateFns = Object.values(rateOf)
  const values = new Float64Array(gaugeFns.length + rateFns.length)
  const counters = values.subarray(gaugeFns.length)
  for (let c = 0; c < counters.length; c++) counters[c] = Math.floor(random() * 1e5)

  const level = 0.2 + 0.25 * random()
  const swing = 0.3 + 0.3 * random()
  const peakAt = random() * DAY_MS
  // Sum of three uniforms: near enough to normal, and cheap.
  const noise = () => 2 * (random() + random() + random() - 1.5)
  let drift = 0
  let now = start

  function activity(at: number, passed: number): Activity {
    const keep = Math.exp(-passed / MEMORY_MS)
    drift = drift * keep + noise() * Math.sqrt(1 - keep * keep)
    const rhythm = Math.cos((2 * Math.PI * (at - peakAt)) / DAY_MS)
    const isWeekend = new Date(at).getUTCDay() % 6 === 0
    const traffic = Math.max(0.05, (1 + swing * rhythm + 0.12 * drift) * (isWeekend ? 0.6 : 1))
    const busy = Math.min(0.98, Math.max(0.01, level * traffic * (1 + 0.05 * noise())))
    return { busy, traffic, memory: Math.min(0.95, 0.3 + 0.12 * traffic + 0.01 * drift), noise }
  }

  function advance(at: number): Float64Array {
    const passed = Math.max(0, at - now)
    now += passed
    const doing = activity(now, passed)
    for (let g = 0; g < gaugeFns.length; g++) values[g] = gaugeFns[g](doing, now)
    for (let r = 0; r < rateFns.length; r++) counters[r] += (rateFns[r](doing) * passed) / 1000
    return values
  }

  return { instance, series: [...Object.keys(gaugeOf), ...Object.keys(rateOf)], advance }
}

/** `count` hosts `web-01:9100`, `web-02:9100`, ... */
export function syntheticFleet(count: number, seed: number, start: number): SyntheticHost[] {
  const name = (n: number) => `web-${String(n + 1).padStart(2, '0')}:9100`
  return Array.from({ length: count }, (_, n) => syntheticHost(name(n), seed + n, start))
}

/** The exposition of a host at a time, without `instance` and `job`, as an exporter gives it. */
function expose(host: SyntheticHost, at: number): string {
  const values = host.advance(at)
  // Prometheus makes `up` itself.
  return host.series.map((series, i) => (series === 'up' ? '' : `${series} ${values[i]}\n`)).join('')
}

export interface FleetServer {
  /** For the lab: instance label to `host:port/path`. */
  readonly hosts: Record<string, string>
  close(): Promise<void>
}

/** Serves each host's present values under a path of its own, so that a real Prometheus can scrape them on. */
export async function serveFleet(fleet: readonly SyntheticHost[]): Promise<FleetServer> {
  const server = createServer((request, response) => {
    const host = fleet.find(({ instance }) => decodeURIComponent(request.url ?? '') === `/${instance}`)
    response.writeHead(host ? 200 : 404, { 'content-type': 'text/plain; version=0.0.4' })
    response.end(host ? expose(host, Date.now()) : '')
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const address = (instance: string) => `127.0.0.1:${port}/${instance}`
  return {
    hosts: Object.fromEntries(fleet.map(({ instance }) => [instance, address(instance)])),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
