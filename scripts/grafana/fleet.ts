import type { Dashboard } from './dashboard.ts'
import { curves, levels, number, ribbons, table } from './panels.ts'
import { CHOSEN, MARKS, newEvents, ofTargets, TARGETS } from './queries.ts'
import { alarm, LEVEL_STEPS, steps } from './scale.ts'

/** The worst of the range shown, the same ones at every point of it. */
const worst = (count: number) =>
  `${ofTargets('anomaly_level')} and topk(${count}, max by (instance, job) (max_over_time(anomaly_level{${CHOSEN}}[$__range] @ end())))`

/** The dashboard of this name, for the target of the row and the time shown. */
const linkTo = (title: string, uid: string) => ({
  title,
  url: `/d/${uid}?var-job=\${__data.fields.Job}&var-instance=\${__data.fields.Target}&\${__url_time_range}`,
})
const LINKS = [linkTo('As a host', 'homeostat-host'), linkTo('As a service', 'homeostat-services')]

export const fleet: Dashboard = {
  uid: 'homeostat-fleet',
  title: 'Homeostat: fleet',
  description: 'Whether anything needs a person, and which targets it is.',
  variables: TARGETS,
  annotations: MARKS,
  panels: [
    number({
      title: 'Anomalous now',
      description: 'Targets that the detectors call anomalous, after hysteresis.',
      unit: 'short',
      steps: steps(1),
      queries: [{ expr: `sum(${ofTargets('anomaly_detected')})` }],
    }),
    number({
      title: 'Highest level',
      description: 'Level of the worst target, in units of its alarm threshold: above 1 is an alarm.',
      unit: 'none',
      decimals: 2,
      steps: LEVEL_STEPS,
      queries: [{ expr: `max(anomaly_level{${CHOSEN}})` }],
    }),
    number({
      title: 'Targets',
      description: 'By state. Stale and warming up ones have no score.',
      unit: 'short',
      queries: [{ expr: 'sum by (state) (homeostat_targets)', legend: '{{state}}' }],
    }),
    number({
      title: 'Waiting for a person',
      description: 'Actions that somebody has to approve or deny.',
      unit: 'short',
      steps: steps(1),
      queries: [{ expr: 'sum(homeostat_actions_waiting)' }],
    }),
    number({
      title: 'Kill switch',
      description: 'Frozen: nothing is done until a person unfreezes.',
      unit: 'none',
      steps: alarm(1),
      words: { '0': 'off', '1': 'frozen' },
      queries: [{ expr: 'max(homeostat_frozen)' }],
    }),
    number({
      title: 'Age of the data',
      description: 'Of the newest sample of any target. Beyond 90 s targets become stale.',
      unit: 's',
      steps: steps(60, 120),
      queries: [{ expr: 'max(homeostat_data_age_seconds)' }],
    }),
    levels({
      title: 'Level of the worst ten',
      description: 'Highest within the time shown. The dashed line at 1 is the alarm threshold.',
      width: 16,
      queries: [{ expr: worst(10), legend: '{{instance}} {{job}}' }],
    }),
    curves({
      title: 'Anomalous targets',
      description: 'How many at once, by job.',
      unit: 'short',
      width: 8,
      stacked: true,
      queries: [{ expr: `sum by (job) (${ofTargets('anomaly_detected')})`, legend: '{{job}}' }],
    }),
    ribbons({
      title: 'Levels, side by side',
      description: 'The worst thirty. Grey: below half of the threshold; amber: an alarm; red: twice the threshold.',
      unit: 'none',
      width: 24,
      height: 9,
      steps: LEVEL_STEPS,
      queries: [{ expr: worst(30), legend: '{{instance}} {{job}}' }],
    }),
    table({
      title: 'Targets, worst first',
      description:
        'Level in units of the threshold; severity from 0 to 1; score of the autoencoder beside its threshold.',
      unit: 'none',
      width: 14,
      height: 10,
      queries: [
        { expr: ofTargets('anomaly_level') },
        { expr: ofTargets('anomaly_severity') },
        { expr: ofTargets('anomaly_detected') },
        { expr: ofTargets('anomaly_score') },
        { expr: ofTargets('anomaly_threshold') },
      ],
      columns: {
        instance: { name: 'Target', links: LINKS },
        job: { name: 'Job' },
        'Value #A': { name: 'Level', unit: 'none', steps: LEVEL_STEPS },
        'Value #B': { name: 'Severity', unit: 'none' },
        'Value #C': { name: 'State', words: { '0': 'normal', '1': 'anomalous' }, steps: steps(1) },
        'Value #D': { name: 'Score', unit: 'none' },
        'Value #E': { name: 'Threshold', unit: 'none' },
      },
      sort: { by: 'Level', descending: true },
    }),
    table({
      title: 'What is behind it',
      description: 'Features of anomalous targets, by their share in the error; at most five of each.',
      unit: 'percentunit',
      width: 10,
      height: 10,
      queries: [{ expr: ofTargets('anomaly_contribution', 'instance, job, feature') }],
      columns: {
        instance: { name: 'Target' },
        feature: { name: 'Feature' },
        Value: { name: 'Share', unit: 'percentunit' },
      },
      sort: { by: 'Share', descending: true },
    }),
    table({
      title: 'Used up soon',
      description:
        'Resources that fill, by the time that is left if they go on so, with the interval that the data allow.',
      unit: 's',
      width: 12,
      queries: [
        { expr: ofTargets('homeostat_time_to_exhaustion_seconds', 'instance, job, resource') },
        { expr: ofTargets('homeostat_time_to_exhaustion_lower_seconds', 'instance, job, resource') },
        { expr: ofTargets('homeostat_time_to_exhaustion_upper_seconds', 'instance, job, resource') },
      ],
      columns: {
        instance: { name: 'Target' },
        resource: { name: 'Resource' },
        'Value #A': { name: 'Left', unit: 's' },
        'Value #B': { name: 'At least', unit: 's' },
        'Value #C': { name: 'At most', unit: 's' },
      },
      sort: { by: 'Left', descending: false },
    }),
    curves({
      title: 'Incidents',
      description: 'Opened and recovered, and what people said of them, in each step.',
      unit: 'short',
      width: 12,
      bars: true,
      queries: [
        {
          expr: 'sum by (outcome) (increase(homeostat_incidents_total[$__rate_interval]))',
          legend: '{{outcome}}',
        },
      ],
    }),
    curves({
      title: 'Decisions',
      description: 'execute: done; ask: a person is asked; observe: only recorded; refuse: a guard said no.',
      unit: 'short',
      width: 12,
      bars: true,
      queries: [
        { expr: 'sum by (verdict) (increase(homeostat_decisions_total[$__rate_interval]))', legend: '{{verdict}}' },
      ],
    }),
    curves({
      title: 'Actions',
      description: 'That came into a state of the ledger within five minutes before.',
      unit: 'short',
      width: 12,
      bars: true,
      queries: [{ expr: newEvents('homeostat_actions_total', 'action, state', '5m'), legend: '{{action}} {{state}}' }],
    }),
  ],
}
