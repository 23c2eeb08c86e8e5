import type { Happening } from '../api/events/happenings.ts'
import type { Action } from '../domain/action.ts'
import type { Incident } from '../domain/incident.ts'
import type { Journal, JournalEntries } from '../pipeline/journal.ts'

/**
 * The same journal, which tells of what was kept: incidents, entries of the ledger and the kill switch, each once and in
 * its newest state, whoever changed it.
 *
 * @param tell called after the transaction; must not throw
 */
export function tellingJournal<J extends Journal>(journal: J, tell: (happening: Happening) => void): J {
  return {
    ...journal,
    async transaction(work) {
      let notes = createNotes()
      const result = await journal.transaction(async (entries) => {
        // The work may run again from its start.
        notes = createNotes()
        const done = await work(noting(entries, notes))
        await lookUpLabels(entries, notes)
        return done
      })
      for (const happening of happeningsOf(notes)) tell(happening)
      return result
    },
  }
}

interface Notes {
  readonly incidents: Map<string, Incident>
  readonly actions: Map<string, Action>
  /** Labels of incidents that were not saved, by id. */
  readonly labels: Map<string, Incident['labels']>
  freeze?: Extract<Happening, { kind: 'freeze' }>
}

function createNotes(): Notes {
  return { incidents: new Map(), actions: new Map(), labels: new Map() }
}

function noting(entries: JournalEntries, notes: Notes): JournalEntries {
  const note = (action: Action | undefined) => {
    if (action !== undefined) notes.actions.set(action.id, action)
  }

  return {
    ...entries,
    async saveIncidents(incidents) {
      await entries.saveIncidents(incidents)
      for (const incident of incidents) notes.incidents.set(incident.id, incident)
    },
    async plan(action) {
      const planned = await entries.plan(action)
      if (planned) note(action)
      return planned
    },
    async claim(...given) {
      const claimed = await entries.claim(...given)
      note(claimed)
      return claimed
    },
    async start(id, ...given) {
      const started = await entries.start(id, ...given)
      if (started) note(await entries.action(id))
      return started
    },
    async settle(...given) {
      const settled = await entries.settle(...given)
      note(settled)
      return settled
    },
    async setFreeze(freeze, at) {
      await entries.setFreeze(freeze, at)
      notes.freeze = { kind: 'freeze', freeze }
    },
  }
}

/** Only of incidents that were not saved as well: a burst of alerts saves what it acts on. */
async function lookUpLabels(entries: JournalEntries, { incidents, actions, labels }: Notes): Promise<void> {
  for (const { incidentId: id } of actions.values()) {
    if (id === undefined || incidents.has(id) || labels.has(id)) continue
    labels.set(id, (await entries.incident(id))?.labels ?? {})
  }
}

function* happeningsOf({ incidents, actions, labels, freeze }: Notes): Generator<Happening> {
  for (const incident of incidents.values()) {
    // An incident's first entries are of the moment when it opened.
    const opened = incident.timeline.every(({ at }) => at === incident.openedAt)
    yield { kind: 'incident', incident, opened }
  }
  for (const action of actions.values()) {
    const id = action.incidentId ?? ''
    yield { kind: 'action', action, labels: incidents.get(id)?.labels ?? labels.get(id) ?? {} }
  }
  if (freeze !== undefined) yield freeze
}
