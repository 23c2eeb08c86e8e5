/** Answers of the Docker Engine, cut down to what is read of them, and of the Kubernetes API, as its schema has them. */
export const CONTAINER_ID = 'c0ffee0123456789c0ffee0123456789c0ffee0123456789c0ffee0123456789'

export function containerJson(
  changes: {
    readonly startedAt?: string
    readonly restartCount?: number
    readonly labels?: Readonly<Record<string, string>>
    readonly id?: string
    readonly name?: string
    readonly hostConfig?: Readonly<Record<string, number>>
    readonly networkSettings?: unknown
    readonly running?: boolean
  } = {},
): unknown {
  return {
    Id: changes.id ?? CONTAINER_ID,
    Name: `/${changes.name ?? 'web'}`,
    RestartCount: changes.restartCount ?? 0,
    State: { Running: changes.running ?? true, StartedAt: changes.startedAt ?? '2026-11-21T09:00:00.123456789Z' },
    Config: { Labels: changes.labels ?? { 'homeostat.enable': 'true' } },
    HostConfig: { NanoCpus: 0, CpuQuota: 0, CpuPeriod: 0, ...changes.hostConfig },
    NetworkSettings: changes.networkSettings ?? { Ports: {}, Networks: { bridge: { IPAddress: '172.17.0.2' } } },
  }
}

interface Changes {
  readonly resourceVersion?: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly ownerReferences?: readonly unknown[]
  readonly deletionTimestamp?: string
}

const CONTAINERS = [{ name: 'web', image: 'registry.example.com/web:1' }]
const LABELS = { app: 'web' }

export function podJson(changes: Changes = {}): unknown {
  const uid = '6d1f2f5e-0f0a-4a9c-9f3e-6b9a9b0c8e11'
  const replicaSet = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-bfc9bc7f', uid, controller: true }
  const metadata = { ...metadataOf('web-bfc9bc7f-x2x4z'), labels: LABELS, ownerReferences: [replicaSet], ...changes }
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: CONTAINERS } }
}

export function workloadJson(kind: 'Deployment' | 'StatefulSet' = 'Deployment', paused = false): unknown {
  const template = { metadata: { labels: LABELS }, spec: { containers: CONTAINERS } }
  const own = kind === 'StatefulSet' ? { serviceName: 'web' } : { paused }
  const spec = { replicas: 3, selector: { matchLabels: LABELS }, template, ...own }
  return { apiVersion: 'apps/v1', kind, metadata: metadataOf('web'), spec }
}

export function scaleJson(): unknown {
  const status = { replicas: 3, selector: 'app=web' }
  return { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: metadataOf('web'), spec: { replicas: 3 }, status }
}

export function ingressJson(changes: Changes = {}): unknown {
  const backend = { service: { name: 'web', port: { number: 80 } } }
  const http = { paths: [{ path: '/', pathType: 'Prefix', backend }] }
  const spec = { ingressClassName: 'nginx', rules: [{ host: 'shop.example.com', http }] }
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { ...metadataOf('web'), ...changes }, spec }
}

function metadataOf(name: string) {
  return { name, namespace: 'shop', uid: '0c74b1ef-9c23-4e9c-989f-74078bf44f93', resourceVersion: '335' }
}
