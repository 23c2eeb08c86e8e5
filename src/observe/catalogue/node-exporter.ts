import type { BaseFeature, Expr } from '../../domain/feature.ts'
import { add, count, div, feature, gauge, increase, like, max, mul, rate, sub, sum } from './builders.ts'
import { REAL_DISKS, REAL_FILESYSTEMS, REAL_NETWORK } from './filters.ts'
import type { Preset } from './preset.ts'

const cpuCount = count(gauge('node_cpu_seconds_total', { mode: 'idle' }))
const cpuPercent = (modes: string): Expr =>
  mul(100, div(sum(rate('node_cpu_seconds_total', { mode: like(modes) })), cpuCount))

const cpu: BaseFeature[] = [
  feature('cpu_busy', 'percent', 'CPU time not idle', sub(100, cpuPercent('idle'))),
  feature('cpu_user', 'percent', 'CPU time in programs', cpuPercent('user')),
  feature('cpu_system', 'percent', 'CPU time in the kernel', cpuPercent('system')),
  feature('cpu_iowait', 'percent', 'CPU time idle while a disk was awaited', cpuPercent('iowait')),
  feature('cpu_interrupt', 'percent', 'CPU time in hard and soft interrupts', cpuPercent('irq|softirq')),
  feature('cpu_steal', 'percent', 'CPU time that the hypervisor gave to others', cpuPercent('steal')),
  feature('cpu_nice', 'percent', 'CPU time in programs of lowered priority', cpuPercent('nice')),
  feature('load1_per_core', 'ratio', 'Load average of 1 minute per CPU', div(max(gauge('node_load1')), cpuCount)),
  feature('load5_per_core', 'ratio', 'Load average of 5 minutes per CPU', div(max(gauge('node_load5')), cpuCount)),
]

const ofMemory = (bytes: Expr): Expr => div(bytes, gauge('node_memory_MemTotal_bytes'))

const memory: BaseFeature[] = [
  feature(
    'memory_used_ratio',
    'ratio',
    'Memory that is not available to programs',
    sub(1, ofMemory(gauge('node_memory_MemAvailable_bytes'))),
  ),
  feature('memory_active_ratio', 'ratio', 'Memory used recently', ofMemory(gauge('node_memory_Active_bytes'))),
  feature('memory_cached_ratio', 'ratio', 'Memory holding file pages', ofMemory(gauge('node_memory_Cached_bytes'))),
  feature('memory_buffers_ratio', 'ratio', 'Memory buffering devices', ofMemory(gauge('node_memory_Buffers_bytes'))),
  feature('memory_slab_ratio', 'ratio', "Memory of the kernel's objects", ofMemory(gauge('node_memory_Slab_bytes'))),
  feature('memory_dirty_ratio', 'ratio', 'Memory waiting to be written', ofMemory(gauge('node_memory_Dirty_bytes'))),
  feature(
    'memory_committed_ratio',
    'ratio',
    'Memory promised to programs; may exceed 1',
    ofMemory(gauge('node_memory_Committed_AS_bytes')),
  ),
  feature(
    'swap_used',
    'bytes',
    'Swap space in use; 0 on a host without swap',
    sub(gauge('node_memory_SwapTotal_bytes'), gauge('node_memory_SwapFree_bytes')),
  ),
  feature('swap_in', 'per_second', 'Pages read back from swap', rate('node_vmstat_pswpin')),
  feature('swap_out', 'per_second', 'Pages written to swap', rate('node_vmstat_pswpout')),
  feature('page_in', 'bytes_per_second', 'Paged in from disk', mul(1024, rate('node_vmstat_pgpgin'))),
  feature('page_out', 'bytes_per_second', 'Paged out to disk', mul(1024, rate('node_vmstat_pgpgout'))),
  feature('major_faults', 'per_second', 'Page faults that had to read a disk', rate('node_vmstat_pgmajfault')),
  feature(
    'oom_kills',
    'count',
    'Processes killed for want of memory in the rate window',
    increase('node_vmstat_oom_kill'),
  ),
]

