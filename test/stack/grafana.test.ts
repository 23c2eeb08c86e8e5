import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parse } from 'yaml'
import { TargetSeries } from '../../src/api/target-series.ts'
import type { Verdict } from '../../src/domain/verdict.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { until } from '../support/deadline.ts'
import { type FleetServer, serveFleet, syntheticFleet } from '../support/fleet.ts'
import { seedHistory } from '../support/history.ts'
import { addScrapeTarget, type Lab, startLab } from '../support/lab.ts'
import { instantQuery, rangeQuery } from '../support/query.ts'
import { type Simulator, startSimulator } from '../support/simulator.ts'

/** The service that falls ill. */
const SICK = 'ledger'

/**
 * What a daemon of a minute's age has nothing to say of: it takes three minutes until a forecast of what fills is
 * significant, and ten until an incident is closed.
 */
const LATER = /^homeostat-(fleet, Used up soon|host, Time left|health, Time to recover)\b/

/** Not every kernel has pressure, connection tracking, swap, a clock that is kept, or disks of its own. */
const KERNEL_MAY = /Pressure|tracking|Clock|Throughput|Operations|Latency|Utilisation|Queue|Swap|Errors and drops/

interface Asked {
  /** Where it stands, for the message of a failure. */
  readonly where: string
  readonly expr: string
  readonly instant: boolean
}

interface DashboardJson {
  readonly uid: string
  readonly panels: readonly {
    readonly title: string
    readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly instant: boolean }[]
  }[]
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr: string }[] }
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly query: { readonly query: string } }[]
  }
}

interface RulesFile {
  readonly groups: readonly {
    readonly rules: readonly { readonly uid: string; readonly data: readonly { readonly model: { expr: string } }[] }[]
  }[]
}

const read = (path: string) => readFileSync(new URL(`../../grafana/${path}`, import.meta.url), 'utf8')
const dashboards = ['fleet', 'host', 'services', 'health'].map(
  (name) => JSON.parse(read(`dashboards/${name}.json`)) as DashboardJson,
)
const queriesOf = ({ uid, panels, annotations }: DashboardJson): Asked[] => [
  ...panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ refId, expr, instant }) => ({ where: `${uid}, ${title}, ${refId}`, expr, instant })),
  ),
  ...annotations.list.map(({ name, expr }) => ({ where: `${uid}, marks of ${name}`, expr, instant: false })),
]
const rules = (parse(read('provisioning/alerting/rules.yaml')) as RulesFile).groups.flatMap((group) => group.rules)

let fleet: FleetServer
let lab: Lab
let daemon: Daemon
let world: Simulator
const undo: (() => unknown)[] = []

/** One host with a past, so that it has a model; this machine; and twelve services of which one falls ill. */
beforeAll(async () => {
  const to = Date.now()
  const from = to - 2 * 3_600_000
  const hosts = syntheticFleet(1, 7, from)
  fleet = await serveFleet(hosts)
  lab = await startLab({
    parts: ['node_exporter', 'alertmanager', 'pushgateway'],
    hosts: fleet.hosts,
    seed: async (dir) => void (await seedHistory(dir, hosts, { from, to, stepMs: 15_000 })),
  })
  const prometheus = { url: lab.prometheusUrl, matchers: '{job="node"}', rate_window: '1m' }
  daemon = await startDaemon({
    config: {
      interval: '1s',
      source: { type: 'prometheus', prometheus },
      targets: { stale_after: '10s' },
      train: { history: '3h', scope: 'host' },
      remediation: { guards: { soak: 2 }, maintenance: { alertmanager: { urls: [lab.alertmanagerUrl] } } },
      notifications: { receivers: [{ name: 'alerts', alertmanager: { urls: [lab.alertmanagerUrl] } }] },
    },
  })
  undo.push(addScrapeTarget(lab, 'homeostat', daemon.address))
  await daemon.ready()
  world = await startSimulator([
    ...['--push', daemon.url, '--pushgateway', lab.pushgatewayUrl, '--interval', '500ms', '--faults', 'none'],
    ...['--fault', `${SICK}:crash_loop:400@8s`],
  ])
  const ofTheSick = async () => {
    const answer = await (await fetch(`${daemon.url}/api/v1/incidents?limit=100`)).json()
    return (answer as { items: { id: string; target: string }[] }).items.find(({ target }) => target === `${SICK}@push`)
  }
  const incident = await daemon.waitFor('the incident of the service that is ill', ofTheSick, { withinMs: 40_000 })
  // What a person says, and an alert that comes later: now there is something to tell of how well it does.
  await send(`/api/v1/incidents/${incident.id}/feedback`, { useful: true })
  await send('/api/v1/webhooks/alertmanager', alertAbout(SICK))
  for (const series of ['anomaly_score', 'homeostat_actions_total']) {
    const shown = async () => (await instantQuery(lab.prometheusUrl, series)).length > 0
    await until(shown, { what: `${series} in Prometheus`, withinMs: 40_000, explain: daemon.logs })
  }
})

afterAll(async () => {
  for (const step of undo) step()
  await world?.stop()
  await daemon?.stop()
  await lab?.stop()
  await fleet?.close()
})

async function send(path: string, body: object): Promise<void> {
  const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
  const answer = await fetch(`${daemon.url}${path}`, init)
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
}

/** A message of Alertmanager's about a pushed service. */
function alertAbout(instance: string): object {
  const labels = { alertname: 'Failing', instance, job: 'push' }
  const times = { startsAt: new Date().toISOString(), endsAt: '0001-01-01T00:00:00Z' }
  return {
    ...{ version: '4', status: 'firing', receiver: 'homeostat', externalURL: '', groupKey: 'failing' },
    ...{ truncatedAlerts: 0, groupLabels: {}, commonLabels: {}, commonAnnotations: {} },
    alerts: [{ status: 'firing', labels, annotations: {}, ...times, generatorURL: '', fingerprint: '1' }],
  }
}

