import { DURATION_BUCKETS, type ServiceTotals } from './traffic.ts'

/** `text/plain` of Prometheus, version 0.0.4. */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** What a replica may use. */
const MEMORY_LIMIT_BYTES = 512 * 1024 * 1024
const DISK_LIMIT_BYTES = 10 * 1024 * 1024 * 1024
const CPU_PERIOD_US = 100_000

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number, suffix?: string]

interface Family {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly samples: (one: ServiceTotals) => readonly Sample[]
}

/**
 * Under the names that services, cAdvisor, kube-state-metrics and tracing back ends use, so that what reads those reads
 * these. A service is one container, whatever its replicas; cpu and memory are of all of them.
 */
const FAMILIES: readonly Family[] = [
  counter('http_requests_total', 'Requests answered, by status code.', ({ succeeded, failed, ...one }) => [
    [{ ...ofService(one), code: '200' }, succeeded],
    [{ ...ofService(one), code: '500' }, failed],
  ]),
  {
    name: 'http_request_duration_seconds',
    type: 'histogram',
    help: 'Time that requests took.',
    samples: durations,
  },
  counter('traces_service_graph_request_total', 'Calls from one service to another.', ({ definition, calls }) =>
    [...calls].map(([client, count]) => [{ client, server: definition.name }, count]),
  ),
  counter('container_cpu_usage_seconds_total', 'Processor time used.', (one) => [[ofContainer(one), one.cpuSeconds]]),
  gauge('container_spec_cpu_quota', 'Processor time allowed in each period, microseconds.', (one) => [
    [ofContainer(one), CPU_PERIOD_US * one.replicas],
  ]),
  gauge('container_spec_cpu_period', 'Length of the period, microseconds.', (one) => [
    [ofContainer(one), CPU_PERIOD_US],
  ]),
  gauge('container_memory_working_set_bytes', 'Memory in use.', (one) => [
    [ofContainer(one), bytes(one.metrics.memory_percent, MEMORY_LIMIT_BYTES * one.replicas)],
  ]),
  gauge('container_spec_memory_limit_bytes', 'Memory allowed.', (one) => [
    [ofContainer(one), MEMORY_LIMIT_BYTES * one.replicas],
  ]),
  gauge('container_fs_usage_bytes', 'Disk in use.', (one) => [
    [ofContainer(one), bytes(one.metrics.disk_percent, DISK_LIMIT_BYTES)],
  ]),
  gauge('container_fs_limit_bytes', 'Disk there is.', (one) => [[ofContainer(one), DISK_LIMIT_BYTES]]),
  counter('kube_pod_container_status_restarts_total', 'Restarts of the container.', (one) => [
    [ofContainer(one), one.restarts],
  ]),
  gauge('kube_deployment_spec_replicas', 'Replicas wanted.', ({ definition, replicas }) => [
    [{ deployment: definition.name, namespace: 'simulated' }, replicas],
  ]),
  gauge('simulated_service_reading', 'The latest reading, as it is pushed.', (one) =>
    Object.entries(one.metrics).map(([metric, value]) => [{ ...ofService(one), metric }, value]),
  ),
]

/** A page in the text format of Prometheus; without services it is empty. */
export function renderExposition(totals: readonly ServiceTotals[]): string {
  if (totals.length === 0) return ''
  return FAMILIES.map(({ name, type, help, samples }) => {
    const lines = totals.flatMap(samples).map((sample) => lineOf(name, sample))
    return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('\n')}\n`
  }).join('')
}

function durations({ definition, buckets, succeeded, failed, durationSum }: ServiceTotals): readonly Sample[] {
  const labels = ofService({ definition })
  const all = succeeded + failed
  return [
    ...DURATION_BUCKETS.map((bound, i): Sample => [{ ...labels, le: String(bound) }, buckets[i], '_bucket']),
    [{ ...labels, le: '+Inf' }, all, '_bucket'],
    [labels, durationSum, '_sum'],
    [labels, all, '_count'],
  ]
}

function counter(name: string, help: string, samples: Family['samples']): Family {
  return { name, type: 'counter', help, samples }
}

function gauge(name: string, help: string, samples: Family['samples']): Family {
  return { name, type: 'gauge', help, samples }
}

function ofService({ definition }: Pick<ServiceTotals, 'definition'>): Readonly<Record<string, string>> {
  return { service: definition.name, tier: definition.tier }
}

function ofContainer({ definition: { name, machine } }: ServiceTotals): Readonly<Record<string, string>> {
  return { service: name, container: name, pod: `${name}-0`, namespace: 'simulated', node: machine }
}

function bytes(percent: number, limit: number): number {
  return Math.round((percent / 100) * limit)
}

function lineOf(name: string, [labels, value, suffix = '']: Sample): string {
  const inner = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
  return `${name}${suffix}{${inner.join(',')}} ${value}`
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
