/** Answers of the Docker Engine and of the Kubernetes API, cut down to what is read of them. */
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

export function kubernetesJson(
  changes: {
    readonly resourceVersion?: string
    readonly annotations?: Readonly<Record<string, string>>
    readonly ownerReferences?: readonly unknown[]
    readonly deletionTimestamp?: string
    readonly spec?: unknown
  } = {},
): unknown {
  const { resourceVersion = '335', spec = { replicas: 3 }, ...metadata } = changes
  return {
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid: '0c74b1ef-9c23-4e9c-989f-74078bf44f93',
      resourceVersion,
      ownerReferences: [{ kind: 'ReplicaSet', name: 'web-bfc9bc7f', controller: true }],
      ...metadata,
    },
    spec,
  }
}
