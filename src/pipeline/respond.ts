import type { Suffering } from '../diagnose/root-cause.ts'
import type { Topology } from '../diagnose/topology.ts'
import type { Action } from '../domain/action.ts'
import type { Alert } from '../domain/alert.ts'
import type { Diagnosis } from '../domain/diagnosis.ts'
import type { Facts } from '../domain/facts.ts'
import { type Incident, isUnwell } from '../domain/incident.ts'
import { diagnosed, leftOut } from '../domain/incident-course.ts'
import type { Message } from '../domain/message.ts'
import type { Freeze } from '../domain/safety.ts'
import type { Verdict } from '../domain/verdict.ts'
import { suspend } from './action-notes.ts'
import type { AlertReceipt, ReceiveAlerts } from './alert-door.ts'
import { alertTarget } from './alert-target.ts'
import { deliveryKeys } from './alerts.ts'
import type { DecidedCase, DiagnosedCase, Followed } from './cases.ts'
import { type Decider, decideCases } from './decide-cases.ts'
import type { Effects } from './effects.ts'
import type { FleetHealth, Seen } from './fleet.ts'
import { type Follower, followAlerts, followCycle, followReading, latest, merged } from './follow.ts'
import type { Journal, JournalEntries } from './journal.ts'
import { viewLedger } from './ledger-view.ts'
import { incidentMessage, say } from './messages.ts'
import { relate } from './relate.ts'
import { revived } from './revive.ts'
import { sufferingAmong, withRoots } from './roots.ts'
import { shareTransactions } from './shared-transactions.ts'
import type { Policy } from './situation.ts'
import { type Answering, answer } from './tick.ts'

export interface ResponderDependencies extends Follower {
  readonly journal: Journal
  readonly effects: Pick<Effects, 'selector' | 'protectedBy'>
  readonly policy: Policy
  readonly decider: Decider
  readonly diagnose: (facts: Facts) => Diagnosis
  /** Which services call which, as far as it is known by now; without it every target is looked at alone. */
  readonly topology?: () => Topology | undefined
  readonly now: () => number
  /** Resolves after so many ms of real time. */
  readonly sleep: (ms: number) => Promise<void>
  /** Resolves after what else waits for the process. */
  readonly letOthers: () => Promise<void>
  /** A freeze from elsewhere than the journal. */
  readonly frozenOutside: () => Freeze | undefined
  /** Told after each commit. */
  readonly onResponse: (response: Response) => void
  /** Takes the time of a stage. */
  readonly timed: <T>(stage: 'diagnose' | 'decide' | 'record', run: () => T) => T
}

/** What came of what a door brought in. */
export interface Response {
  readonly at: number
  /** Incidents that are new or changed, in their newest version. */
  readonly incidents: readonly Incident[]
  readonly opened: readonly string[]
  /** Those that have recovered for good; a target that went away has not. */
  readonly recovered: readonly string[]
  readonly decisions: readonly DecidedCase[]
}

/** From what was seen to what is to be done about it. Each door is one transaction. */
export interface Responder {
  /** @throws {JournalError} when nothing could be kept: nothing follows from the cycle then */
  afterCycle(seen: Seen): Promise<Response>
  readonly receiveAlerts: ReceiveAlerts
  /**
   * @param heard the verdict of a pushed reading, with all labels of its service
   * @returns undefined where the reading changes nothing, so that the store was not asked
   * @throws {JournalError}
   */
  afterReading(heard: Verdict): Promise<Answered | undefined>
}

/** What a pushed reading's incident has come to. */
export interface Answered {
  readonly incident: Incident | undefined
  /** The newest of the incident. */
  readonly action: Action | undefined
}

/** What Alertmanager calls a delivery that says nothing new. */
const INTERVAL_ELAPSED = 'repeat interval elapsed'