/** Seconds per operation, divided by one more operation a second so that a lone slow one on an idle disk stays small. */
const latency = (time: string, operations: string): Expr =>
  div(sum(rate(time, REAL_DISKS)), add(sum(rate(operations, REAL_DISKS)), 1))
const ofFilesystems = (left: string, all: string): Expr =>
  sub(1, div(gauge(left, REAL_FILESYSTEMS), gauge(all, REAL_FILESYSTEMS)))
const writable = sub(1, gauge('node_filesystem_readonly', REAL_FILESYSTEMS))

const disk: BaseFeature[] = [
  feature(
    'disk_read_throughput',
    'bytes_per_second',
    'Read from disks',
    sum(rate('node_disk_read_bytes_total', REAL_DISKS)),
  ),
  feature(
    'disk_write_throughput',
    'bytes_per_second',
    'Written to disks',
    sum(rate('node_disk_written_bytes_total', REAL_DISKS)),
  ),
  feature('disk_reads', 'per_second', 'Read operations', sum(rate('node_disk_reads_completed_total', REAL_DISKS))),
  feature('disk_writes', 'per_second', 'Write operations', sum(rate('node_disk_writes_completed_total', REAL_DISKS))),
  feature(
    'disk_utilisation',
    'ratio',
    'Time that the busiest disk had work',
    max(rate('node_disk_io_time_seconds_total', REAL_DISKS)),
  ),
  feature(
    'disk_queue',
    'count',
    'Mean operations waiting or in work, on the disk with the most',
    max(rate('node_disk_io_time_weighted_seconds_total', REAL_DISKS)),
  ),
  feature(
    'disk_read_latency',
    'seconds',
    'Time of a read, damped: per reads + 1 a second',
    latency('node_disk_read_time_seconds_total', 'node_disk_reads_completed_total'),
  ),
  feature(
    'disk_write_latency',
    'seconds',
    'Time of a write, damped: per writes + 1 a second',
    latency('node_disk_write_time_seconds_total', 'node_disk_writes_completed_total'),
  ),
  feature(
    'filesystem_used_ratio',
    'ratio',
    'Space used on the fullest writable filesystem, of what users may fill',
    max(mul(ofFilesystems('node_filesystem_avail_bytes', 'node_filesystem_size_bytes'), writable)),
  ),
  feature(
    'filesystem_inodes_used_ratio',
    'ratio',
    'Inodes used on the writable filesystem with the fewest left',
    max(mul(ofFilesystems('node_filesystem_files_free', 'node_filesystem_files'), writable)),
  ),
  feature(
    'filesystems_readonly',
    'count',
    'Filesystems mounted read-only; one more means that the kernel met an error on it',
    sum(gauge('node_filesystem_readonly', REAL_FILESYSTEMS)),
  ),
]

const perCard = (metric: string): Expr => sum(rate(metric, REAL_NETWORK))

