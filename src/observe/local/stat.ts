import { type Collector, type Emit, rows } from './collector.ts'

const MODES = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal']
/** The kernel's USER_HZ, 100 on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100
/** A longer step back means that the CPU was taken offline and counts anew; node_exporter draws the same line. */
const HOTPLUG_SECONDS = 3

/**
 * CPU times, context switches, interrupts, forks and process counts from /proc/stat. It keeps the highest value of
 * each CPU counter, because idle and iowait may step back a little, which would look like a counter reset.
 */
export function createStatCollector(): Collector {
  const highest = new Map<string, number[]>()
  return async ({ fs, proc }, emit) => {
    for (const [key, ...fields] of rows(await fs.readText(`${proc}/stat`))) {
      if (/^cpu\d+$/.test(key)) emitCpu(key, fields, highest, emit)
      else if (key === 'ctxt') emit('node_context_switches_total', Number(fields[0]))
      else if (key === 'intr') emit('node_intr_total', Number(fields[0]))
      else if (key === 'processes') emit('node_forks_total', Number(fields[0]))
      else if (key === 'procs_running') emit('node_procs_running', Number(fields[0]))
      else if (key === 'procs_blocked') emit('node_procs_blocked', Number(fields[0]))
      else if (key === 'btime') emit('node_boot_time_seconds', Number(fields[0]))
    }
  }
}

function emitCpu(key: string, fields: readonly string[], highest: Map<string, number[]>, emit: Emit): void {
  const seconds = MODES.map((_, i) => Number(fields[i] ?? 0) / TICKS_PER_SECOND)
  const before = highest.get(key)
  const restarted = before !== undefined && before[3] - seconds[3] > HOTPLUG_SECONDS
  const steady = before && !restarted ? seconds.map((value, i) => Math.max(value, before[i])) : seconds
  highest.set(key, steady)
  MODES.forEach((mode, i) => {
    emit('node_cpu_seconds_total', steady[i], { cpu: key.slice(3), mode })
  })
}
