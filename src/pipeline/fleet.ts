import type { Health } from '../decide/guards/guard.ts'
import type { FeatureMatrix } from '../domain/feature-matrix.ts'
import { type Incident, isUnwell } from '../domain/incident.ts'
import type { Snapshot } from '../domain/snapshot.ts'
import type { Target } from '../domain/target.ts'
import type { Verdict } from '../domain/verdict.ts'
import { type KnownTargets, knownTargets } from './alert-target.ts'
import { type Heard, labelled } from './heard.ts'

/** What a cycle saw, as far as acting depends on it. */
export interface Seen {
  readonly at: number
  readonly snapshot: Pick<Snapshot, 'warnings'>
  readonly matrix: FeatureMatrix
  /** By slot. */
  readonly verdicts: readonly (Verdict | undefined)[]
}

export interface FleetOptions {
  readonly intervalMs: number
  readonly groupOf: (labels: Target['labels']) => string
  /** Sizes of groups that the source does not show, as a person gave them. */
  readonly groupSizes: ReadonlyMap<string, number>
}

/** The fleet as the newest cycle saw it, and services as their newest reading shows them. */
export interface FleetNow {
  see(seen: Seen): void
  /** A service has pushed a reading, or is stale by now. */
  hear(heard: Heard): void
  /** A service is gone. */
  forget(target: string): void
  /** Whether a target is one that pushes its readings. */
  isPushed(target: string): boolean
  /** The newest verdict of every service, with all labels. */
  pushed(): readonly Verdict[]
  /** A cycle failed: what was seen before grows old. */
  fail(reason: string): void
  readonly known: KnownTargets
  verdict(target: string): Verdict | undefined
  /** Newest value of each feature; empty for a target that the source does not show. */
  features(target: string): ReadonlyMap<string, number>
  /** What `fresh_data` asks of a target. @param at ms since the epoch */
  data(
    target: string,
    at: number,
  ): { readonly newestSampleAt: number; readonly cleanCycles: number; readonly warnings: readonly string[] }
  /** @param ongoing all incidents that are not closed */
  health(ongoing: Iterable<Incident>): FleetHealth
}

export interface FleetHealth {
  /** Undefined where nobody knows how many there are. */
  group(group: string): Health | undefined
  readonly fleet: Health | undefined
}

const NO_FEATURES: ReadonlyMap<string, number> = new Map()
const NO_TARGETS = knownTargets([])

export function createFleetNow({ intervalMs, groupOf, groupSizes }: FleetOptions): FleetNow {
  let seen: Seen | undefined
  let slots = new Map<string, number>()
  /** Of those that were asked for since the newest cycle: alerts about one target come in crowds. */
  let features = new Map<string, ReadonlyMap<string, number>>()
  let known: KnownTargets | undefined = NO_TARGETS
  let cleanCycles = 0
  let failure: string | undefined
  const services = new Map<string, Heard>()
  return {
    hear(heard) {
      const { id } = heard.verdict.target
      if (!services.has(id)) known = undefined
      services.set(id, heard)
    },
    forget(target) {
      services.delete(target)
      known = undefined
    },
    isPushed: (target) => services.has(target),
    pushed: () => [...services.values()].map(labelled),
    see(next) {
      const onTime = seen === undefined || next.at - seen.at === intervalMs
      const clean = next.snapshot.warnings.length === 0
      cleanCycles = clean ? (onTime && failure === undefined ? cleanCycles + 1 : 1) : 0
      failure = undefined
      seen = next
      slots = new Map()
      features = new Map()
      for (const [slot, verdict] of next.verdicts.entries())
        if (verdict !== undefined) slots.set(verdict.target.id, slot)
      known = undefined
    },
    fail(reason) {
      cleanCycles = 0
      failure = reason
    },
    get known() {
      if (known !== undefined) return known
      const polled = (seen?.verdicts ?? []).flatMap((verdict) => verdict?.target ?? [])
      known = knownTargets([...polled, ...[...services.values()].map(({ verdict }) => verdict.target)])
      return known
    },
    verdict: (target) => services.get(target)?.verdict ?? seen?.verdicts[slots.get(target) ?? -1],
    features(target) {
      const heard = services.get(target)
      if (heard !== undefined) return heard.features
      const known = features.get(target)
      if (known !== undefined) return known
      const slot = slots.get(target)
      if (slot === undefined || seen === undefined) return NO_FEATURES
      const own = featuresIn(seen.matrix, slot)
      features.set(target, own)
      return own
    },
    data(target, at) {
      const heard = services.get(target)
      if (heard !== undefined) return { newestSampleAt: heard.verdict.at, cleanCycles: heard.unbroken, warnings: [] }
      if (seen === undefined) return { newestSampleAt: Number.NaN, cleanCycles: 0, warnings: [] }
      const slot = slots.get(target)
      const newestSampleAt = slot === undefined ? Number.NaN : heardAt(seen.matrix.sampledAt[slot])
      const warnings = failure === undefined ? seen.snapshot.warnings : [failure]
      // The cycle that is due may just be under way.
      const late = at - seen.at > 2 * intervalMs
      return { newestSampleAt, cleanCycles: late ? 0 : cleanCycles, warnings }
    },
    health(ongoing) {
      const sizes = new Map<string, number>(groupSizes)
      const shown = new Map<string, number>()
      const show = (labels: Target['labels']) => shown.set(groupOf(labels), (shown.get(groupOf(labels)) ?? 0) + 1)
      for (const verdict of seen?.verdicts ?? []) if (verdict !== undefined) show(verdict.target.labels)
      for (const { labels } of services.values()) show(labels)
      const unhealthy = new Map<string, number>()
      for (const incident of ongoing) {
        const { target, group } = incident
        if (shown.has(group) && !slots.has(target) && !services.has(target)) shown.set(group, shown.get(group)! + 1)
        if (isUnwell(incident) && isRoot(incident)) unhealthy.set(group, (unhealthy.get(group) ?? 0) + 1)
      }
      for (const [group, size] of shown) sizes.set(group, Math.max(size, sizes.get(group) ?? 0))
      const sum = (counts: Iterable<number>) => [...counts].reduce((total, count) => total + count, 0)
      const size = sum(sizes.values())
      return {
        group: (group) => {
          const own = sizes.get(group)
          return own === undefined ? undefined : { size: own, unhealthy: unhealthy.get(group) ?? 0 }
        },
        fleet: size === 0 ? undefined : { size, unhealthy: sum(unhealthy.values()) },
      }
    },
  }
}

function featuresIn({ names, values }: FeatureMatrix, slot: number): ReadonlyMap<string, number> {
  return new Map(names.map((name, i) => [name, values[slot * names.length + i]]))
}

/** The source shows the target: should it not say of when, nobody knows how old that is. */
function heardAt(sampledAt: number | undefined): number {
  return sampledAt === undefined || Number.isNaN(sampledAt) ? Number.NEGATIVE_INFINITY : sampledAt
}

/** What only suffers from a root elsewhere does not count as unhealthy by itself. */
function isRoot({ diagnosis, target }: Incident): boolean {
  return diagnosis === undefined || diagnosis.rootTarget === target
}
