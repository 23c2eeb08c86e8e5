import { budgetAfterFeedback } from '../detect/threshold/feedback.ts'
import { type Action, wasBegun } from '../domain/action.ts'
import type { Change, Vote } from '../domain/change.ts'
import type { Incident } from '../domain/incident.ts'
import type { Silence } from '../domain/safety.ts'
import type { Journal, JournalEntries } from '../pipeline/journal.ts'
import type { Mask } from '../train/gather.ts'
import { createTrainingMask } from './training-mask.ts'

/** What the journal teaches training and thresholds; in memory, because both ask for every reading. */
export interface Experience {
  /** Whether training leaves out a target's reading at a time. */
  readonly masked: Mask
  /** A target's false-alarm budget, moved by what was said of its incidents. @param alarmsPerDay before that */
  budgetOf(target: string, alarmsPerDay: number): number
  /** Those of the last 90 days that are known, in no order. */
  incidents(): Iterable<Incident>
  /** Reads everything anew. @throws {JournalError} what was known stays */
  refresh(at: number): Promise<void>
  noteIncidents(incidents: readonly Incident[]): void
  noteAction(action: Action): void
  noteChange(change: Change): void
  noteSilence(silence: Silence): void
  noteVote(vote: Vote): void
}

const KEPT_MS = 90 * 86_400_000
/** Of one target; the budget's bounds make more pointless. */
const VOTES_KEPT = 100
const ACTIONS_READ = 10_000

export function createExperience(journal: Journal): Experience {
  let incidents = new Map<string, Incident>()
  let actions = new Map<string, Action>()
  let changes: Change[] = []
  let silences: Silence[] = []
  let votes = new Map<string, Map<string, Vote>>()
  const mask = createTrainingMask()

  function count(into: typeof votes, vote: Vote): void {
    const own = into.get(vote.target) ?? new Map<string, Vote>()
    into.set(vote.target, own)
    own.set(vote.incident, vote)
    if (own.size > VOTES_KEPT) own.delete(own.keys().next().value!)
  }

  return {
    masked: (target, at) => {
      return mask.covers({ incidents: incidents.values(), changes, silences, actions: actions.values() }, target, at)
    },
    budgetOf(target, alarmsPerDay) {
      const own = votes.get(target)
      if (own === undefined) return alarmsPerDay
      return [...own.values()].reduce((budget, { useful }) => budgetAfterFeedback(budget, useful), alarmsPerDay)
    },
    incidents: () => incidents.values(),
    async refresh(at) {
      const read = await journal.transaction((entries) => readAll(entries, at - KEPT_MS))
      incidents = new Map(read.incidents.map((one) => [one.id, one]))
      actions = new Map(read.actions.filter(wasBegun).map((one) => [one.id, one]))
      changes = read.changes
      silences = read.silences
      votes = new Map()
      for (const vote of read.votes) count(votes, vote)
      mask.forget()
    },
    noteIncidents(changed) {
      for (const incident of changed) incidents.set(incident.id, incident)
      if (changed.length > 0) mask.forget()
    },
    noteAction(action) {
      if (!wasBegun(action)) return
      actions.set(action.id, action)
      mask.forget()
    },
    noteChange(change) {
      changes.push(change)
      mask.forget()
    },
    noteSilence(silence) {
      silences.push(silence)
      mask.forget()
    },
    noteVote: (vote) => count(votes, vote),
  }
}

async function readAll(entries: JournalEntries, since: number) {
  return {
    incidents: await entries.incidentsSince(since),
    actions: await entries.actions({ since, limit: ACTIONS_READ }),
    changes: await entries.changes(since),
    silences: await entries.silences(since),
    votes: await entries.votes(),
  }
}
