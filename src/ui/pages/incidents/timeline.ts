import type { TimelineEntryJson } from '../../../api/contract.ts'

/** The parts of an incident's story, in the order in which a good one is told. */
export type Phase = 'detected' | 'diagnosed' | 'decided' | 'acted' | 'verified' | 'recovered' | 'people' | 'data'

const PHASES: Readonly<Record<TimelineEntryJson['kind'], Phase>> = {
  opened: 'detected',
  alert: 'detected',
  anomaly: 'detected',
  rose: 'detected',
  reopened: 'detected',
  diagnosed: 'diagnosed',
  related: 'diagnosed',
  decided: 'decided',
  action: 'acted',
  escalated: 'verified',
  recovered: 'recovered',
  closed: 'recovered',
  silenced: 'people',
  acknowledged: 'people',
  feedback: 'people',
  no_data: 'data',
  data_back: 'data',
}

/** What an action's state means for the story: whether it was done, or whether it helped. */
const ACTION_PHASES: Readonly<Record<string, Phase>> = {
  AWAITING_APPROVAL: 'decided',
  REFUSED: 'decided',
  EXPIRED: 'decided',
  DRY_RUN: 'decided',
  VERIFIED: 'verified',
  ESCALATED: 'verified',
}

type Told = Pick<TimelineEntryJson, 'kind' | 'data'> & { readonly isTold?: boolean }

/** @param entry of a kind that may be newer than this page */
export function phaseOf({ kind, data, isTold }: Told): Phase {
  if (isTold) return 'people'
  if (kind === 'action') return ACTION_PHASES[String(data['state'])] ?? 'acted'
  return PHASES[kind] ?? 'detected'
}

const LABELS: Readonly<Record<TimelineEntryJson['kind'], string>> = {
  opened: 'First sign',
  alert: 'Alert',
  anomaly: 'Detectors',
  rose: 'Worse',
  reopened: 'Came back',
  diagnosed: 'Diagnosed',
  related: 'Related',
  decided: 'Decided',
  action: 'Action',
  escalated: 'Needs a person',
  recovered: 'Recovered',
  closed: 'Closed',
  silenced: 'Silenced',
  acknowledged: 'Acknowledged',
  feedback: 'Feedback',
  no_data: 'No data',
  data_back: 'Data again',
}

/** What an entry is, in a word or two; refusals are told as what they are. */
export function labelOf({ kind, data, isTold }: Told): string {
  if (isTold && data['state'] !== 'REFUSED') return 'People told'
  if (kind === 'decided' && data['verdict'] === 'refuse') return 'Refused'
  if (kind === 'action' && data['state'] === 'VERIFIED') return 'Verified'
  return LABELS[kind] ?? kind
}

/** What was decided, where the guards' answers stand below it; undefined where the journal's own words say more. */
export function decisionOf({ kind, data, guards }: Pick<TimelineEntryJson, 'kind' | 'data' | 'guards'>) {
  const { verdict, rule, action } = data
  if (kind !== 'decided' || typeof rule !== 'string' || typeof action !== 'string') return undefined
  const deed = action.replaceAll('_', ' ')
  if (verdict === 'refuse') return guards.some(({ agrees }) => !agrees) ? `rule ${rule} wanted: ${deed}` : undefined
  if (verdict === 'ask') return `rule ${rule}: ${deed}, when a person agrees`
  return verdict === 'execute' ? `rule ${rule}: ${deed}` : undefined
}

/**
 * The entries to be shown. That people were told is one event and heals nothing: of its steps only the newest is left,
 * and it counts as one of people.
 *
 * @param timeline oldest first
 * @param told ids of actions that only tell people
 */
export function eventsOf(
  timeline: readonly TimelineEntryJson[],
  told: ReadonlySet<string>,
): readonly (TimelineEntryJson & { readonly isTold: boolean })[] {
  const isOfTold = (entry: TimelineEntryJson | undefined) => told.has(String(entry?.data['action']))
  return timeline.flatMap((entry, i) => {
    // What an executor notes while it acts names no action: it is about the one just begun.
    const isNote = entry.kind === 'action' && entry.data['action'] === undefined && isOfTold(timeline[i - 1])
    const isTold = entry.kind === 'action' && isOfTold(entry)
    const isOutdated = timeline.slice(i + 1).some(({ data }) => data['action'] === entry.data['action'])
    return isNote || (isTold && isOutdated) ? [] : [{ ...entry, isTold }]
  })
}

/** A step of the story, for the strip on top of it. */
export interface Step {
  readonly phase: Phase
  /** ms since the epoch; undefined where it has not happened. */
  readonly at: number | undefined
}

const STORY: readonly Phase[] = ['detected', 'diagnosed', 'decided', 'acted', 'verified', 'recovered']

/**
 * When each part of the story was first reached; `verified` and `recovered` count from the newest beginning, since a
 * target that has become unwell again has not recovered.
 *
 * @param timeline oldest first, as `eventsOf` gives it
 */
export function stepsOf(timeline: readonly (TimelineEntryJson & { readonly isTold?: boolean })[]): Step[] {
  const begun = timeline.findLastIndex(({ kind }) => kind === 'reopened')
  return STORY.map((phase) => {
    const isEnd = phase === 'verified' || phase === 'recovered'
    const entry = timeline.find(
      (each, i) => phaseOf(each) === phase && !(isEnd && i < begun) && each.kind !== 'escalated' && !isFailure(each),
    )
    return { phase, at: entry && Date.parse(entry.at) }
  })
}

function isFailure({ data }: TimelineEntryJson): boolean {
  return data['state'] === 'ESCALATED'
}
