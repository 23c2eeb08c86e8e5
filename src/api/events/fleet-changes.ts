import type { Verdict } from '../../domain/verdict.ts'
import type { FleetTargetJson, TargetsEventJson } from '../contract.ts'
import { fleetTargetJson } from '../target-json.ts'

/** What people were told of a target last. */
interface Told {
  json: FleetTargetJson
  /** Number of the event that told of it whole, and of the one that told of its level. */
  wholeIn: number
  levelIn: number
}

/** One that is not there any more, or not with these labels. */
interface Gone {
  readonly id: string
  readonly labels: Verdict['target']['labels']
  readonly goneIn: number
}

/** `now`: the labels of one that is there all the same; it is gone for those who see it no more. */
type Left = Pick<Gone, 'id' | 'labels'> & { readonly now?: Gone['labels'] }

/** Some changes of the fleet, each with the labels that say who may see it. */
export interface FleetChanges {
  readonly changed: readonly FleetTargetJson[]
  readonly levels: readonly FleetTargetJson[]
  readonly gone: readonly Left[]
}

/** Follows what was told of the fleet, so that only what is new is told, and to whom was away what they missed. */
export interface FleetMemory {
  /** Takes in one verdict. @returns whether anything is to be told */
  note(verdict: Verdict): boolean
  /** Takes in the whole fleet: whoever is missing is gone. */
  noteAll(verdicts: Iterable<Verdict>): void
  /** All of it is to be told whole, as though it were new. */
  tellAnew(): void
  /** What is new since the last time, as event `number`; undefined where nothing is. */
  flush(number: number): FleetChanges | undefined
  /** All that events after `number` told, in its newest state; undefined where that is no longer known. */
  since(number: number): FleetChanges | undefined
  labelsOf(id: string): FleetTargetJson['labels'] | undefined
}

/** Targets that have gone and are remembered. */
const GONE_KEPT = 2000
const PENDING = Number.POSITIVE_INFINITY

export function createFleetMemory(): FleetMemory {
  const told = new Map<string, Told>()
  let gone: Gone[] = []
  /** What went away in this event or before is no longer known. */
  let forgottenIn = 0
  let pending = false

  function note(verdict: Verdict): boolean {
    const { target } = verdict
    const json = fleetTargetJson(verdict)
    const known = told.get(target.id)
    if (known === undefined) {
      told.set(target.id, { json, wholeIn: PENDING, levelIn: PENDING })
    } else {
      const before = known.json
      const moved = !sameLabels(before.labels, json.labels)
      if (moved) gone.push({ id: target.id, labels: before.labels, goneIn: PENDING })
      const whole = moved || before.state !== json.state || before.detected !== json.detected
      if (!whole && before.level === json.level) return false
      known.json = json
      known.levelIn = PENDING
      if (whole) known.wholeIn = PENDING
    }
    pending = true
    return true
  }

  function select(isNew: (number: number) => boolean): FleetChanges {
    const changed: FleetTargetJson[] = []
    const levels: FleetTargetJson[] = []
    for (const { json, wholeIn, levelIn } of told.values()) {
      if (isNew(wholeIn)) changed.push(json)
      else if (isNew(levelIn)) levels.push(json)
    }
    const left = gone
      .filter(({ goneIn }) => isNew(goneIn))
      .map(({ id, labels }): Left => ({ id, labels, now: told.get(id)?.json.labels }))
    return { changed, levels, gone: left }
  }

  return {
    note,
    noteAll(verdicts) {
      const seen = new Set<string>()
      for (const verdict of verdicts) {
        seen.add(verdict.target.id)
        note(verdict)
      }
      for (const [id, { json }] of told) {
        if (seen.has(id)) continue
        told.delete(id)
        gone.push({ id, labels: json.labels, goneIn: PENDING })
        pending = true
      }
    },
    tellAnew() {
      for (const one of told.values()) {
        one.wholeIn = PENDING
        pending = true
      }
    },
    flush(number) {
      if (!pending) return undefined
      pending = false
      const changes = select((one) => one === PENDING)
      for (const one of told.values()) {
        if (one.wholeIn === PENDING) one.wholeIn = number
        if (one.levelIn === PENDING) one.levelIn = number
      }
      gone = gone.map((one) => (one.goneIn === PENDING ? { ...one, goneIn: number } : one))
      for (const { goneIn } of gone.splice(0, gone.length - GONE_KEPT)) forgottenIn = goneIn
      return changes
    },
    since(number) {
      return number < forgottenIn ? undefined : select((one) => one !== PENDING && one > number)
    },
    labelsOf: (id) => told.get(id)?.json.labels,
  }
}

/** @param sees what lies inside of what somebody sees; undefined: all */
export function targetsEventJson(
  { changed, levels, gone }: FleetChanges,
  at: string,
  sees: ((labels: FleetTargetJson['labels']) => boolean) | undefined,
): TargetsEventJson | undefined {
  const seen = <T extends { readonly labels: FleetTargetJson['labels'] }>(all: readonly T[]) =>
    sees === undefined ? all : all.filter(({ labels }) => sees(labels))
  const isGone = ({ now }: Left) => now === undefined || (sees !== undefined && !sees(now))
  const visible = { changed: seen(changed), levels: seen(levels), gone: seen(gone).filter(isGone) }
  if (visible.changed.length + visible.levels.length + visible.gone.length === 0) return undefined
  return {
    at,
    changed: visible.changed,
    gone: [...new Set(visible.gone.map(({ id }) => id))],
    levels: Object.fromEntries(visible.levels.map(({ id, level }) => [id, level])),
  }
}

function sameLabels(a: FleetTargetJson['labels'], b: FleetTargetJson['labels']): boolean {
  if (a === b) return true
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}