export function createResponder(dependencies: ResponderDependencies): Responder {
  const { journal, decider, effects, fleet, attention, policy, timed } = dependencies

  function diagnose(followed: Followed): DiagnosedCase[] {
    const { at, cases } = followed
    const alone = new Map(cases.map(({ facts }) => [facts.target, dependencies.diagnose(facts)]))
    const topology = dependencies.topology?.()
    const diagnoses =
      topology === undefined || topology.size === 0 ? alone : withRoots(alone, sickNow(followed, topology), topology)
    return cases.map((one) => {
      const diagnosis = diagnoses.get(one.facts.target)!
      const incident = diagnosed(one.incident, diagnosis, at)
      return { ...one, incident, facts: { ...one.facts, diagnosis: incident.diagnosis ?? diagnosis } }
    })
  }

  function sickNow({ at, ongoing, elsewhere = [] }: Followed, topology: Topology): Suffering[] {
    const here = sufferingAmong(ongoing.values(), topology, at)
    return [...here, ...elsewhere.filter(({ target }) => !ongoing.has(target))]
  }

  /** As the newest cycle left it; exact again when an action is about to begin. */
  let known: {
    readonly at: number
    readonly health: FleetHealth
    readonly fingerprints: ReadonlyMap<string, string>
    readonly sick: readonly Suffering[]
  } = { at: Number.NEGATIVE_INFINITY, health: fleet.health([]), fingerprints: new Map(), sick: [] }

  async function decide(entries: JournalEntries, cases: readonly DiagnosedCase[], followed: Followed) {
    const { at, ongoing, inCycle } = followed
    if (cases.length === 0) return []
    const ledger = await viewLedger(entries, at, policy.lookBackMs, dependencies.frozenOutside())
    const now = merged(
      ongoing,
      cases.map(({ incident }) => incident),
    )
    const health = followed.health ?? fleet.health(now.values())
    const truncated = [...now.values()].some((one) => isUnwell(one) && leftOut(one) > 0)
    const around = { at, fleet, attention, health, truncated, ongoing: now, ledger, policy, effects }
    return timed('decide', () => decideCases(cases, around, decider, inCycle))
  }

  async function record(
    entries: JournalEntries,
    followed: Followed,
    decisions: readonly DecidedCase[],
  ): Promise<Response> {
    const { at, before, changed } = followed
    const decided = latest([...changed, ...decisions.map(({ incident }) => incident)])
    const fresh = decided.filter(({ id, target }) => before.get(target)?.id !== id)
    const ongoing = merged(followed.ongoing, decided)
    const dependants = decisions.map(({ incident }) => incident).filter((one) => isNewDependant(one, before))
    const unlinked = new Set([...followed.unlinked, ...dependants].map(({ target }) => target))
    const linked = relate(
      [...unlinked].flatMap((target) => ongoing.get(target) ?? []),
      ongoing,
      at,
    )
    const incidents = latest([...decided, ...linked.values()]).filter(
      (incident) => before.get(incident.target) !== incident,
    )
    if (incidents.length > 0) await entries.saveIncidents(incidents)
    for (const { action } of decisions) if (action !== undefined) await entries.plan(action)
    const messages = [...developments(incidents, before, at), ...decisions.flatMap((one) => one.messages)]
    await say(entries, messages, at)
    const storm = decisions.find(({ freeze }) => freeze !== undefined)
    if (storm !== undefined) await suspend(entries, storm.freeze!, at, { incident: storm.incident.id })
    const recovered = incidents.filter(({ id, target, state }) => {
      const was = before.get(target)
      return state === 'closed' && was?.id === id && was.state === 'recovered'
    })
    const ids = (some: readonly Incident[]) => some.map(({ id }) => id)
    return {
      at,
      incidents,
      opened: ids(fresh),
      recovered: ids(recovered),
      decisions: decisions.filter((one) => isNews(one, before)),
    }
  }

  const stages: Answering<Response> = {
    diagnose: (followed) => timed('diagnose', () => diagnose(followed)),
    decide,
    record: (entries, followed, decisions) => timed('record', () => record(entries, followed, decisions)),
  }

  /** Senders that come all at once would else wait for one commit each. */
  const shared = shareTransactions(journal, dependencies.sleep, dependencies.letOthers)

  /** Targets with an incident that goes on; undefined until the store was asked for them. */
  let troubled: Set<string> | undefined

  function note(incidents: Iterable<Incident>): void {
    for (const { target, state } of incidents) {
      if (state === 'closed' || state === 'recovered') troubled?.delete(target)
      else troubled?.add(target)
    }
  }

  async function newestAction(entries: JournalEntries, { id, attempts, decision }: Incident) {
    if (attempts === 0 && decision === undefined) return undefined
    return (await entries.actions({ incidentId: id, limit: 1 }))[0]
  }

  return {
    async afterReading(heard) {
      const { id } = heard.target
      if (!heard.detected && troubled?.has(id) === false) {
        attention.sampleOne(id, heard.at, false)
        return undefined
      }
      const { response, ...answered } = await journal.transaction(async (entries) => {
        const at = dependencies.now()
        const followed = followReading(await entries.ongoing(), heard, at, dependencies)
        const response = await answer(stages, entries, followed)
        const incident = merged(followed.ongoing, response.incidents).get(id)
        return { response, incident, action: incident && (await newestAction(entries, incident)) }
      })
      note(response.incidents)
      dependencies.onResponse(response)
      return answered
    },
    async afterCycle(seen) {
      const response = await journal.transaction(async (entries) => {
        const before = await entries.ongoing()
        const followed = followCycle(before, seen, known.at, dependencies)
        const done = await answer(stages, entries, followed)
        return { ...done, ongoing: merged(followed.ongoing, done.incidents) }
      })
      const { ongoing } = response
      troubled = new Set()
      note(ongoing.values())
      const { at } = seen
      const topology = dependencies.topology?.()
      const sick = topology === undefined ? [] : sufferingAmong(ongoing.values(), topology, at)
      known = { at, health: fleet.health(ongoing.values()), fingerprints: fingerprintsOf(ongoing.values()), sick }
      dependencies.onResponse(response)
      return response
    },
    async receiveAlerts(alerts, truncated, reason) {
      if (alerts.length === 0) return { taken: 0, repeated: 0, incidents: [] }
      const at = dependencies.now()
      const response = await shared(async (entries) => {
        const keys = alerts.map(deliveryKeys)
        const all = keys.flatMap(({ key, also }) => [key, ...also])
        const unknown = new Set(await entries.noteDeliveries(all, at))
        // Within one delivery, too, the same alert counts once.
        const isFresh = new Set(alerts.filter((_, i) => unknown.delete(keys[i].key)))
        const { health, fingerprints } = known
        const targetOf = (alert: Alert) => {
          return fingerprints.get(alert.fingerprint) ?? alertTarget(alert, dependencies.identity, fleet.known).id
        }
        const before = await entries.ongoing([...new Set(alerts.map(targetOf))])
        const heardBefore = alerts.filter((alert) => !isFresh.has(alert))
        for (const alert of await revived(entries, heardBefore, before, targetOf)) isFresh.add(alert)
        const fresh = alerts.filter((alert) => isFresh.has(alert))
        const repeated = alerts.filter((alert) => !isFresh.has(alert))
        const intervalElapsed = reason === INTERVAL_ELAPSED
        const delivery = { at, fresh, repeated, truncated, intervalElapsed, health }
        const followed = { ...followAlerts(before, delivery, dependencies), elsewhere: known.sick }
        const response = await answer(stages, entries, followed)
        return { ...response, taken: fresh.length, repeated: repeated.length }
      })
      note(response.incidents)
      dependencies.onResponse(response)
      const { taken, repeated, incidents } = response
      return { taken, repeated, incidents: incidents.map(({ id }) => id) } satisfies AlertReceipt
    },
  }
}

