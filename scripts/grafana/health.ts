import type { Dashboard } from './dashboard.ts'
import { curves, heading, number, ribbons } from './panels.ts'
import { CHOSEN, MARKS, newEvents } from './queries.ts'
import { alarm, below, COLORS, steps } from './scale.ts'

const own = (metric: string, where = '') => `${metric}{${CHOSEN}${where}}`
/** By second, over the window that suits the scrapes. */
const rate = (metric: string, by: string, where = '') =>
  `sum by (${by}) (rate(${own(metric, where)}[$__rate_interval]))`
/** Events within five minutes. */
const recent = (metric: string, by: string, where = '') => `sum by (${by}) (increase(${own(metric, where)}[5m]))`
const quantile = (q: number, metric: string, by: string, where = '') =>
  `histogram_quantile(${q}, ${rate(`${metric}_bucket`, `${by}, le`, where)})`

export const health: Dashboard = {
  uid: 'homeostat-health',
  title: 'Homeostat: its own health',
  description: 'Whether Homeostat itself is well: cycles, data, models, actions, messages, and how well it does.',
  variables: [
    { name: 'job', label: 'Job', series: 'homeostat_build_info' },
    { name: 'instance', label: 'Instance', series: 'homeostat_build_info{job=~"$job"}' },
  ],
  annotations: MARKS.filter(({ name }) => name === 'Actions'),
  panels: [
    number({
      title: 'Up',
      description: 'Whether Prometheus reaches it.',
      unit: 'none',
      width: 3,
      steps: below(1),
      words: { '0': 'down', '1': 'up' },
      queries: [{ expr: `min(${own('up')})` }],
    }),
    number({
      title: 'Source',
      description: 'Whether the last observation succeeded.',
      unit: 'none',
      width: 3,
      steps: below(1),
      words: { '0': 'down', '1': 'up' },
      queries: [{ expr: `min(${own('homeostat_source_up')})` }],
    }),
    number({
      title: 'Configuration',
      description: 'Whether the file was good when it was read last; refused: the one before is in force.',
      unit: 'none',
      width: 3,
      steps: below(1),
      words: { '0': 'refused', '1': 'good' },
      queries: [{ expr: `min(${own('homeostat_config_last_reload_successful')})` }],
    }),
    number({
      title: 'Kill switch',
      description: 'Frozen: nothing is done until a person unfreezes.',
      unit: 'none',
      width: 3,
      steps: alarm(1),
      words: { '0': 'off', '1': 'frozen' },
      queries: [{ expr: `max(${own('homeostat_frozen')})` }],
    }),
    number({
      title: 'Silences readable',
      description: 'Whether an Alertmanager can be read; unreadable: no action of a rule begins.',
      unit: 'none',
      width: 3,
      steps: below(1),
      words: { '0': 'unreadable', '1': 'read' },
      queries: [{ expr: `min(${own('homeostat_alertmanager_up')})` }],
    }),
    number({
      title: 'Waiting for a person',
      description: 'Actions that somebody has to approve or deny.',
      unit: 'short',
      width: 3,
      steps: steps(1),
      queries: [{ expr: `sum(${own('homeostat_actions_waiting')})` }],
    }),
    number({
      title: 'Running for',
      description: 'Since the start of the process.',
      unit: 's',
      width: 3,
      queries: [{ expr: `min(time() - ${own('process_start_time_seconds')})` }],
    }),
    number({
      title: 'Version',
      description: 'Of Homeostat, and of the Node.js that runs it.',
      unit: 'none',
      width: 3,
      names: true,
      queries: [{ expr: `max by (version, node) (${own('homeostat_build_info')})`, legend: '{{version}}, {{node}}' }],
    }),

    heading('Cycles'),
    curves({
      title: 'Cycles',
      description: 'Run and left out within five minutes: 20 at an interval of 15 s.',
      unit: 'short',
      width: 8,
      queries: [
        { expr: `sum(increase(${own('homeostat_ticks_total')}[5m]))`, legend: 'run' },
        { expr: `sum(increase(${own('homeostat_ticks_missed_total')}[5m]))`, legend: 'left out' },
      ],
    }),
    curves({
      title: 'Time of a cycle',
      description: 'Half of the cycles took less than the one, 95 % less than the other.',
      unit: 's',
      width: 8,
      queries: [
        { expr: quantile(0.5, 'homeostat_stage_duration_seconds', 'stage', ',stage="tick"'), legend: 'half' },
        { expr: quantile(0.95, 'homeostat_stage_duration_seconds', 'stage', ',stage="tick"'), legend: '95 %' },
      ],
    }),
    curves({
      title: 'Time of the stages',
      description: 'Mean of each within the window of rates.',
      unit: 's',
      width: 8,
      queries: [
        {
          expr: `${rate('homeostat_stage_duration_seconds_sum', 'stage', ',stage!="tick"')} / ${rate('homeostat_stage_duration_seconds_count', 'stage', ',stage!="tick"')}`,
          legend: '{{stage}}',
        },
      ],
    }),
    curves({
      title: 'Failures',
      description: 'Of stages, by reason, within five minutes; the ten most frequent.',
      unit: 'short',
      width: 12,
      bars: true,
      queries: [
        {
          expr: `topk(10, ${recent('homeostat_stage_failures_total', 'stage, reason')})`,
          legend: '{{stage}} {{reason}}',
        },
      ],
    }),
    curves({
      title: 'Work for the process',
      description: 'Processors used: 1 is one of them all the time.',
      unit: 'short',
      width: 6,
      queries: [{ expr: `sum(rate(${own('process_cpu_seconds_total')}[$__rate_interval]))`, legend: 'processors' }],
    }),
    curves({
      title: 'Memory',
      description: 'Resident memory of the process.',
      unit: 'bytes',
      width: 6,
      queries: [{ expr: `sum(${own('process_resident_memory_bytes')})`, legend: 'resident' }],
    }),

    heading('Data'),
    curves({
      title: 'Targets',
      description: 'By state. Stale and warming up ones have no score.',
      unit: 'short',
      width: 8,
      stacked: true,
      queries: [{ expr: `sum by (state) (${own('homeostat_targets')})`, legend: '{{state}}' }],
    }),
    curves({
      title: 'Age of the data',
      description: 'Of the newest sample of any target; the dashed line is where targets become stale by default.',
      unit: 's',
      width: 8,
      steps: alarm(90),
      line: true,
      queries: [{ expr: `max(${own('homeostat_data_age_seconds')})`, legend: 'age' }],
    }),
    curves({
      title: 'Cleaning and warnings',
      description: 'Missing values, repairs, and warnings of the source within five minutes.',
      unit: 'short',
      width: 8,
      queries: [
        { expr: recent('homeostat_cleaning_total', 'kind'), legend: '{{kind}}' },
        { expr: `sum(increase(${own('homeostat_source_warnings_total')}[5m]))`, legend: 'warnings' },
      ],
    }),
    curves({
      title: 'Trainings',
      description: 'Models within five minutes, by what became of them.',
      unit: 'short',
      width: 8,
      bars: true,
      queries: [{ expr: recent('homeostat_trainings_total', 'outcome'), legend: '{{outcome}}' }],
    }),
    curves({
      title: 'Age of the oldest model',
      description: 'Models are trained anew every day by default; the dashed line is at three days.',
      unit: 's',
      width: 8,
      steps: alarm(259_200),
      line: true,
      queries: [{ expr: `max(${own('homeostat_model_age_seconds')})`, legend: 'age' }],
    }),
    curves({
      title: 'Drift of the inputs',
      description: 'The five hosts that are farthest from what their models were trained on, in deviations.',
      unit: 'none',
      width: 8,
      steps: alarm(1),
      line: true,
      queries: [{ expr: 'topk(5, max by (instance, job) (homeostat_input_drift))', legend: '{{instance}}' }],
    }),

    heading('Decisions and actions'),
    curves({
      title: 'Decisions',
      description:
        'Within five minutes. execute: done; ask: a person is asked; observe: only recorded; refuse: a guard said no.',
      unit: 'short',
      width: 8,
      bars: true,
      queries: [{ expr: recent('homeostat_decisions_total', 'verdict'), legend: '{{verdict}}' }],
    }),
    curves({
      title: 'Actions',
      description: 'That came into a state of the ledger within five minutes before.',
      unit: 'short',
      width: 8,
      bars: true,
      queries: [
        { expr: newEvents(own('homeostat_actions_total'), 'action, state', '5m'), legend: '{{action}} {{state}}' },
      ],
    }),
    curves({
      title: 'Incidents',
      description: 'Opened and recovered, and what people said of them, within five minutes.',
      unit: 'short',
      width: 8,
      bars: true,
      queries: [{ expr: recent('homeostat_incidents_total', 'outcome'), legend: '{{outcome}}' }],
    }),

    heading('Doors'),
    curves({
      title: 'Alerts that come in',
      description: 'Messages of Alertmanager and Grafana within five minutes, by what became of them.',
      unit: 'short',
      width: 8,
      queries: [
        { expr: recent('homeostat_webhook_requests_total', 'source, result'), legend: '{{source}} {{result}}' },
      ],
    }),
    curves({
      title: 'Readings that are pushed',
      description: 'By second, by what became of them.',
      unit: 'cps',
      width: 8,
      queries: [{ expr: rate('homeostat_observations_total', 'result'), legend: '{{result}}' }],
    }),
    curves({
      title: 'Requests',
      description: 'Answered over HTTP by second, by status code.',
      unit: 'reqps',
      width: 8,
      queries: [{ expr: rate('homeostat_http_requests_total', 'code'), legend: '{{code}}' }],
    }),
    curves({
      title: 'Messages to people',
      description: 'Tries within five minutes, by receiver; dropped: not sent any more, by reason in the panel beside.',
      unit: 'short',
      width: 8,
      bars: true,
      queries: [
        { expr: recent('homeostat_notifications_total', 'receiver, outcome'), legend: '{{receiver}} {{outcome}}' },
      ],
    }),
    curves({
      title: 'Messages that failed',
      description: 'Within five minutes: tries that failed, and messages that are not sent, by reason.',
      unit: 'short',
      width: 8,
      bars: true,
      queries: [
        {
          expr: recent('homeostat_notification_failures_total', 'receiver, reason'),
          legend: '{{receiver}} failed: {{reason}}',
        },
        {
          expr: recent('homeostat_notifications_dropped_total', 'receiver, reason'),
          legend: '{{receiver}} dropped: {{reason}}',
        },
      ],
    }),
    curves({
      title: 'Messages that wait',
      description: 'By receiver; those of a receiver that is down, or of muted times.',
      unit: 'short',
      width: 4,
      queries: [{ expr: `sum by (receiver) (${own('homeostat_notifications_waiting')})`, legend: '{{receiver}}' }],
    }),
    curves({
      title: 'Time of a message',
      description: 'Within which receivers took 95 % of the messages.',
      unit: 's',
      width: 4,
      queries: [
        { expr: quantile(0.95, 'homeostat_notification_duration_seconds', 'receiver'), legend: '{{receiver}}' },
      ],
    }),
    curves({
      title: 'Answers in chats',
      description: 'Buttons and commands within five minutes; ignored: by somebody who is not on the list.',
      unit: 'short',
      width: 8,
      bars: true,
      queries: [
        { expr: recent('homeostat_chat_answers_total', 'receiver, result'), legend: '{{receiver}} {{result}}' },
      ],
    }),
    ribbons({
      title: 'Frozen',
      description: 'When the kill switch was on.',
      unit: 'none',
      width: 8,
      height: 8,
      steps: alarm(1),
      words: { '0': 'off', '1': 'frozen' },
      queries: [{ expr: `max by (instance) (${own('homeostat_frozen')})`, legend: '{{instance}}' }],
    }),
    curves({
      title: 'Open dashboards',
      description: 'Streams of events that are open, and how many were told to begin anew within five minutes.',
      unit: 'short',
      width: 8,
      queries: [
        { expr: `sum(${own('homeostat_event_streams')})`, legend: 'open' },
        { expr: recent('homeostat_event_stream_resets_total', 'reason'), legend: 'anew: {{reason}}' },
      ],
    }),

    heading('How well it does, over the last seven days'),
    number({
      title: 'Detection rate',
      description: 'Share of confirmed incidents that the detectors saw; an upper bound, see docs/kpis.md.',
      unit: 'percentunit',
      queries: [{ expr: `max(${own('homeostat_kpi_detection_rate')})` }],
    }),
    number({
      title: 'False positive rate',
      description: 'Share of judged detections that people called false.',
      unit: 'percentunit',
      queries: [{ expr: `max(${own('homeostat_kpi_false_positive_rate')})` }],
    }),
    number({
      title: 'False alarms a day',
      description: 'Detections that people called false, over all targets.',
      unit: 'none',
      decimals: 1,
      queries: [{ expr: `max(${own('homeostat_kpi_false_alarms_per_day')})` }],
    }),
    number({
      title: 'Time to detect',
      description: 'Mean, from the first sign of a confirmed incident to the first word of the detectors.',
      unit: 's',
      queries: [{ expr: `max(${own('homeostat_kpi_mean_time_to_detect_seconds')})` }],
    }),
    number({
      title: 'Time to recover',
      description: 'Mean, from the opening of an incident to its end.',
      unit: 's',
      queries: [{ expr: `max(${own('homeostat_kpi_mean_time_to_recover_seconds')})` }],
    }),
    number({
      title: 'Ahead of alerts',
      description: 'Mean time by which the detectors were ahead of the first alert; below 0: behind it.',
      unit: 's',
      queries: [{ expr: `max(${own('homeostat_kpi_mean_lead_over_alerts_seconds')})` }],
    }),
    curves({
      title: 'Detections',
      description: 'Incidents in which the detectors spoke, by what they turned out to be; and those that they missed.',
      unit: 'short',
      width: 24,
      dashed: { missed: COLORS.red },
      queries: [
        { expr: `sum by (judgement) (${own('homeostat_kpi_detections')})`, legend: '{{judgement}}' },
        { expr: `sum(${own('homeostat_kpi_missed')})`, legend: 'missed' },
      ],
    }),
  ],
}
