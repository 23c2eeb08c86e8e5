import type { Incidents } from '../api/incidents.ts'
import { ApiError } from '../api/problem.ts'
import { budgetAfterFeedback } from '../detect/threshold/feedback.ts'
import type { Change, Vote } from '../domain/change.ts'
import { acknowledged, type Incident, judged } from '../domain/incident.ts'
import { type Cycle, followIncidents } from '../pipeline/incidents.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import type { Metrics } from '../platform/metrics.ts'
import type { IncidentStore } from '../store/incidents/incident-store.ts'
import type { Mask } from '../train/gather.ts'
import { createTrainingMask } from './training-mask.ts'

export interface IncidentBookDependencies {
  readonly store: IncidentStore
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

/** All incidents, what people said of them, and the changes they told us of; in memory, and kept by a store. */
export interface IncidentBook extends Incidents {
  /** Goes on with the incidents after a cycle; returns before they are written. */
  follow(cycle: Cycle): void
  /** A target's false-alarm budget, moved by what was said of its incidents. @param alarmsPerDay before that */
  budgetOf(target: string, alarmsPerDay: number): number
  /** Whether training leaves out a target's reading at a time. */
  readonly masked: Mask
  /** Writes what is not yet written. */
  close(): Promise<void>
}

const DAY_MS = 86_400_000
const KEPT_MS = 90 * DAY_MS
const INCIDENTS_KEPT = 10_000
/** Targets of all changes together. */
const CHANGED_TARGETS_KEPT = 100_000
/** Of one target; the budget's bounds make more pointless. */
const VOTES_KEPT = 100
const TIDY_EVERY_MS = 3_600_000

/** @throws an error of the file system when what was kept cannot be read */
export async function openIncidentBook(dependencies: IncidentBookDependencies): Promise<IncidentBook> {
  const { store, clock, logger, metrics } = dependencies
  const kept = await store.load()
  if (kept.unreadable > 0) logger.warn({ lines: kept.unreadable }, 'lines of the incident book cannot be read')
  const incidents = new Map(kept.incidents.map((incident) => [incident.id, incident]))
  const changes = new Map(kept.changes.map((change) => [change.id, change]))
  /** By target, then by incident. */
  const votes = new Map<string, Map<string, Vote>>()
  const ongoing = new Map<string, Incident>()
  const mask = createTrainingMask()
  const writer = createWriter(store, logger)
  let tidiedAt = Number.NEGATIVE_INFINITY
  /** Ids given out for one time. */
  let numbered = { at: Number.NaN, count: 0 }

  for (const incident of incidents.values()) if (incident.state !== 'closed') ongoing.set(incident.target, incident)
  for (const vote of kept.votes) count(vote)

  function count(vote: Vote): void {
    const own = votes.get(vote.target) ?? new Map<string, Vote>()
    votes.set(vote.target, own)
    own.set(vote.incident, vote)
    if (own.size > VOTES_KEPT) own.delete(own.keys().next().value!)
  }

  function put(incident: Incident): void {
    incidents.set(incident.id, incident)
    if (incident.state !== 'closed') ongoing.set(incident.target, incident)
    else if (ongoing.get(incident.target)?.id === incident.id) ongoing.delete(incident.target)
    mask.forget()
    writer.add({ incidents: [incident] })
  }

  function countOutcome(incident: Incident): void {
    const before = incidents.get(incident.id)
    if (before === undefined) metrics.incident('opened')
    // Told once it is over for good; a target that went away has not recovered.
    const calm = before?.state === 'recovered'
    if (incident.state === 'closed' && calm) metrics.incident('recovered')
  }

  function newId(at: number): string {
    const time = new Date(at).toISOString().replaceAll(/[-:.]/g, '')
    if (at !== numbered.at) numbered = { at, count: 0 }
    let id: string
    do id = `${time}-${String(numbered.count++).padStart(5, '0')}`
    while (incidents.has(id) || changes.has(id))
    return id
  }

  function tidy(at: number): void {
    if (at - tidiedAt < TIDY_EVERY_MS) return
    tidiedAt = at
    const before = incidents.size + changes.size
    dropOld(incidents, changes, at)
    if (incidents.size + changes.size === before && !store.overgrown) return
    mask.forget()
    writer.rewrite(() => ({
      incidents: [...incidents.values()],
      changes: [...changes.values()],
      votes: [...votes.values()].flatMap((some) => [...some.values()]),
    }))
  }

  /** A request's answer: it is out only when the book is written. */
  async function written<T>(value: T): Promise<T> {
    try {
      await writer.flush()
    } catch (cause) {
      throw new ApiError('storage_unavailable', 'the data directory cannot be written; try again', { cause })
    }
    return value
  }

  return {
    follow(cycle) {
      for (const incident of followIncidents(ongoing, cycle, {
        newId: () => newId(cycle.at),
        groupOf: ({ job }) => job ?? '',
      })) {
        countOutcome(incident)
        put(incident)
      }
      tidy(cycle.at)
      void writer.flush().catch(() => {})
    },
    budgetOf(target, alarmsPerDay) {
      const own = votes.get(target)
      if (own === undefined) return alarmsPerDay
      return [...own.values()].reduce((budget, { useful }) => budgetAfterFeedback(budget, useful), alarmsPerDay)
    },
    masked: (target, at) => mask.covers({ incidents: incidents.values(), changes: changes.values() }, target, at),
    async list({ target, before, limit }) {
      const found = [...incidents.values()]
        .filter((one) => (target === undefined || one.target === target) && (before === undefined || one.id < before))
        .sort((a, b) => (a.id < b.id ? 1 : -1))
      return { items: found.slice(0, limit), more: found.length > limit }
    },
    get: async (id) => incidents.get(id),
    async acknowledge(id) {
      const before = incidents.get(id)
      if (before === undefined) return undefined
      const after = acknowledged(before, clock.now())
      if (after !== before) put(after)
      return written(after)
    },
    async judge(id, useful) {
      const before = incidents.get(id)
      if (before === undefined) return undefined
      const at = clock.now()
      const after = judged(before, useful, at)
      if (after !== before) {
        const vote = { incident: id, target: before.target, useful, at }
        put(after)
        count(vote)
        writer.add({ votes: [vote] })
        metrics.incident(useful ? 'useful' : 'not_useful')
        logger.info({ incident: id, target: before.target, useful }, 'feedback')
      }
      return written(after)
    },
    async mark(given) {
      const at = clock.now()
      const change = { ...given, id: newId(at), at }
      changes.set(change.id, change)
      dropOld(incidents, changes, at)
      mask.forget()
      writer.add({ changes: [change] })
      logger.info({ change: change.id, targets: change.targets.length, text: change.text }, 'change marked')
      return written(change)
    },
    close: () => writer.flush().catch(() => {}),
  }
}

/** Drops what ended long ago, and the oldest of too much. What goes on stays. */
function dropOld(incidents: Map<string, Incident>, changes: Map<string, Change>, at: number): void {
  const over = [...incidents.values()].filter(({ state }) => state === 'closed')
  over.sort((a, b) => (a.id < b.id ? -1 : 1))
  const tooMany = incidents.size - INCIDENTS_KEPT
  for (const [i, { id, endedAt }] of over.entries()) {
    if (i < tooMany || at - (endedAt ?? at) > KEPT_MS) incidents.delete(id)
  }
  let targets = [...changes.values()].reduce((sum, change) => sum + change.targets.length, 0)
  for (const change of [...changes.values()].sort((a, b) => a.at - b.at)) {
    if (targets <= CHANGED_TARGETS_KEPT && at - Math.max(change.to, change.at) <= KEPT_MS) continue
    changes.delete(change.id)
    targets -= change.targets.length
  }
}

type Records = Parameters<IncidentStore['save']>[0]

/** Hands records to the store one call after the other; what cannot be written waits for the next. */
function createWriter(store: IncidentStore, logger: Logger) {
  const waiting = {
    incidents: new Map<string, Incident>(),
    changes: new Map<string, Change>(),
    votes: new Map<string, Vote>(),
  }
  let writing: Promise<void> = Promise.resolve()
  let failing = false

  function add({ incidents = [], changes = [], votes = [] }: Records): void {
    for (const incident of incidents) waiting.incidents.set(incident.id, incident)
    for (const change of changes) waiting.changes.set(change.id, change)
    for (const vote of votes) waiting.votes.set(vote.incident, vote)
  }

  function take(): Records {
    const { incidents, changes, votes } = waiting
    const taken = { incidents: [...incidents.values()], changes: [...changes.values()], votes: [...votes.values()] }
    for (const some of [incidents, changes, votes]) some.clear()
    return taken
  }

  /** Puts back what could not be written, unless there is a newer version by now. */
  function putBack({ incidents = [], changes = [], votes = [] }: Records): void {
    for (const one of incidents) if (!waiting.incidents.has(one.id)) waiting.incidents.set(one.id, one)
    for (const one of changes) if (!waiting.changes.has(one.id)) waiting.changes.set(one.id, one)
    for (const one of votes) if (!waiting.votes.has(one.incident)) waiting.votes.set(one.incident, one)
  }

  async function saveWaiting(): Promise<void> {
    const records = take()
    if (Object.values(records).every((some) => some.length === 0)) return
    try {
      await store.save(records)
    } catch (error) {
      putBack(records)
      throw error
    }
  }

  function queue(work: () => Promise<void>): Promise<void> {
    const done = writing
      .catch(() => {})
      .then(work)
      .then(
        () => {
          if (failing) logger.info('the incident book is written again')
          failing = false
        },
        (error: unknown) => {
          if (!failing) logger.warn({ err: error }, 'the incident book cannot be written')
          failing = true
          throw error
        },
      )
    writing = done
    done.catch(() => {})
    return done
  }

  return {
    add,
    flush: () => queue(saveWaiting),
    /** @param all asked for when its turn comes, so that nothing is lost that was written meanwhile */
    rewrite: (all: () => Required<Records>) => void queue(() => store.keepOnly(all())).catch(() => {}),
  }
}