interface Chosen {
  readonly job: string
  readonly instance: string
}

/** What Grafana puts in place of its variables. */
function filledIn(expr: string, { job, instance }: Chosen): string {
  return expr
    .replaceAll('$__rate_interval', '30s')
    .replaceAll('$__range', '60s')
    .replaceAll('$job', job)
    .replaceAll('$instance', instance)
}

/** Whether it gives a number at least once in the last minute. */
async function givesNumbers({ expr, instant }: Asked, chosen: Chosen): Promise<boolean> {
  const query = filledIn(expr, chosen)
  if (instant) return (await instantQuery(lab.prometheusUrl, query)).some(({ value }) => !Number.isNaN(value))
  const series = await rangeQuery(lab.prometheusUrl, query, { seconds: 60, stepSeconds: 5 })
  return series.some(({ values }) => values.some((value) => !Number.isNaN(value)))
}

/** Those of the queries that find nothing, after some time for what needs several scrapes. */
async function silent(asked: readonly Asked[], chosen: Chosen = { job: '.*', instance: '.*' }): Promise<string[]> {
  let left: readonly Asked[] = asked
  const narrow = async () => {
    const answers = await Promise.all(left.map((one) => givesNumbers(one, chosen)))
    left = left.filter((_, i) => !answers[i])
    return left.length === 0
  }
  await until(narrow, { what: 'series for every query', withinMs: 20_000, everyMs: 1000 }).catch(() => {})
  return left.map(({ where }) => where)
}

it.each(dashboards)('every query of $uid finds series of a real Homeostat', async (dashboard) => {
  const asked = queriesOf(dashboard).filter(({ where }) => !LATER.test(where))

  expect(asked.length).toBeGreaterThan(10)
  expect(await silent(asked)).toEqual([])
})

it('the page of a host has the scores of one that has a model, and what the kernel of this machine tells', async () => {
  const asked = queriesOf(dashboards.find(({ uid }) => uid === 'homeostat-host')!).filter(
    ({ where }) => !LATER.test(where) && !/What is behind it|marks of/.test(where),
  )
  const metrics = asked.filter(({ expr }) => expr.includes('node_'))
  const scores = asked.filter((one) => !metrics.includes(one))
  const always = metrics.filter(({ where }) => !KERNEL_MAY.test(where))

  expect(scores.length).toBeGreaterThan(4)
  expect(await silent(scores, { job: 'node', instance: Object.keys(fleet.hosts)[0] })).toEqual([])
  expect(always.length).toBeGreaterThan(30)
  expect(await silent(always, { job: 'node', instance: lab.instance })).toEqual([])
})

it('every choice of a variable is there', async () => {
  for (const { uid, templating } of dashboards) {
    for (const { name, query } of templating.list.slice(1)) {
      const [, series, label] = /^label_values\((.*), (\w+)\)$/.exec(query.query)!
      const chosen = filledIn(series, { job: '.*', instance: '.*' })
      const answer = await fetch(`${lab.prometheusUrl}/api/v1/series?match[]=${encodeURIComponent(chosen)}`)
      const { data } = (await answer.json()) as { data: Record<string, string>[] }

      expect(label).toBe(name)
      expect(data.filter((one) => one[label] !== undefined).length, `${uid}, ${name}`).toBeGreaterThan(0)
    }
  }
})

it.each(rules)('the query of alert rule $uid finds series, one for each target', async ({ data: [query] }) => {
  const found = await instantQuery(lab.prometheusUrl, query.model.expr)

  const targets = found.map(({ labels }) => `${labels['instance']}@${labels['job']}`)
  expect(targets).toContain(`${Object.keys(fleet.hosts)[0]}@node`)
  expect(new Set(targets).size).toBe(targets.length)
})

it('what takes minutes to be told of is shown once it is there', async () => {
  const later = dashboards.flatMap(queriesOf).filter(({ where }) => LATER.test(where))
  expect(later).toHaveLength(5)
  const page = createServer(async (_req, res) => {
    res.setHeader('Content-Type', 'text/plain; version=0.0.4')
    res.end([...new TargetSeries().render([FILLING])].join('') + (await OLDER.registry.metrics()))
  })
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve))
  undo.push(
    () => page.close(),
    () => page.closeAllConnections(),
  )
  undo.push(addScrapeTarget(lab, 'older', `127.0.0.1:${(page.address() as AddressInfo).port}`))

  expect(await silent(later)).toEqual([])
})

/** A target whose disk fills, as the product shows it. */
const FILLING: Verdict = {
  target: { id: 'web-9:9100@node', labels: { instance: 'web-9:9100', job: 'node' } },
  ...{ state: 'fresh', at: 0, score: 0.1, threshold: 0.2, combined: 0.4, level: 0.4, severity: 0.24, detected: false },
  detectors: { zscore: 0.1, isolation_forest: 0.1, autoencoder: 0.1, forecast: 0.1, baseline: 0.1 },
  contributions: [],
  exhaustion: [{ resource: 'filesystem_used_ratio', seconds: 7200, low: 6000, high: 9000 }],
  drift: 0,
}

/** The metrics of a daemon that has seen a target recover. */
const OLDER = createMetrics({ now: Date.now, version: '0', node: '24' })
OLDER.kpisFrom(() => ({
  detections: { true: 1, false: 0, unknown: 0 },
  ...{ missed: 0, detectionRate: 1, falsePositiveRate: 0, falseAlarmsPerDay: 0 },
  ...{ timeToDetect: { mean: 0 }, timeToRecover: { mean: 240 }, leadOverAlerts: { mean: 60 } },
}))
