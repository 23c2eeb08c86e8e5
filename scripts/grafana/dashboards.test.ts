import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { presets } from '../../src/observe/catalogue/presets.ts'
import { DASHBOARDS, dashboardText } from './dashboards.ts'
import { LEVEL_STEPS } from './scale.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

interface PanelJson {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly datasource?: { readonly uid: string }
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string; readonly thresholds?: { steps: unknown } } }
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly datasource: { uid: string } }[]
}

interface DashboardJson {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly refresh: string
  readonly templating: {
    readonly list: readonly { name: string; type: string; query: string | { query: string }; datasource?: object }[]
  }
  readonly annotations: { readonly list: readonly { name: string; expr: string; datasource: { uid: string } }[] }
  readonly panels: readonly PanelJson[]
}

const all = Object.keys(DASHBOARDS).map((name) => {
  const json = JSON.parse(read(`grafana/dashboards/${name}.json`)) as DashboardJson
  const panels = json.panels.filter(({ type }) => type !== 'row')
  const queries = panels.flatMap(({ targets = [] }) => targets)
  return { name, json, panels, queries }
})

/** Series that docs/metrics.md lists, and what histograms are read by. */
const DOCUMENTED = new Set(
  [...read('docs/metrics.md').matchAll(/^\| `(\w+)` \| (\w+) \|/gm)].flatMap(([, name, type]) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
)
const ours = (promql: string) => promql.match(/\b(anomaly|homeostat|process)_\w+\b/g) ?? []

it('there is a file for each dashboard, and no other', () => {
  const files = readdirSync(new URL('../../grafana/dashboards', import.meta.url))

  expect(files.sort()).toEqual(all.map(({ name }) => `${name}.json`).sort())
})

it('their uids and titles differ', () => {
  expect(new Set(all.map(({ json }) => json.uid)).size).toBe(all.length)
  expect(new Set(all.map(({ json }) => json.title)).size).toBe(all.length)
  for (const { json } of all) expect(json.uid).toMatch(/^homeostat-[a-z]+$/)
})

describe.each(all)('dashboard $name', ({ name, json, panels, queries }) => {
  it('is up to date; write it with node scripts/write-grafana.ts', () => {
    expect(read(`grafana/dashboards/${name}.json`)).toBe(dashboardText(DASHBOARDS[name]))
  })

  it('refreshes every 5 s, and asks for data source, job and instance', () => {
    expect(json.refresh).toBe('5s')
    expect(json.description).not.toBe('')
    expect(json.templating.list.map((variable) => variable.name)).toEqual(['datasource', 'job', 'instance'])
    for (const { type, datasource } of json.templating.list.slice(1)) {
      expect(type).toBe('query')
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana
      expect(datasource).toEqual({ type: 'prometheus', uid: '${datasource}' })
    }
  })

  it('numbers its panels once each', () => {
    const ids = json.panels.map(({ id }) => id)

    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.length).toBeGreaterThan(10)
  })

  it('says of every panel what it shows and in which unit, and no two have one title', () => {
    for (const panel of panels) {
      expect(panel.title, `panel ${panel.id}`).not.toBe('')
      expect(panel.description, panel.title).toMatch(/^\S.*\.$/)
      expect(panel.fieldConfig?.defaults.unit, panel.title).toMatch(/^\w+$/)
    }
    const titles = panels.map(({ title }) => title)
    expect(new Set(titles).size).toBe(titles.length)
  })

  it('asks nothing but the data source that is chosen', () => {
    const sources = [
      ...panels.map(({ datasource }) => datasource),
      ...queries.map(({ datasource }) => datasource),
      ...json.annotations.list.map(({ datasource }) => datasource),
    ]

    expect(sources.length).toBeGreaterThan(20)
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana
    expect(new Set(sources.map((source) => source?.uid))).toEqual(new Set(['${datasource}']))
  })

  it('lays no panel over another', () => {
    const cells = json.panels.flatMap(({ id, gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => ({ id, cell: `${x + (i % w)} ${y + Math.floor(i / w)}`, right: x + w })),
    )

    expect(Math.max(...cells.map(({ right }) => right))).toBeLessThanOrEqual(24)
    expect(new Set(cells.map(({ cell }) => cell)).size).toBe(cells.length)
  })

  it('asks only for series of ours that there are', () => {
    const variables = json.templating.list.map(({ query }) => (typeof query === 'string' ? query : query.query))
    const asked = [...queries, ...json.annotations.list].map(({ expr }) => expr)

    const unknown = [...asked, ...variables].flatMap(ours).filter((metric) => !DOCUMENTED.has(metric))

    expect(unknown).toEqual([])
  })
})

it('the dashboard of a host shows every feature that the detectors are given', () => {
  const host = all.find(({ name }) => name === 'host')!
  const shown = host.json.panels.flatMap(({ description }) => description?.match(/\b\w+(?=: )/g) ?? [])

  const features = presets['node-exporter'].features.map(({ name }) => name)

  expect(features.filter((name) => !shown.includes(name))).toEqual([])
})

it('colours of a level are those of the one scale, wherever it is coloured', () => {
  expect(LEVEL_STEPS.map(({ value }) => value)).toEqual([null, 0.5, 1, 2])
  const coloured = all.flatMap(({ panels }) =>
    panels.filter(({ title }) => /^(Highest level|Level\b|Levels)/.test(title)),
  )

  expect(coloured).toHaveLength(7)
  for (const { fieldConfig } of coloured) expect(fieldConfig?.defaults.thresholds?.steps).toEqual(LEVEL_STEPS)
})

interface RulesFile {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly uid: string
      readonly condition: string
      readonly dashboardUid: string
      readonly panelId: number
      readonly labels: Readonly<Record<string, string>>
      readonly annotations: Readonly<Record<string, string>>
      readonly data: readonly { refId: string; datasourceUid: string; model: { expr?: string; expression?: string } }[]
    }[]
  }[]
}

