import { EffectError } from '../pipeline/effects.ts'
import { type Bounds, describe, type Resource, type ResourceKind } from './resource.ts'
import { fillSlot, type Labels, type Slot, shown } from './slot.ts'

/** A name as the configuration gives it: the name itself, or what a label says it is. */
export type NameSource = string | Slot

/** One entry of the mapping: which targets, and what they are. */
export interface MappingRule {
  /** Where it stands in the configuration: `actions.targets[0]`. */
  readonly place: string
  readonly matches: (labels: Labels) => boolean
  readonly kind: ResourceKind
  readonly name: NameSource
  /** Of Kubernetes objects. */
  readonly namespace?: NameSource
  readonly replicas: Bounds
}

/** What a backend accepts as a name, whatever a pattern lets pass. */
const NAME: Readonly<Record<ResourceKind | 'namespace', RegExp>> = {
  container: /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/,
  unit: /^[a-zA-Z0-9:_.@][a-zA-Z0-9:_.@-]{0,240}\.(service|socket|timer|mount|path|target|slice|scope)$/,
  pod: /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/,
  deployment: /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/,
  statefulset: /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/,
  ingress: /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/,
  namespace: /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
}

/** Whether a name can be one of its kind. */
export function isNameOf(kind: ResourceKind | 'namespace', name: string): boolean {
  return NAME[kind].test(name) && !name.includes('..')
}

/**
 * What a target is, by the one entry that names it for the given kinds. Two entries that disagree are a refusal: which
 * of them is meant would be a guess.
 *
 * @throws {EffectError} `unmapped` or `invalid`
 */
export function resolveMapping(
  rules: readonly MappingRule[],
  labels: Labels,
  kinds: readonly ResourceKind[],
  target: string,
): Resource {
  const fitting = rules.filter((rule) => kinds.includes(rule.kind) && rule.matches(labels))
  const found = new Map<string, { rule: MappingRule; resource: Resource }>()
  for (const rule of fitting) {
    const resource = resourceOf(rule, labels)
    found.set(describe(resource), { rule, resource })
  }
  const [first, second] = found.values()
  if (first === undefined) {
    const wanted = kinds.join(', ')
    const message = `no entry of actions.targets says which ${wanted} the target ${shown(target)} is`
    throw new EffectError('unmapped', 'no', message)
  }
  if (second !== undefined) {
    const [one, other] = [first, second].map(({ rule, resource }) => `${describe(resource)} by ${rule.place}`)
    throw new EffectError('invalid', 'no', `the target ${shown(target)} is ${one} and ${other}: it must be one of them`)
  }
  return first.resource
}

/** All that a target is mapped to; entries whose labels do not fit are left out. */
export function mappedResources(rules: readonly MappingRule[], labels: Labels): Resource[] {
  return rules.flatMap((rule) => {
    if (!rule.matches(labels)) return []
    try {
      return [resourceOf(rule, labels)]
    } catch (error) {
      if (error instanceof EffectError) return []
      throw error
    }
  })
}

function resourceOf({ kind, name, namespace, replicas, place }: MappingRule, labels: Labels): Resource {
  const named = nameFrom(kind, name, labels, `${place}.${kind}`)
  if (kind === 'container' || kind === 'unit') return { kind, name: named }
  return {
    kind,
    name: named,
    namespace: nameFrom('namespace', namespace ?? '', labels, `${place}.namespace`),
    replicas,
  }
}

function nameFrom(kind: ResourceKind | 'namespace', source: NameSource, labels: Labels, place: string): string {
  const name = typeof source === 'string' ? source : fillSlot(source, labels, place)
  if (isNameOf(kind, name)) return name
  throw new EffectError('invalid', 'no', `${place}: ${shown(name)} cannot be the name of a ${kind}`)
}
