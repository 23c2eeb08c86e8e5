import { type RootCause, rootCauses, type Suffering } from '../diagnose/root-cause.ts'
import type { Topology } from '../diagnose/topology.ts'
import type { Diagnosis } from '../domain/diagnosis.ts'
import { type Incident, isUnwell } from '../domain/incident.ts'

/** So long what has recovered still explains those that waited for it: they come to themselves a little later. */
const GRACE_MS = 120_000
/** Signs of its own that the diagnosis of a dependant keeps. */
const OWN_EVIDENCE = 3

/** The services among these that are ill, or were until just now. @param ongoing incidents that are not closed */
export function sufferingAmong(ongoing: Iterable<Incident>, topology: Topology, at: number): Suffering[] {
  const sick: Suffering[] = []
  for (const incident of ongoing) {
    const service = topology.serviceOf(incident.labels)
    if (service === undefined || !countsAsIll(incident, at)) continue
    const { target, state, endedAt, level, highest, openedAt, timeline, diagnosis } = incident
    sick.push({
      target,
      service,
      since: timeline.findLast(({ kind }) => kind === 'reopened')?.at ?? openedAt,
      until: state === 'recovered' ? endedAt : undefined,
      level: level > 0 ? level : Number.NaN,
      contributions: highest,
      cause: diagnosis?.rootTarget === target ? diagnosis.cause : 'unknown',
    })
  }
  return sick
}

function countsAsIll(incident: Incident, at: number): boolean {
  const { state, endedAt } = incident
  if (state === 'recovered') return at - (endedAt ?? at) <= GRACE_MS
  return isUnwell(incident) || state === 'acting' || state === 'verifying'
}

/**
 * Diagnoses of several targets, made for each alone, corrected by where the cause sits.
 *
 * @param own by target
 * @param sick all that are ill, those of `own` among them
 */
export function withRoots(
  own: ReadonlyMap<string, Diagnosis>,
  sick: readonly Suffering[],
  topology: Topology,
): ReadonlyMap<string, Diagnosis> {
  const known = sick.map((one) => ({ ...one, cause: own.get(one.target)?.cause ?? one.cause }))
  const causes = new Map(known.map(({ target, cause }) => [target, cause]))
  const roots = rootCauses(known, topology)
  return new Map(
    [...own].map(([target, diagnosis]) => {
      const root = roots.get(target)
      if (root === undefined || root.target === target) return [target, diagnosis]
      return [target, dependant(diagnosis, root, causes.get(root.target) ?? 'unknown')]
    }),
  )
}

function dependant(own: Diagnosis, { target, path, confidence }: RootCause, cause: Diagnosis['cause']): Diagnosis {
  const what = cause === 'unknown' ? 'is unwell' : `has ${cause}`
  const way = path.length > 2 ? [`by way of ${path.slice(1, -1).join(', ')}`] : []
  return {
    ...own,
    cause: 'dependency_failing',
    confidence: Math.round(confidence * 1000) / 1000,
    evidence: [`${target} ${what}`, ...way, ...own.evidence.slice(0, OWN_EVIDENCE)],
    rootTarget: target,
  }
}
