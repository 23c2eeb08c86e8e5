import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { filesBelow } from './files.ts'

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

interface RuleTests {
  readonly tests: readonly {
    readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[]
  }[]
}

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const rulesIn = (path: string) => (parse(read(path)) as { groups: { rules: Rule[] }[] }).groups.flatMap((g) => g.rules)
const rules = [...rulesIn('prometheus/rules/anomalies.yml'), ...rulesIn('prometheus/rules/homeostat.yml')]
const tests = ['anomalies', 'homeostat', 'days'].flatMap((name) =>
  (parse(read(`prometheus/tests/${name}.test.yml`)) as RuleTests).tests.flatMap((one) => one.alert_rule_test),
)
const series = [...read('docs/metrics.md').matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)
const runbooks = filesBelow(new URL('../docs/runbooks', import.meta.url).pathname).map((path) => basename(path))

describe.each(rules)('alert $alert', ({ alert, expr, labels, annotations }) => {
  it('asks for series that there are', () => {
    const asked = expr.match(/\b(anomaly|homeostat|process)_\w+/g) ?? (expr.match(/\bup\b/g) as string[])

    expect(asked.length).toBeGreaterThan(0)
    expect(asked.filter((name) => name !== 'up' && !series.includes(name))).toEqual([])
  })

  it('says how bad it is, what it is, and where to read on', () => {
    expect(['critical', 'warning', 'info']).toContain(labels['severity'])
    expect(labels['origin']).toBe('homeostat')
    expect(annotations['summary']).not.toBe('')
    expect(annotations['description']).not.toBe('')
    expect(annotations['runbook_url']).toMatch(/^docs\/runbooks\/[a-z-]+\.md$/)
  })

  it('has a runbook with meaning, impact, diagnosis and mitigation', () => {
    const runbook = read(annotations['runbook_url'])

    expect(runbook.split('\n')[0]).toBe(`# ${alert}`)
    const headings = [...runbook.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)
    expect(headings).toEqual(['Meaning', 'Impact', 'Diagnosis', 'Mitigation'])
  })

  it('has tests in which it fires and in which it does not', () => {
    const own = tests.filter(({ alertname }) => alertname === alert)

    expect(own.some(({ exp_alerts }) => exp_alerts.length > 0)).toBe(true)
    expect(own.some(({ exp_alerts }) => exp_alerts.length === 0)).toBe(true)
  })
})

it('every runbook belongs to an alert, and the list has all of them', () => {
  const named = rules.map(({ annotations }) => basename(annotations['runbook_url']))
  const index = read('docs/runbooks/README.md')

  expect(runbooks.filter((name) => name !== 'README.md').sort()).toEqual([...named].sort())
  for (const [i, { alert, labels }] of rules.entries()) {
    expect(index).toContain(`| [${alert}](${named[i]}) | ${labels['severity']} |`)
  }
})

it('prometheus.yml scrapes every 15 s, the Pushgateway every 5 s, and leaves labels of targets as they are', () => {
  interface Job {
    readonly job_name: string
    readonly scrape_interval?: string
    readonly honor_labels?: boolean
  }
  const { global, scrape_configs } = parse(read('prometheus/prometheus.yml')) as {
    global: { scrape_interval: string; evaluation_interval: string }
    scrape_configs: Job[]
  }
  const job = (name: string) => scrape_configs.find(({ job_name }) => job_name === name)

  expect(global).toEqual({ scrape_interval: '15s', evaluation_interval: '15s' })
  expect(job('pushgateway')).toMatchObject({ scrape_interval: '5s', honor_labels: true })
  expect(job('homeostat')).toMatchObject({ honor_labels: true })
  expect(job('homeostat')?.scrape_interval).toBeUndefined()
})
