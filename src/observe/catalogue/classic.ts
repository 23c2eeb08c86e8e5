import { avg, div, feature, gauge, increase, mul, rate, sub, sum } from './builders.ts'
import { REAL_DISKS, REAL_NETWORK } from './filters.ts'
import type { Preset } from './preset.ts'

/** The base features of the seed project, for preset `classic`. Bytes are those of the rate window. */
export const classic: Preset = {
  heartbeat: 'node_time_seconds',
  features: [
    feature(
      'cpu_usage',
      'percent',
      'Time that the CPUs were not idle',
      mul(100, sub(1, avg(rate('node_cpu_seconds_total', { mode: 'idle' })))),
    ),
    feature(
      'memory_usage',
      'percent',
      'Memory in active use, of all memory',
      mul(100, div(gauge('node_memory_Active_bytes'), gauge('node_memory_MemTotal_bytes'))),
    ),
    feature(
      'disk_read',
      'bytes',
      'Read from disks in the rate window',
      sum(increase('node_disk_read_bytes_total', REAL_DISKS)),
    ),
    feature(
      'disk_write',
      'bytes',
      'Written to disks in the rate window',
      sum(increase('node_disk_written_bytes_total', REAL_DISKS)),
    ),
    feature(
      'network_receive',
      'bytes',
      'Received by the network cards in the rate window',
      sum(increase('node_network_receive_bytes_total', REAL_NETWORK)),
    ),
    feature(
      'network_transmit',
      'bytes',
      'Sent by the network cards in the rate window',
      sum(increase('node_network_transmit_bytes_total', REAL_NETWORK)),
    ),
    feature('active_processes', 'count', 'Processes that run or wait for a CPU', gauge('node_procs_running')),
  ],
}
