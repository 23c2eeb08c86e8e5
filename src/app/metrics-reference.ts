import { TargetSeries } from '../api/target-series.ts'
import { DEFAULT_IDENTITY } from '../domain/target.ts'
import { DETECTORS, type DetectorName, type Verdict } from '../domain/verdict.ts'
import { createMetrics } from '../platform/metrics.ts'

/** One family of series as `/metrics` shows it. */
interface Family {
  readonly name: string
  readonly type: string
  readonly help: string
  /** The values of each label, as far as they are a closed set that is there from the start; else none. */
  readonly labels: ReadonlyMap<string, readonly string[]>
}

/** Labels whose values are those of the configuration, the fleet or the process, whatever a sample shows. */
const OPEN_LABELS: ReadonlySet<string> = new Set([...DEFAULT_IDENTITY, 'receiver', 'version', 'node'])

/** docs/metrics.md: every series of `/metrics`, read off what a fresh process and one anomalous target show. */
export async function metricsReference(): Promise<string> {
  const metrics = createMetrics({ now: () => 0, version: '0', node: '0' })
  metrics.notifications.receivers(['any'])
  metrics.requestServed('/metrics', 'GET', 200)
  const own = familiesIn(await metrics.registry.metrics())
  // What has no series yet shows no labels either: the registry knows their names.
  const labelNames = new Map(
    metrics.registry
      .getMetricsAsArray()
      .map((metric) => [metric.name, 'labelNames' in metric ? (metric.labelNames as readonly string[]) : []]),
  )
  const families = own.map((family) => withLabels(family, labelNames.get(family.name) ?? []))
  const ofTargets = familiesIn([...new TargetSeries().render([ANOMALY])].join(''))
  return [
    '# Metrics',
    '',
    'What `GET /metrics` shows. Prometheus must scrape it with `honor_labels: true`, so that the labels of a target stay',
    'those of the target. A number that is not known has no series, never a 0.',
    '',
    '## Of the targets',
    '',
    'Of every target with new data. They carry the labels of `targets.labels`, by default `instance` and `job`; a pushed',
    'service has its name as `instance` and `job="push"`. A target that is stale or warming up has none of these:',
    '`homeostat_targets{state}` says how many there are. Contributions stand only while there is an anomaly, at most five',
    'for each target. What the numbers mean: [detection.md](detection.md).',
    '',
    ...table(ofTargets),
    '',
    '## Of Homeostat itself',
    '',
    'Values of labels come from closed sets, those of `receiver` from the configuration; whatever is not known counts as',
    '`other`. Where all values are listed below, counters begin at 0, so that `rate` sees the first event.',
    '',
    ...table(families.filter(({ name }) => name.startsWith('homeostat_') && !name.startsWith('homeostat_kpi_'))),
    '',
    '## How well it does',
    '',
    'Over the last seven days, from incidents and from what people say of them.',
    '',
    ...table(families.filter(({ name }) => name.startsWith('homeostat_kpi_'))),
    '',
    '## Of the process',
    '',
    ...table(families.filter(({ name }) => name.startsWith('process_'))),
    '',
    '## What the labels may say',
    '',
    ...[...ofTargets, ...families].flatMap(valuesOf),
    '',
  ].join('\n')
}

/** Shows everything that a target can show. */
const ANOMALY: Verdict = {
  target: {
    id: 'web-1:9100@node',
    labels: Object.fromEntries(DEFAULT_IDENTITY.map((name) => [name, 'any'])),
  },
  state: 'fresh',
  at: 0,
  score: 0.3,
  threshold: 0.2,
  combined: 2,
  level: 2,
  severity: 0.75,
  detected: true,
  detectors: Object.fromEntries(DETECTORS.map((name) => [name, 0.5])) as Record<DetectorName, number>,
  contributions: [{ feature: '', share: 1, actual: 1, expected: 0 }],
  exhaustion: [{ resource: '', seconds: 60, low: 30, high: 90 }],
  drift: 0,
}

function familiesIn(text: string): Family[] {
  const families = new Map<string, Omit<Family, 'labels'> & { readonly labels: Map<string, string[]> }>()
  let current: string | undefined
  for (const line of text.split('\n')) {
    const [, name, help] = /^# HELP (\S+) (.*)$/.exec(line) ?? []
    if (name !== undefined) {
      current = name
      families.set(name, { name, help, type: '', labels: new Map() })
      continue
    }
    const family = families.get(current ?? '')
    if (family === undefined) continue
    const [, type] = /^# TYPE \S+ (\w+)$/.exec(line) ?? []
    if (type !== undefined) families.set(family.name, { ...family, type })
    else
      for (const [, label, value] of line.matchAll(/(\w+)="([^"]*)"/g)) {
        if (label === 'le') continue
        const values = family.labels.get(label) ?? []
        if (value !== '' && !OPEN_LABELS.has(label) && !values.includes(value)) values.push(value)
        family.labels.set(label, values)
      }
  }
  return [...families.values()]
}

function withLabels(family: Family, names: readonly string[]): Family {
  return { ...family, labels: new Map(names.map((name) => [name, family.labels.get(name) ?? []])) }
}

function table(families: readonly Family[]): string[] {
  const row = ({ name, type, labels, help }: Family) =>
    `| \`${name}\` | ${type} | ${[...labels.keys()].map((label) => `\`${label}\``).join(', ')} | ${help.replaceAll('|', '\\|')} |`
  return ['| series | type | labels | what |', '|---|---|---|---|', ...families.map(row)]
}

/** A line for each label whose values are all known beforehand; those of requests are what was asked for. */
function valuesOf({ name, labels }: Family): string[] {
  if (name === 'homeostat_http_requests_total') return []
  return [...labels]
    .filter(([, values]) => values.length > 0)
    .map(([label, values]) => `- \`${name}{${label}}\`: ${values.map((value) => `\`${value}\``).join(', ')}`)
}
