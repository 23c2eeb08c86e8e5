import { actionsAreClear } from './actions-checks.ts'
import { formatDuration } from './duration.ts'
import { exactlyOne, finding } from './finding.ts'
import { notificationsAreClear } from './notifications-checks.ts'
import type { Finding } from './problem.ts'
import { remediationIsClear } from './remediation-checks.ts'
import type { ParsedConfig } from './schema.ts'
import { storeIsClear } from './store-checks.ts'
import { webCredentialsAreClear, webIsSafe, webTlsIsWhole } from './web-checks.ts'

/** Says what several keys together get wrong; `app/` may add checks that need to know more than `config/` does. */
export type CrossCheck<C = ParsedConfig> = (config: C) => Iterable<Finding>

export const crossChecks: readonly CrossCheck[] = [
  sourceHasAddress,
  credentialsAreClear,
  extraFeaturesAreClear,
  servicesAreSeen,
  targetTimes,
  rateWindow,
  readingsSuffice,
  hysteresisOrder,
  fixedThresholdHasValue,
  historyCoversMinimum,
  webIsSafe,
  webCredentialsAreClear,
  webTlsIsWhole,
  actionsAreClear,
  notificationsAreClear,
  storeIsClear,
  remediationIsClear,
]

export type SourceType = NonNullable<ParsedConfig['source']['type']>

/** The source in force when none is named. */
export function sourceType({ source }: ParsedConfig): SourceType {
  return source.type ?? (source.prometheus.url === undefined ? 'local' : 'prometheus')
}

function* sourceHasAddress(config: ParsedConfig): Iterable<Finding> {
  const { type, prometheus, node_exporter } = config.source
  if (type === 'prometheus' && prometheus.url === undefined) {
    yield finding(
      'source.prometheus.url',
      'is missing',
      'source.type is prometheus: set it here or in PROMETHEUS_URL',
      ['source.type'],
    )
  }
  if (type === 'node_exporter' && node_exporter.urls.length === 0) {
    yield finding('source.node_exporter.urls', 'is empty', 'for example [http://web-1:9100/metrics]', ['source.type'])
  }
  const hosts = node_exporter.urls.map((url) => new URL(url).host)
  for (const [i, host] of hosts.entries()) {
    const first = hosts.indexOf(host)
    if (first === i) continue
    const path = `source.node_exporter.urls.${i}`
    yield finding(
      path,
      `has the host and port of entry ${first + 1}`,
      'each exporter may be listed once: its host and port are the label instance',
    )
  }
}

function* credentialsAreClear({ source, remediation }: ParsedConfig): Iterable<Finding> {
  const servers = [
    ['source.prometheus', source.prometheus],
    ['source.node_exporter', source.node_exporter],
    ['remediation.maintenance.alertmanager', remediation.maintenance.alertmanager],
  ] as const
  for (const [path, { basic_auth, authorization, tls }] of servers) {
    if (basic_auth) yield* exactlyOne(`${path}.basic_auth`, basic_auth, ['password_file', 'password_env'])
    if (authorization)
      yield* exactlyOne(`${path}.authorization`, authorization, ['credentials_file', 'credentials_env'])
    if (basic_auth && authorization) {
      yield finding(
        `${path}.authorization`,
        'stands beside basic_auth',
        'a request carries one of them: remove the other',
      )
    }
    if ((tls.cert_file === undefined) !== (tls.key_file === undefined)) {
      const [given, missing] = tls.cert_file === undefined ? ['key_file', 'cert_file'] : ['cert_file', 'key_file']
      yield finding(`${path}.tls.${given}`, `stands without ${missing}`, 'a client certificate needs both', [
        `${path}.tls.${missing}`,
      ])
    }
  }
}

