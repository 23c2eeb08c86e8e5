/** What a target can be mapped to. */
export type Resource = Container | Unit | KubernetesObject

export interface Container {
  readonly kind: 'container'
  readonly name: string
}

export interface Unit {
  readonly kind: 'unit'
  readonly name: string
}

/** Bounds of scaling; both ends are allowed. Without `max` nothing is scaled up. */
export interface Bounds {
  readonly min: number
  readonly max?: number
}

export interface KubernetesObject {
  readonly kind: 'pod' | 'deployment' | 'statefulset' | 'ingress'
  readonly namespace: string
  readonly name: string
  readonly replicas: Bounds
}

export type ResourceKind = Resource['kind']

/** For people: `container web`, `deployment shop/web`. */
export function describe(resource: Resource): string {
  return 'namespace' in resource
    ? `${resource.kind} ${resource.namespace}/${resource.name}`
    : `${resource.kind} ${resource.name}`
}