const network: BaseFeature[] = [
  feature(
    'network_receive_throughput',
    'bytes_per_second',
    'Received by the network cards',
    perCard('node_network_receive_bytes_total'),
  ),
  feature(
    'network_transmit_throughput',
    'bytes_per_second',
    'Sent by the network cards',
    perCard('node_network_transmit_bytes_total'),
  ),
  feature(
    'network_receive_errors',
    'per_second',
    'Packets received broken',
    perCard('node_network_receive_errs_total'),
  ),
  feature('network_transmit_errors', 'per_second', 'Packets not sent', perCard('node_network_transmit_errs_total')),
  feature(
    'network_receive_drops',
    'per_second',
    'Packets received, dropped',
    perCard('node_network_receive_drop_total'),
  ),
  feature(
    'network_transmit_drops',
    'per_second',
    'Packets to send, dropped',
    perCard('node_network_transmit_drop_total'),
  ),
  feature('tcp_established', 'count', 'TCP connections open', gauge('node_netstat_Tcp_CurrEstab')),
  feature('tcp_inuse', 'count', 'TCP sockets in use', gauge('node_sockstat_TCP_inuse')),
  feature('tcp_allocated', 'count', 'TCP sockets allocated, in any state', gauge('node_sockstat_TCP_alloc')),
  feature('tcp_time_wait', 'count', 'TCP connections closed, waiting', gauge('node_sockstat_TCP_tw')),
  feature(
    'tcp_retransmit_ratio',
    'ratio',
    'TCP segments sent again, damped: of segments + 1 a second',
    div(rate('node_netstat_Tcp_RetransSegs'), add(rate('node_netstat_Tcp_OutSegs'), 1)),
  ),
  feature('tcp_resets', 'per_second', 'TCP resets sent', rate('node_netstat_Tcp_OutRsts')),
  feature(
    'tcp_listen_overflows',
    'per_second',
    'TCP connections refused because a program accepts too slowly',
    rate('node_netstat_TcpExt_ListenOverflows'),
  ),
  feature('udp_inuse', 'count', 'UDP sockets in use', gauge('node_sockstat_UDP_inuse')),
  feature('udp_errors', 'per_second', 'UDP datagrams not delivered', rate('node_netstat_Udp_InErrors')),
  feature('sockets_used', 'count', 'Sockets of all kinds', gauge('node_sockstat_sockets_used')),
  feature(
    'conntrack_used_ratio',
    'ratio',
    'Connection tracking table in use',
    div(gauge('node_nf_conntrack_entries'), gauge('node_nf_conntrack_entries_limit')),
  ),
]

/** Pressure stall information, kernel 4.20 and later. "Some" work waited; "stalled" means that all work did. */
const pressure: BaseFeature[] = [
  feature(
    'pressure_cpu',
    'ratio',
    'Time that some work waited for a CPU',
    rate('node_pressure_cpu_waiting_seconds_total'),
  ),
  feature(
    'pressure_memory',
    'ratio',
    'Time that some work waited for memory',
    rate('node_pressure_memory_waiting_seconds_total'),
  ),
  feature(
    'pressure_memory_stalled',
    'ratio',
    'Time that all work waited for memory',
    rate('node_pressure_memory_stalled_seconds_total'),
  ),
  feature(
    'pressure_io',
    'ratio',
    'Time that some work waited for a disk',
    rate('node_pressure_io_waiting_seconds_total'),
  ),
  feature(
    'pressure_io_stalled',
    'ratio',
    'Time that all work waited for a disk',
    rate('node_pressure_io_stalled_seconds_total'),
  ),
]

const kernel: BaseFeature[] = [
  feature('context_switches', 'per_second', 'Context switches', rate('node_context_switches_total')),
  feature('interrupts', 'per_second', 'Interrupts served', rate('node_intr_total')),
  feature('forks', 'per_second', 'Processes and threads started', rate('node_forks_total')),
  feature('processes_running', 'count', 'Processes that run or wait for a CPU', gauge('node_procs_running')),
  feature('processes_blocked', 'count', 'Processes that wait for a disk', gauge('node_procs_blocked')),
  feature('processes', 'count', 'Processes; needs --collector.processes', gauge('node_processes_pids')),
  feature(
    'file_descriptors_used_ratio',
    'ratio',
    'File descriptors in use, of all the kernel gives out',
    div(gauge('node_filefd_allocated'), gauge('node_filefd_maximum')),
  ),
  feature('clock_offset', 'seconds', 'Local clock minus reference clock', gauge('node_timex_offset_seconds')),
]

/** Everything worth learning from node_exporter's default collectors. */
export const nodeExporter: Preset = {
  heartbeat: 'node_time_seconds',
  features: [...cpu, ...memory, ...disk, ...network, ...pressure, ...kernel],
}
