import type { Dashboard } from './dashboard.ts'
import { curves, heading, levels, number, ribbons, table } from './panels.ts'
import { CHOSEN, MARKS, ofTargets, TARGETS } from './queries.ts'
import { LEVEL_STEPS, steps } from './scale.ts'

/** Series of a service that is chosen, whatever job they were scraped under. */
const rate = (metric: string, where = '', by = 'instance') =>
  `sum by (${by}) (rate(${metric}{instance=~"$instance"${where}}[$__rate_interval]))`
const CONTAINER = 'instance=~"$instance",container!="",container!="POD"'

export const services: Dashboard = {
  uid: 'homeostat-services',
  title: 'Homeostat: services',
  description: 'Services that push their readings (job push), or are read by preset red, beside their requests.',
  variables: TARGETS.map((variable) => (variable.name === 'job' ? { ...variable, chosen: 'push' } : variable)),
  annotations: MARKS,
  panels: [
    number({
      title: 'Anomalous now',
      description: 'Services that the detectors call anomalous.',
      unit: 'short',
      steps: steps(1),
      queries: [{ expr: `sum(${ofTargets('anomaly_detected')})` }],
    }),
    number({
      title: 'Highest level',
      description: 'Level of the worst service, in units of its alarm threshold.',
      unit: 'none',
      decimals: 2,
      steps: LEVEL_STEPS,
      queries: [{ expr: `max(anomaly_level{${CHOSEN}})` }],
    }),
    number({
      title: 'Readings taken',
      description: 'Pushed readings of all services, by second.',
      unit: 'cps',
      decimals: 1,
      queries: [{ expr: 'sum(rate(homeostat_observations_total{result="accepted"}[$__rate_interval]))' }],
    }),
    number({
      title: 'Readings refused',
      description: 'Within five minutes, by reason: older, invalid, without permission, or more than can be stored.',
      unit: 'short',
      steps: steps(1),
      queries: [{ expr: 'sum(increase(homeostat_observations_total{result!="accepted"}[5m]))' }],
    }),
    curves({
      title: 'Readings',
      description: 'What became of pushed readings.',
      unit: 'cps',
      width: 8,
      height: 4,
      queries: [
        { expr: 'sum by (result) (rate(homeostat_observations_total[$__rate_interval]))', legend: '{{result}}' },
      ],
    }),
    levels({
      title: 'Level',
      description: 'Of each service, in units of its alarm threshold, the dashed line at 1.',
      queries: [{ expr: ofTargets('anomaly_level'), legend: '{{instance}}' }],
    }),
    ribbons({
      title: 'Levels, side by side',
      description: 'Grey: below half of the threshold; amber: an alarm; red: twice the threshold.',
      unit: 'none',
      steps: LEVEL_STEPS,
      queries: [{ expr: ofTargets('anomaly_level'), legend: '{{instance}}' }],
    }),
    curves({
      title: 'Detectors',
      description: 'The highest of each detector among the services that are chosen; 0 is usual, 1 is certain.',
      unit: 'none',
      max: 1,
      queries: [{ expr: ofTargets('anomaly_detector_score', 'detector'), legend: '{{detector}}' }],
    }),
    table({
      title: 'What is behind it',
      description: 'Readings of anomalous services, by their share; at most five of each.',
      unit: 'percentunit',
      queries: [{ expr: ofTargets('anomaly_contribution', 'instance, job, feature') }],
      columns: {
        instance: { name: 'Service' },
        feature: { name: 'Reading' },
        Value: { name: 'Share', unit: 'percentunit' },
      },
      sort: { by: 'Share', descending: true },
    }),
    heading('Requests, by the names that client libraries use'),
    curves({
      title: 'Requests',
      description: 'Answered, by second.',
      unit: 'reqps',
      width: 8,
      queries: [{ expr: rate('http_requests_total'), legend: '{{instance}}' }],
    }),
    curves({
      title: 'Errors',
      description: 'Share of requests that were answered with 5xx.',
      unit: 'percentunit',
      width: 8,
      queries: [
        {
          expr: `(${rate('http_requests_total', ',code=~"5.."')} or 0 * ${rate('http_requests_total')}) / ${rate('http_requests_total')}`,
          legend: '{{instance}}',
        },
      ],
    }),
    curves({
      title: 'Latency',
      description: 'Time within which 95 % of requests were answered.',
      unit: 's',
      width: 8,
      queries: [
        {
          expr: `histogram_quantile(0.95, ${rate('http_request_duration_seconds_bucket', '', 'instance, le')})`,
          legend: '{{instance}}',
        },
      ],
    }),
    heading('Containers, by the names of cAdvisor and kube-state-metrics'),
    curves({
      title: 'Processor',
      description: 'Time used, of what the containers may use.',
      unit: 'percentunit',
      width: 8,
      queries: [
        {
          expr: `sum by (instance) (rate(container_cpu_usage_seconds_total{${CONTAINER}}[$__rate_interval])) / sum by (instance) (container_spec_cpu_quota{${CONTAINER}} / container_spec_cpu_period{${CONTAINER}})`,
          legend: '{{instance}}',
        },
      ],
    }),
    curves({
      title: 'Memory',
      description: 'In use, of what the containers may use.',
      unit: 'percentunit',
      width: 8,
      queries: [
        {
          expr: `sum by (instance) (container_memory_working_set_bytes{${CONTAINER}}) / sum by (instance) (container_spec_memory_limit_bytes{${CONTAINER}} > 0)`,
          legend: '{{instance}}',
        },
      ],
    }),
    curves({
      title: 'Restarts',
      description: 'Within ten minutes.',
      unit: 'short',
      width: 8,
      queries: [
        {
          expr: 'sum by (instance) (increase(kube_pod_container_status_restarts_total{instance=~"$instance"}[10m]))',
          legend: '{{instance}}',
        },
      ],
    }),
  ],
}
