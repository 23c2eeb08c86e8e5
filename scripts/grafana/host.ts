import type { BaseFeature, Unit } from '../../src/domain/feature.ts'
import { DEFAULT_IDENTITY } from '../../src/domain/target.ts'
import { presets } from '../../src/observe/catalogue/presets.ts'
import { compile } from '../../src/observe/promql.ts'
import type { Dashboard } from './dashboard.ts'
import { curves, heading, levels, number, type Panel, ribbons } from './panels.ts'
import { MARKS, ofTargets } from './queries.ts'
import { COLORS, steps } from './scale.ts'

const FEATURES = new Map<string, BaseFeature>(presets['node-exporter'].features.map((one) => [one.name, one]))

/** Grafana's units of ours. */
const UNITS: Readonly<Record<Unit, string>> = {
  percent: 'percent',
  ratio: 'percentunit',
  bytes: 'bytes',
  bytes_per_second: 'Bps',
  per_second: 'ops',
  seconds: 's',
  count: 'short',
  flag: 'bool',
}

/** A whole window, which Grafana's own takes the place of. */
const WINDOW_MS = 60_000

/** What the detectors are given of a feature, for the host that is chosen. */
function promqlOf(feature: BaseFeature): string {
  const extraMatchers = [
    { label: 'job', op: '=~', value: '$job' },
    { label: 'instance', op: '=~', value: '$instance' },
  ] as const
  const promql = compile(feature.expr, { identity: DEFAULT_IDENTITY, rateWindowMs: WINDOW_MS, extraMatchers })
  return promql.replaceAll(`[${WINDOW_MS / 1000}s]`, '[$__rate_interval]')
}

/** Features of one unit over time. */
function features(title: string, names: readonly string[], extra: { readonly stacked?: boolean } = {}): Panel {
  const shown = names.map((name) => FEATURES.get(name)!)
  return curves({
    title,
    description: shown.map(({ name, help }) => `${name}: ${help}.`).join(' '),
    unit: UNITS[shown[0].unit],
    width: 8,
    height: 7,
    queries: shown.map((feature) => ({ expr: promqlOf(feature), legend: feature.name })),
    ...extra,
  })
}

export const host: Dashboard = {
  uid: 'homeostat-host',
  title: 'Homeostat: one host',
  description: 'What the detectors make of one host, beside what they are given, on one time axis.',
  variables: [
    { name: 'job', label: 'Job', series: 'node_time_seconds' },
    { name: 'instance', label: 'Host', series: 'node_time_seconds{job=~"$job"}', single: true },
  ],
  annotations: MARKS,
  panels: [
    levels({
      title: 'Level',
      description: 'All detectors together, in units of the alarm threshold in force, which is the dashed line at 1.',
      queries: [{ expr: ofTargets('anomaly_level'), legend: 'level' }],
    }),
    curves({
      title: 'Anomaly score',
      description:
        'Reconstruction error of the autoencoder, and the threshold for it as a dashed line. No score without a model.',
      unit: 'none',
      dashed: { threshold: COLORS.threshold },
      queries: [
        { expr: ofTargets('anomaly_score'), legend: 'score' },
        { expr: ofTargets('anomaly_threshold'), legend: 'threshold' },
      ],
    }),
    ribbons({
      title: 'Anomalous',
      description: 'Grey: as usual. Amber: anomalous, after hysteresis. Nothing: no score.',
      unit: 'none',
      width: 24,
      height: 3,
      steps: steps(1),
      words: { '0': 'normal', '1': 'anomalous' },
      queries: [{ expr: ofTargets('anomaly_detected'), legend: '{{instance}}' }],
    }),
    curves({
      title: 'Detectors',
      description: 'Each by itself, calibrated: 0 is usual, 1 is certain.',
      unit: 'none',
      width: 8,
      max: 1,
      queries: [{ expr: ofTargets('anomaly_detector_score', 'detector'), legend: '{{detector}}' }],
    }),
    curves({
      title: 'What is behind it',
      description: 'Shares of the strongest features in the error; only while there is an anomaly.',
      unit: 'percentunit',
      width: 8,
      stacked: true,
      queries: [{ expr: ofTargets('anomaly_contribution', 'feature'), legend: '{{feature}}' }],
    }),
    curves({
      title: 'Time left',
      description: 'Until a resource is used up if it goes on filling as it does. Nothing fills: nothing is shown.',
      unit: 's',
      width: 4,
      queries: [{ expr: ofTargets('homeostat_time_to_exhaustion_seconds', 'resource'), legend: '{{resource}}' }],
    }),
    number({
      title: 'Drift of the inputs',
      description:
        'Since training, in deviations: 0 is as in training, above 1 the model speaks of a past that is over.',
      unit: 'none',
      decimals: 2,
      height: 8,
      steps: steps(1),
      queries: [{ expr: `max(${ofTargets('homeostat_input_drift')})` }],
    }),
    heading('Processors'),
    features('Processors, busy', ['cpu_busy']),
    features(
      'Processors, by what they did',
      ['cpu_user', 'cpu_system', 'cpu_iowait', 'cpu_interrupt', 'cpu_steal', 'cpu_nice'],
      { stacked: true },
    ),
    features('Load per processor', ['load1_per_core', 'load5_per_core']),
    features('Processes', ['processes', 'processes_running', 'processes_blocked']),
    features('Events of the kernel', ['context_switches', 'interrupts', 'forks']),
    features('Pressure', [
      'pressure_cpu',
      'pressure_memory',
      'pressure_memory_stalled',
      'pressure_io',
      'pressure_io_stalled',
    ]),
    heading('Memory'),
    features('Memory', [
      'memory_used_ratio',
      'memory_active_ratio',
      'memory_cached_ratio',
      'memory_committed_ratio',
      'memory_slab_ratio',
      'memory_buffers_ratio',
      'memory_dirty_ratio',
    ]),
    features('Swap', ['swap_used']),
    features('Swapping and faults', ['swap_in', 'swap_out', 'major_faults']),
    features('Paging', ['page_in', 'page_out']),
    features('Killed for want of memory', ['oom_kills']),
    features('File descriptors', ['file_descriptors_used_ratio']),
    heading('Disks'),
    features('Throughput', ['disk_read_throughput', 'disk_write_throughput']),
    features('Operations', ['disk_reads', 'disk_writes']),
    features('Latency', ['disk_read_latency', 'disk_write_latency']),
    features('Utilisation', ['disk_utilisation']),
    features('Queue', ['disk_queue']),
    features('Filesystems', ['filesystem_used_ratio', 'filesystem_inodes_used_ratio']),
    features('Filesystems read-only', ['filesystems_readonly']),
    heading('Network'),
    features('Traffic', ['network_receive_throughput', 'network_transmit_throughput']),
    features('Errors and drops', [
      'network_receive_errors',
      'network_transmit_errors',
      'network_receive_drops',
      'network_transmit_drops',
      'udp_errors',
    ]),
    features('Sockets', [
      'tcp_established',
      'tcp_inuse',
      'tcp_allocated',
      'tcp_time_wait',
      'udp_inuse',
      'sockets_used',
    ]),
    features('TCP sent again', ['tcp_retransmit_ratio']),
    features('TCP resets and overflows', ['tcp_resets', 'tcp_listen_overflows']),
    features('Connection tracking', ['conntrack_used_ratio']),
    features('Clock', ['clock_offset']),
  ],
}
