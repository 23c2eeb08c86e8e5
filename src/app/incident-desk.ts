import type { Incidents } from '../api/incidents.ts'
import { ApiError } from '../api/problem.ts'
import { learned } from '../decide/standing.ts'
import { acknowledged, type Incident, judged } from '../domain/incident.ts'
import { type Journal, type JournalEntries, JournalError } from '../pipeline/journal.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import type { Metrics } from '../platform/metrics.ts'
import type { Experience } from './experience.ts'
import type { RemediationLoop } from './remediation.ts'

export interface IncidentDeskDependencies {
  readonly journal: Journal
  readonly experience: Experience
  readonly clock: Clock
  readonly metrics: Metrics
  readonly logger: Logger
  readonly newId: (at: number) => string
  /** Of the configuration in force. */
  readonly current: () => Pick<RemediationLoop, 'standing' | 'ruleOf'>
}

/** Where people look at incidents and say what they think of them. */
export function createIncidentDesk(dependencies: IncidentDeskDependencies): Incidents {
  const { journal, experience, clock, metrics, logger, newId } = dependencies

  /** A person's word is out only when it is kept. */
  async function kept<T>(work: (entries: JournalEntries) => Promise<T>): Promise<T> {
    try {
      return await journal.transaction(work)
    } catch (cause) {
      if (!(cause instanceof JournalError)) throw cause
      throw new ApiError('storage_unavailable', 'the store cannot be used now; try again', { cause })
    }
  }

  function change(id: string, next: (incident: Incident, entries: JournalEntries) => Promise<Incident>) {
    return kept(async (entries) => {
      const before = await entries.incident(id)
      if (before === undefined) return undefined
      const after = await next(before, entries)
      if (after !== before) await entries.saveIncidents([after])
      return { before, after }
    })
  }

  return {
    async list({ limit, ...query }) {
      const found = await kept((entries) => entries.incidents({ ...query, limit: limit + 1 }))
      return { items: found.slice(0, limit), more: found.length > limit }
    },
    get: (id) => kept((entries) => entries.incident(id)),
    async ongoing(target) {
      const [incident] = await kept((entries) => entries.ongoing([target]))
      return incident?.state === 'recovered' ? undefined : incident
    },
    async acknowledge(id, by) {
      return (await change(id, async (incident) => acknowledged(incident, clock.now(), by)))?.after
    },
    async judge(id, useful, by) {
      const at = clock.now()
      const done = await change(id, async (before, entries) => {
        const after = judged(before, useful, at, by)
        if (after === before) return before
        await entries.addVote({ incident: id, target: before.target, useful, at })
        await learnFrom(entries, before, useful, at, dependencies)
        return after
      })
      if (done === undefined || done.after === done.before) return done?.after
      const { target } = done.after
      experience.noteVote({ incident: id, target, useful, at })
      experience.noteIncidents([done.after])
      metrics.incident(useful ? 'useful' : 'not_useful')
      logger.info({ incident: id, target, useful }, 'feedback')
      return done.after
    },
    async mark(given) {
      const at = clock.now()
      const marked = { ...given, id: newId(at), at }
      await kept((entries) => entries.addChange(marked))
      experience.noteChange(marked)
      logger.info({ change: marked.id, targets: marked.targets.length, text: marked.text }, 'change marked')
      return marked
    },
  }
}

/** What was only recorded or suggested proves itself by what people say of the incident. */
async function learnFrom(
  entries: JournalEntries,
  { decision, group }: Incident,
  useful: boolean,
  at: number,
  { current }: IncidentDeskDependencies,
): Promise<void> {
  const { standing, ruleOf } = current()
  const rule = decision?.rule
  if (rule === undefined || decision?.verdict !== 'observe') return
  const ceiling = ruleOf(rule)?.ceiling
  if (ceiling === undefined) return
  const before = (await entries.standings()).find((one) => one.rule === rule && one.group === group)
  await entries.saveStanding(learned(before, { rule, group, ceiling, right: useful }, standing, at))
}
