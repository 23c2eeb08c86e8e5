import { z } from 'zod'
import { duration, matchers, number, section, series, size } from './fields.ts'

const ERRORS = [
  '{code=~"5.."}',
  '{status=~"5..|5xx|SERVER_ERROR"}',
  '{status_code=~"5.."}',
  '{http_response_status_code=~"5.."}',
]
const GRPC_ERRORS = ['{grpc_code=~"Unknown|DeadlineExceeded|Unimplemented|Internal|Unavailable|DataLoss"}']

/** The names that the usual client libraries, cAdvisor and kube-state-metrics give. */
const REQUESTS = [
  { counter: 'http_requests_total', duration: 'http_request_duration_seconds' },
  { counter: 'http_server_request_duration_seconds_count', duration: 'http_server_request_duration_seconds' },
  { counter: 'http_server_requests_seconds_count', duration: 'http_server_requests_seconds' },
  { counter: 'http_request_duration_seconds_count', duration: 'http_request_duration_seconds' },
  { counter: 'grpc_server_handled_total', errors: GRPC_ERRORS, duration: 'grpc_server_handling_seconds' },
]

const OF_CONTAINERS = '{container!="",container!="POD"}'
const inContainers = (metric: string) => [`${metric}${OF_CONTAINERS}`, `${metric}{container="",name!=""}`]

const names = (fallback: readonly string[]) =>
  z
    .array(series('container_cpu_usage_seconds_total{container!=""}'))
    .max(8)
    .meta({ notation: 'a list of metrics, each perhaps with a selector' })
    .prefault([...fallback])

/** Where preset `red` finds its numbers. Of several names the first counts that a target has. */
export const redSchema = section({
  requests: z
    .array(
      z.strictObject({
        counter: series('http_requests_total').describe('Counter of requests.'),
        errors: z
          .array(matchers())
          .max(8)
          .meta({ notation: 'a list of label selectors', example: '[\'{code=~"5.."}\']' })
          .prefault(ERRORS)
          .describe('Which of them failed; the first selector counts that fits any series of a target.'),
        duration: series('http_request_duration_seconds')
          .optional()
          .describe(
            'Histogram of their time, without _bucket, _sum and _count; in seconds, unless its name ends in _ms or _milliseconds.',
          ),
      }),
    )
    .min(1)
    .max(8)
    .meta({
      notation: 'a list',
      example: '{counter: http_requests_total, duration: http_request_duration_seconds}',
    })
    .prefault(REQUESTS)
    .describe('How services count requests: the first entry counts whose counter a target has.'),
  cpu: names([...inContainers('container_cpu_usage_seconds_total'), 'process_cpu_seconds_total']).describe(
    'Counters of CPU seconds.',
  ),
  cpu_limit: names(['kube_pod_container_resource_limits{resource="cpu"}']).describe(
    'CPUs that a service may use, where container_spec_cpu_quota does not tell.',
  ),
  cores: number(0.01, 4096).default(1).describe('CPUs that a service may use for which no limit is known.'),
  memory: names([...inContainers('container_memory_working_set_bytes'), 'process_resident_memory_bytes']).describe(
    'Memory in use, bytes.',
  ),
  memory_limit: names([
    ...inContainers('container_spec_memory_limit_bytes'),
    'kube_pod_container_resource_limits{resource="memory"}',
  ]).describe('Memory that a service may use, bytes; 0 counts as no limit.'),
  memory_size: size('1MiB', '1000000GiB')
    .nullable()
    .default(null)
    .describe('Memory that a service may use for which no limit is known. Empty: it has no `memory_percent`.'),
  restarts: names(['kube_pod_container_status_restarts_total']).describe('Counters of restarts.'),
  restart_window: duration('1m', '1d').prefault('10m').describe('Time in which restarts are counted.'),
})
