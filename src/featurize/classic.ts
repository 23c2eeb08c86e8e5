import type { Engineered } from './engineered.ts'

const READINGS = 5

/**
 * The engineered features of preset `classic`, in the order of the model's input.
 *
 * @param intervalMs time between readings; the rolling features reach over five of them
 * @param rateWindowMs window over which the byte counts of disk and network were taken
 */
export function classicEngineered(intervalMs: number, rateWindowMs: number): readonly Engineered[] {
  const overMs = READINGS * intervalMs
  const speed = (name: string, of: string): Engineered => ({ name, kind: 'speed', of, windowMs: rateWindowMs })
  return [
    { name: 'cpu_change', kind: 'change', of: 'cpu_usage' },
    { name: 'memory_change', kind: 'change', of: 'memory_usage' },
    speed('disk_read_speed', 'disk_read'),
    speed('disk_write_speed', 'disk_write'),
    speed('network_receive_speed', 'network_receive'),
    speed('network_transmit_speed', 'network_transmit'),
    { name: 'cpu_rolling', kind: 'rolling_mean', of: 'cpu_usage', overMs },
    { name: 'memory_std', kind: 'rolling_std', of: 'memory_usage', overMs },
    { name: 'cpu_mem_ratio', kind: 'ratio', numerator: 'cpu_usage', denominator: 'memory_usage', plus: 0 },
    { name: 'disk_cpu_ratio', kind: 'ratio', numerator: 'disk_read', denominator: 'cpu_usage', plus: 1 },
    { name: 'high_cpu', kind: 'flag', of: 'cpu_usage', above: 80 },
    { name: 'high_memory', kind: 'flag', of: 'memory_usage', above: 80 },
    { name: 'hour', kind: 'hour' },
    { name: 'day_of_week', kind: 'day_of_week' },
  ]
}