describe('what Grafana is provisioned with', () => {
  const provisioned = (path: string) => parse(read(`grafana/provisioning/${path}.yaml`))
  const { groups } = provisioned('alerting/rules') as RulesFile
  const rules = groups.flatMap((group) => group.rules)
  const [source] = provisioned('datasources/prometheus').datasources as { uid: string; type: string }[]

  it.each(rules)('rule $uid stands on the data source, belongs to a panel, and says what to do', (rule) => {
    const panels = all.find(({ json }) => json.uid === rule.dashboardUid)?.panels
    const [query, threshold] = rule.data

    expect(panels?.map(({ id }) => id)).toContain(rule.panelId)
    expect(query.datasourceUid).toBe(source.uid)
    expect(threshold.model.expression).toBe(query.refId)
    expect(rule.condition).toBe(threshold.refId)
    expect(ours(query.model.expr!).filter((metric) => !DOCUMENTED.has(metric))).toEqual([])
    expect(rule.labels['origin']).toBe('homeostat')
    expect(() => read(rule.annotations['runbook_url'])).not.toThrow()
  })

  it('the rule about the score stands beside the score and its threshold', () => {
    const rule = rules.find(({ uid }) => uid === 'homeostat-score')!
    const panel = all.find(({ json }) => json.uid === rule.dashboardUid)?.panels.find(({ id }) => id === rule.panelId)

    expect(panel?.title).toBe('Anomaly score')
    expect(panel?.targets?.flatMap(({ expr }) => ours(expr))).toEqual(['anomaly_score', 'anomaly_threshold'])
  })

  it('the webhook is signed with a time, by a secret that stands in a file', () => {
    const { contactPoints } = provisioned('alerting/contact-points') as {
      contactPoints: { name: string; receivers: { type: string; settings: Record<string, unknown> }[] }[]
    }
    const [webhook] = contactPoints.find(({ name }) => name === 'homeostat')!.receivers

    expect(webhook.type).toBe('webhook')
    expect(webhook.settings['url']).toMatch(/\/api\/v1\/webhooks\/grafana$/)
    expect(webhook.settings['hmacConfig']).toEqual({
      secret: '$__file{/run/secrets/grafana-hmac}',
      header: 'X-Grafana-Alerting-Signature',
      timestampHeader: 'X-Grafana-Alerting-Timestamp',
    })
  })

  it('the tree of policies names contact points that there are, and keeps what Homeostat says from it', () => {
    interface Route {
      readonly receiver: string
      readonly object_matchers?: readonly string[][]
      readonly routes?: readonly Route[]
    }
    const { policies } = provisioned('alerting/policies') as { policies: Route[] }
    const points = (provisioned('alerting/contact-points').contactPoints as { name: string }[]).map(({ name }) => name)
    const receivers = (route: Route): string[] => [route.receiver, ...(route.routes ?? []).flatMap(receivers)]

    expect(policies).toHaveLength(1)
    expect(receivers(policies[0]).filter((receiver) => !points.includes(receiver))).toEqual([])
    expect(policies[0].routes?.[0]).toMatchObject({
      receiver: 'people',
      object_matchers: [['origin', '=', 'homeostat']],
    })
    expect(policies[0].routes?.map(({ receiver }) => receiver)).toContain('homeostat')
  })

  it('groups are looked at in steps of ten seconds, as Grafana demands', () => {
    for (const { interval } of groups as unknown as { interval: string }[]) expect(interval).toMatch(/^[1-9]\d*0s$/)
  })
})
