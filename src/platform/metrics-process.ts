import { performance } from 'node:perf_hooks'
import { Counter, Gauge, type Registry } from '@prometheus-io/client'

/**
 * What every Prometheus client says of its process, and no more: the client's own default set is ten times as long
 * and breaks promtool's rules.
 */
export function addProcessMetrics(registry: Registry): void {
  const registers = [registry]
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'User and system CPU time spent.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc((user + system) / 1e6)
    },
  })
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Resident memory size.',
    registers,
    collect() {
      try {
        this.set(process.memoryUsage.rss())
      } catch {
        // It reads /proc, and so fails when the process is out of file descriptors: just when the rest is needed most.
        this.remove()
      }
    },
  })
  new Gauge({
    name: 'process_start_time_seconds',
    help: 'Start of the process, seconds since the epoch.',
    registers,
  }).set(performance.timeOrigin / 1000)
}
