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
      const result = await journal.transaction((entries) => {
        // The work may run again from its start.
        notes = createNotes()
        return work(noting(entries, notes))
      })
      for (const happening of happeningsOf(notes)) tell(happening)
      return result
    },
  }
}

interface Notes {
  readonly incidents: Map<string, Incident>
  readonly actions: Map<string, { action: Action; labels: Incident['labels'] }>
  freeze?: Extract<Happening, { kind: 'freeze' }>
}

function createNotes(): Notes {
  return { incidents: new Map(), actions: new Map() }
}

function noting(entries: JournalEntries, notes: Notes): JournalEntries {
  async function note(action: Action | undefined): Promise<void> {
    if (action === undefined) return
    const { id, incidentId } = action
    const known = notes.actions.get(id)?.labels
    const incident = known === undefined && incidentId !== undefined ? await entries.incident(incidentId) : undefined
    notes.actions.set(id, { action, labels: known ?? incident?.labels ?? {} })
  }

  return {
    ...entries,
    async saveIncidents(incidents) {
      await entries.saveIncidents(incidents)
      for (const incident of incidents) notes.incidents.set(incident.id, incident)
    },
    async plan(action) {
      const planned = await entries.plan(action)
      if (planned) await note(action)
      return planned
    },
    async claim(...given) {
      const claimed = await entries.claim(...given)
      await note(claimed)
      return claimed
    },
    async start(id, ...given) {
      const started = await entries.start(id, ...given)
      if (started) await note(await entries.action(id))
      return started
    },
    async settle(...given) {
      const settled = await entries.settle(...given)
      await note(settled)
      return settled
    },
    async setFreeze(freeze, at) {
      await entries.setFreeze(freeze, at)
      notes.freeze = { kind: 'freeze', freeze }
    },
  }
}

function* happeningsOf({ incidents, actions, freeze }: Notes): Generator<Happening> {
  for (const incident of incidents.values()) {
    // An incident's first entries are of the moment when it opened.
    const opened = incident.timeline.every(({ at }) => at === incident.openedAt)
    yield { kind: 'incident', incident, opened }
  }
  for (const { action, labels } of actions.values()) yield { kind: 'action', action, labels }
  if (freeze !== undefined) yield freeze
}