/** What people want to hear of how incidents have gone on. */
function developments(incidents: readonly Incident[], before: ReadonlyMap<string, Incident>, at: number): Message[] {
  return incidents.flatMap((incident) => {
    const earlier = before.get(incident.target)
    const was = earlier?.id === incident.id ? earlier : undefined
    const text = incident.timeline.at(-1)?.text ?? ''
    const { state } = incident
    if (was === undefined)
      return state === 'opened' || state === 'acting' ? [incidentMessage(incident, 'detected', at, text)] : []
    if (was.state !== state && state === 'recovered') return [incidentMessage(incident, 'recovered', at, text, at)]
    if (was.state !== state && state === 'closed') return [incidentMessage(incident, 'closed', at, text)]
    if (was.state === 'recovered' && state === 'opened') return [incidentMessage(incident, 'detected', at, text, at)]
    if (was.diagnosis?.cause !== incident.diagnosis?.cause)
      return [incidentMessage(incident, 'diagnosed', at, text, incident.diagnosis?.cause)]
    return []
  })
}

function isNews({ incident }: DecidedCase, before: ReadonlyMap<string, Incident>): boolean {
  return incident.decision !== before.get(incident.target)?.decision
}

/** Whether its cause has come to be seen elsewhere, or elsewhere than before. */
function isNewDependant({ target, diagnosis }: Incident, before: ReadonlyMap<string, Incident>): boolean {
  if (diagnosis === undefined || diagnosis.rootTarget === target) return false
  return before.get(target)?.diagnosis?.rootTarget !== diagnosis.rootTarget
}

/** Where an alert was last time: what it is about may look different by now. */
function fingerprintsOf(ongoing: Iterable<Incident>): Map<string, string> {
  const fingerprints = new Map<string, string>()
  for (const { target, alerts } of ongoing) for (const { fingerprint } of alerts) fingerprints.set(fingerprint, target)
  return fingerprints
}
