import type { FleetJson, FleetTargetJson, TargetsEventJson } from '../../api/contract.ts'

/** The fleet after an event. Targets of which nothing has changed stay the same objects; the order stays that of ids. */
export function patchFleet(fleet: FleetJson, { at, changed, gone, levels }: TargetsEventJson): FleetJson {
  const replaced = new Map(changed.map((target) => [target.id, target]))
  const left = new Set(gone)
  const targets: FleetTargetJson[] = []
  for (const target of fleet.targets) {
    if (left.has(target.id)) continue
    targets.push(replaced.get(target.id) ?? withLevel(target, levels))
    replaced.delete(target.id)
  }
  if (replaced.size > 0) targets.push(...[...replaced.values()].filter(({ id }) => !left.has(id)))
  if (replaced.size > 0) targets.sort((a, b) => (a.id < b.id ? -1 : 1))
  return { ...fleet, at, targets }
}

function withLevel(target: FleetTargetJson, levels: TargetsEventJson['levels']): FleetTargetJson {
  if (!Object.hasOwn(levels, target.id) || levels[target.id] === target.level) return target
  return { ...target, level: levels[target.id] }
}
