import { finding } from './finding.ts'
import { selectorIsNarrow } from './narrow-selector.ts'
import type { Finding } from './problem.ts'
import type { ParsedConfig } from './schema.ts'

type Actions = ParsedConfig['actions']
type Target = Actions['targets'][number]

const WORKLOADS = ['container', 'unit', 'deployment', 'statefulset', 'pod'] as const
const IN_KUBERNETES = ['deployment', 'statefulset', 'pod', 'ingress'] as const

/** What the mapping of targets gets wrong. */
export function* actionTargetsAreClear(actions: Actions): Iterable<Finding> {
  for (const [i, target] of actions.targets.entries()) {
    const path = `actions.targets.${i}`
    yield* selectorIsNarrow(target.match, path)
    yield* namesOneThing(target, path)
    yield* namespaceIsOpen(target, path, actions)
    yield* replicasAreInOrder(target, path)
    yield* nothingProtected(target, path, actions)
  }
}

function* namesOneThing(target: Target, path: string): Iterable<Finding> {
  const named = WORKLOADS.filter((kind) => target[kind] !== undefined)
  if (named.length === 0 && target.ingress === undefined) {
    yield finding(path, 'names nothing', `one of ${[...WORKLOADS, 'ingress'].join(', ')} says what the target is`)
  }
  if (named.length > 1) yield finding(path, `names ${named.join(' and ')}`, 'a target is one of them')
  if (target.ingress !== undefined && (target.container !== undefined || target.unit !== undefined)) {
    yield finding(`${path}.ingress`, 'stands beside a container or a unit', 'an ingress belongs to Kubernetes')
  }
}

function* namespaceIsOpen(target: Target, path: string, { kubernetes }: Actions): Iterable<Finding> {
  const { namespace } = target
  const open = kubernetes.namespaces
  const kind = IN_KUBERNETES.find((one) => target[one] !== undefined)
  if (kind === undefined) {
    if (namespace !== undefined) yield finding(`${path}.namespace`, 'belongs to Kubernetes', 'remove it')
  } else if (namespace === undefined) {
    yield finding(`${path}.namespace`, 'is missing', `a ${kind} stands in a namespace`, [path])
  } else if (typeof namespace === 'string' ? !open.includes(namespace) : open.length === 0) {
    const message = typeof namespace === 'string' ? `the namespace ${namespace} is not open` : 'no namespace is open'
    const hint = `actions.kubernetes.namespaces opens ${open.join(', ') || 'none'}`
    yield finding(`${path}.namespace`, message, hint, ['actions.kubernetes.namespaces'])
  }
}

function* replicasAreInOrder(target: Target, path: string): Iterable<Finding> {
  const { min_replicas: min, max_replicas: max } = target
  if (min === undefined && max === undefined) return
  if (target.deployment === undefined && target.statefulset === undefined) {
    const key = max === undefined ? 'min_replicas' : 'max_replicas'
    yield finding(`${path}.${key}`, 'holds for deployments and stateful sets only', 'remove it')
  }
  if (max !== undefined && max < (min ?? 1)) {
    yield finding(`${path}.max_replicas`, `${max} is less than min_replicas, ${min}`, 'raise it', [
      `${path}.min_replicas`,
    ])
  }
}

function* nothingProtected(target: Target, path: string, { protected: names }: Actions): Iterable<Finding> {
  const lists = [
    ['container', names.containers],
    ['unit', names.units],
    ['namespace', ['kube-system', ...names.namespaces]],
  ] as const
  for (const [key, list] of lists) {
    const name = target[key]
    if (typeof name !== 'string' || !list.includes(name)) continue
    yield finding(`${path}.${key}`, `${name} is protected and never touched`, 'remove the entry', [
      `actions.protected.${key}s`,
    ])
  }
}