function* extraFeaturesAreClear(config: ParsedConfig): Iterable<Finding> {
  const names = config.features.extra.map(({ name }) => name)
  for (const [i, extra] of config.features.extra.entries()) {
    const path = `features.extra.${i}`
    yield* exactlyOne(path, extra, ['promql', 'expression'])
    if (names.indexOf(extra.name) !== i)
      yield finding(`${path}.name`, `${extra.name} is the name of an earlier entry`, 'names must differ')
    if (extra.promql !== undefined && sourceType(config) !== 'prometheus') {
      const hint = `the source is ${sourceType(config)}: use expression, or set source.type to prometheus`
      yield finding(`${path}.promql`, 'works with source prometheus only', hint, [
        'source.type',
        'source.prometheus.url',
      ])
    }
  }
}

function* servicesAreSeen(config: ParsedConfig): Iterable<Finding> {
  const source = sourceType(config)
  const by = ['source.type', 'source.prometheus.url']
  if (config.features.preset === 'red' && (source === 'local' || source === 'push')) {
    const hint = 'there are no metrics of services to ask for: use source prometheus or node_exporter'
    yield finding('features.preset', `red does not work with source ${source}`, hint, by)
  }
  if (config.topology.metric !== null && source !== 'prometheus') {
    const hint = `the source is ${source}: name the calls in topology.dependencies`
    yield finding('topology.metric', 'works with source prometheus only', hint, by)
  }
}

function* targetTimes({ interval, targets }: ParsedConfig): Iterable<Finding> {
  const { labels, stale_after, gone_after } = targets
  if (stale_after < 2 * interval) {
    const message = `${formatDuration(stale_after)} is less than two intervals of ${formatDuration(interval)}`
    yield finding('targets.stale_after', message, 'one late reading would make every target stale', ['interval'])
  }
  if (gone_after < stale_after) {
    const message = `${formatDuration(gone_after)} is less than stale_after, ${formatDuration(stale_after)}`
    yield finding('targets.gone_after', message, 'a target is stale before it is gone', ['targets.stale_after'])
  }
  const repeated = labels.findIndex((label, i) => labels.indexOf(label) !== i)
  if (repeated !== -1)
    yield finding(`targets.labels.${repeated}`, `${labels[repeated]} is listed twice`, 'keep one of them')
}

function* rateWindow(config: ParsedConfig): Iterable<Finding> {
  const type = sourceType(config)
  if (type === 'prometheus' || type === 'push') return
  const window = config.source[type].rate_window
  if (window >= 2 * config.interval) return
  const message = `${formatDuration(window)} is less than two intervals of ${formatDuration(config.interval)}`
  yield finding(`source.${type}.rate_window`, message, 'a rate needs two readings in its window', [
    'interval',
    'source.type',
    'source.prometheus.url',
  ])
}

function* readingsSuffice({ detect }: ParsedConfig): Iterable<Finding> {
  const { window, min_readings } = detect.zscore
  if (min_readings <= window) return
  yield finding(
    'detect.zscore.min_readings',
    `${min_readings} is more than the window holds, ${window}`,
    'lower it, or widen the window',
    ['detect.zscore.window'],
  )
}

function* hysteresisOrder({ detect }: ParsedConfig): Iterable<Finding> {
  const { enter, exit } = detect.hysteresis
  if (exit <= enter) return
  yield finding(
    'detect.hysteresis.exit',
    `${exit} is above enter, ${enter}`,
    'an anomaly ends at or below the level at which it begins',
    ['detect.hysteresis.enter'],
  )
}

function* fixedThresholdHasValue({ threshold }: ParsedConfig): Iterable<Finding> {
  if (threshold.mode !== 'fixed' || threshold.value !== null) return
  yield finding('threshold.value', 'is missing', 'threshold.mode is fixed: give the threshold, for example 0.1998', [
    'threshold.mode',
  ])
}

function* historyCoversMinimum({ train }: ParsedConfig): Iterable<Finding> {
  if (train.history >= train.min_history) return
  const message = `${formatDuration(train.history)} is less than min_history, ${formatDuration(train.min_history)}`
  yield finding('train.history', message, 'training would never begin', ['train.min_history'])
}
