import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadConfig } from '../src/config/load.ts'
import { allowedBy, type PolicyRule, verbsThatAreUsed } from '../test/support/kubernetes-verbs.ts'
import { kustomized, type Manifest, validate } from '../test/support/manifests.ts'

const ROOT = resolve(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const base = kustomized(join(ROOT, 'deploy/kubernetes'))
const acting = kustomized(join(ROOT, 'deploy/kubernetes/acting'))
const { version } = JSON.parse(read('package.json')) as { version: string }

const ofKind = (kind: string): Manifest => {
  const found = [...base, ...acting].find((manifest) => manifest.kind === kind)
  if (found === undefined) throw new Error(`there is no ${kind}`)
  return found
}
const rulesIn = (role: Manifest) => role['rules'] as PolicyRule[]

describe('the manifests of deploy/kubernetes', () => {
  it.each([...base, ...acting].map((manifest) => [manifest.kind, manifest] as const))(
    '%s is as the API wants it',
    (_, manifest) => {
      expect(() => validate(manifest)).not.toThrow()
    },
  )

  it('a manifest that the API would refuse is refused here', () => {
    const broken = { ...ofKind('Service'), spec: { ports: [{ port: 'http' }] } }

    expect(() => validate(broken)).toThrow()
  })

  it('have all that is needed', () => {
    const kinds = [...base, ...acting].map(({ kind }) => kind).sort()

    expect(kinds).toEqual(
      [
        ...['ConfigMap', 'Deployment', 'NetworkPolicy', 'PersistentVolumeClaim', 'PodDisruptionBudget'],
        ...['Role', 'RoleBinding', 'Service', 'ServiceAccount', 'ServiceMonitor'],
      ].sort(),
    )
  })

  it('meet the restricted Pod Security Standard, and the root of the container is read-only', () => {
    const { template } = ofKind('Deployment')['spec'] as { template: { spec: Record<string, unknown> } }
    const { spec } = template

    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          image: `homeostat:${version}`,
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    })
    expect(Object.keys(spec)).not.toEqual(expect.arrayContaining(['hostNetwork', 'hostPID', 'hostIPC']))
  })

  it('keep two pods from one SQLite, and let Prometheus keep the labels of the scores', () => {
    expect(ofKind('Deployment')['spec']).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } })
    expect(ofKind('ServiceMonitor')['spec']).toMatchObject({ endpoints: [{ path: '/metrics', honorLabels: true }] })
  })

  it('select the pods that they make', () => {
    const { template } = ofKind('Deployment')['spec'] as { template: Manifest }
    const selectors = ['Deployment', 'PodDisruptionBudget', 'ServiceMonitor'].map(
      (kind) => (ofKind(kind)['spec'] as { selector: { matchLabels: unknown } }).selector.matchLabels,
    )
    const { selector } = ofKind('Service')['spec'] as { selector: unknown }
    const { podSelector } = ofKind('NetworkPolicy')['spec'] as { podSelector: { matchLabels: unknown } }

    expect([...selectors, selector, podSelector.matchLabels]).toEqual(Array(5).fill(template.metadata.labels))
  })

  it('have a configuration that is good', () => {
    const { 'homeostat.yaml': text } = ofKind('ConfigMap')['data'] as Record<string, string>

    const result = loadConfig({ flags: { config: 'homeostat.yaml' }, env: {}, readFile: () => text })

    expect(result.ok && result.config.remediation.mode).toBe('observe')
  })
})

it('the chart is of our version', () => {
  const chart = parse(read('deploy/helm/homeostat/Chart.yaml')) as { version: string; appVersion: string }

  expect([chart.version, chart.appVersion]).toEqual([version, version])
})

describe('the Role', () => {
  it('allows what the actions do, and nothing else', async () => {
    const used = await verbsThatAreUsed()
    const throttling = used.filter((verb) => verb.endsWith(' ingresses'))

    const allowed = allowedBy(rulesIn(ofKind('Role')))

    expect(throttling).toEqual(['get networking.k8s.io ingresses', 'patch networking.k8s.io ingresses'])
    expect(allowed).toEqual(used.filter((verb) => !throttling.includes(verb)))
    expect(allowed).toContain('delete  pods')
  })

  it('is the one of docs/actions.md, which has ingresses as well', async () => {
    const block = /```yaml\n(rules:\n[\s\S]*?)```/.exec(read('docs/actions.md'))?.[1] ?? ''

    expect(allowedBy((parse(block) as { rules: PolicyRule[] }).rules)).toEqual(await verbsThatAreUsed())
  })

  it('in its comment says what throttling needs', () => {
    const [line] = /^ {2}# - \{.*ingresses.*$/m.exec(read('deploy/kubernetes/acting/role.yaml')) ?? ['']

    const rules = parse(line.replace('# ', '')) as PolicyRule[]

    expect(allowedBy(rules)).toEqual(['get networking.k8s.io ingresses', 'patch networking.k8s.io ingresses'])
  })

  it('is bound to the account of the pod', () => {
    const account = ofKind('ServiceAccount').metadata

    expect(ofKind('RoleBinding')).toMatchObject({
      roleRef: { kind: 'Role', name: ofKind('Role').metadata.name },
      subjects: [{ kind: 'ServiceAccount', name: account.name, namespace: account.namespace }],
    })
  })
})
