import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadConfig } from '../../src/config/load.ts'
import { type ChartRenderer, createChartRenderer } from '../support/helm.ts'
import { allowedBy, type PolicyRule, verbsThatAreUsed } from '../support/kubernetes-verbs.ts'
import { kustomized, type Manifest, validate } from '../support/manifests.ts'

const ROOT = join(import.meta.dirname, '../..')

let chart: ChartRenderer

beforeAll(() => {
  chart = createChartRenderer(join(ROOT, 'deploy/helm/homeostat'))
})

afterAll(() => chart?.remove())

const byKind = (manifests: readonly Manifest[], kind: string) => manifests.filter((manifest) => manifest.kind === kind)

const configIn = (manifests: readonly Manifest[]) => {
  const { 'homeostat.yaml': text } = byKind(manifests, 'ConfigMap')[0]['data'] as Record<string, string>
  const result = loadConfig({ flags: { config: 'homeostat.yaml' }, env: {}, readFile: () => text })
  if (!result.ok) throw new Error(text)
  return result.config
}

/** Without what says who made it, and how the text of a file is written. */
function comparable(manifests: readonly Manifest[]): Map<string, unknown> {
  return new Map(
    manifests.map(({ metadata: { name, namespace }, ...manifest }) => {
      const copy = structuredClone(manifest) as Record<string, unknown> & {
        data?: Record<string, string>
        spec?: { template?: { metadata: { annotations?: unknown } } }
      }
      if (copy.data) copy.data = { 'homeostat.yaml': parse(copy.data['homeostat.yaml']) }
      delete copy.spec?.template?.metadata.annotations
      return [`${manifest.kind} ${namespace}/${name}`, copy]
    }),
  )
}

describe('the chart', () => {
  it('makes of its own values what deploy/kubernetes has', () => {
    const { manifests, notes } = chart.render()

    expect(comparable(manifests)).toEqual(comparable(kustomized(join(ROOT, 'deploy/kubernetes'))))
    expect(notes).toContain('kubectl -n homeostat port-forward service/homeostat 9797')
  })

  it.each([
    ['its own values', {}],
    ['namespaces to act in', { remediation: { namespaces: ['shop', 'blog'], throttle: true } }],
    [
      'everything else set',
      {
        image: { repository: 'registry.example.com/homeostat', tag: '1.2.3', pullSecrets: [{ name: 'pull' }] },
        env: [{ name: 'DEPLOY_TOKEN', valueFrom: { secretKeyRef: { name: 'tokens', key: 'deploy' } } }],
        persistence: { size: '20Gi', storageClass: 'fast' },
        serviceMonitor: { labels: { release: 'prometheus' } },
        networkPolicy: { extraEgress: [{ ports: [{ port: 5432 }] }], extraIngress: [{ ports: [{ port: 9797 }] }] },
        podAnnotations: { team: 'platform' },
        nodeSelector: { disk: 'ssd' },
        tolerations: [{ key: 'batch', operator: 'Exists' }],
        affinity: { podAntiAffinity: {} },
      },
    ],
    ['several replicas', { replicas: 3, config: { store: { url: 'postgresql://homeostat@db:5432/homeostat' } } }],
    [
      'little',
      { persistence: { enabled: false }, serviceMonitor: { enabled: false }, networkPolicy: { enabled: false } },
    ],
  ])('with %s makes what the API wants, and a good configuration', (_, values) => {
    const { manifests } = chart.render(values)

    for (const manifest of manifests) validate(manifest)
    expect(configIn(manifests).web.listen_address).toMatchObject({ port: 9797 })
  })

  it('gives a Role in each namespace that is to be acted in, with what the actions do', async () => {
    const { manifests } = chart.render({ remediation: { namespaces: ['shop', 'blog'], throttle: true } })

    const roles = byKind(manifests, 'Role')
    const rules = roles.map((role) => allowedBy(role['rules'] as PolicyRule[]))
    const used = await verbsThatAreUsed()

    expect(roles.map(({ metadata }) => metadata.namespace)).toEqual(['shop', 'blog'])
    expect(rules).toEqual([used, used])
    expect(configIn(manifests).actions.kubernetes.namespaces).toEqual(['shop', 'blog'])
    expect(byKind(manifests, 'Deployment')[0]['spec']).toMatchObject({
      template: { spec: { automountServiceAccountToken: true } },
    })
    expect(byKind(manifests, 'RoleBinding')[1]).toMatchObject({
      metadata: { namespace: 'blog' },
      subjects: [{ name: 'homeostat', namespace: 'homeostat' }],
    })
  })

  it('touches no ingress unless throttling is wanted, and nothing at all by itself', () => {
    const acting = chart.render({ remediation: { namespaces: ['shop'] } }).manifests

    expect(JSON.stringify(byKind(acting, 'Role'))).not.toContain('ingresses')
    expect(byKind(chart.render().manifests, 'Role')).toEqual([])
  })

  it('of several pods each has its own data, and one follows the other; of one, none runs beside it', () => {
    const store = { url: 'postgresql://homeostat@db:5432/homeostat' }
    const { manifests } = chart.render({ replicas: 2, config: { store } })

    expect(byKind(manifests, 'PersistentVolumeClaim')).toEqual([])
    expect(byKind(manifests, 'Deployment')[0]['spec']).toMatchObject({ strategy: { type: 'RollingUpdate' } })
    expect(() => chart.render({ replicas: 2 })).toThrow('more than one needs PostgreSQL')
  })

  it.each([
    ['remediations', { remediations: {} }],
    ['kube-system', { remediation: { namespaces: ['kube-system'] } }],
    ['replicas', { replicas: 0 }],
  ])('refuses %s', (_, values) => {
    expect(() => chart.render(values)).toThrow()
  })

  it('starts its pods anew when the configuration has changed', () => {
    const checksum = (manifests: readonly Manifest[]) =>
      (byKind(manifests, 'Deployment')[0]['spec'] as { template: Manifest }).template.metadata.annotations

    const before = checksum(chart.render().manifests)

    expect(checksum(chart.render().manifests)).toEqual(before)
    expect(checksum(chart.render({ config: { interval: '30s' } }).manifests)).not.toEqual(before)
  })
})
