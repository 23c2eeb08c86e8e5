import { type Action, isUndo, MANUAL, undoKey } from '../domain/action.ts'
import { type Incident, isUnwell, recovered } from '../domain/incident.ts'
import { escalated } from '../domain/incident-course.ts'
import { learn, released, suspendAfterFailures, transit } from './action-notes.ts'
import type { HealDependencies } from './heal-dependencies.ts'
import type { JournalEntries } from './journal.ts'
import { incidentMessage, say } from './messages.ts'

/** What was seen of a target after an action. */
type Look = { readonly well: boolean | undefined; readonly text: string }

/**
 * Looks whether an action that is done has helped, by the signal that began it. Until its deadline it may take its
 * time; then it is taken back where that can be done, and the next step of the ladder or a person goes on.
 *
 * @returns the new version; undefined while there is nothing to say yet
 */
export async function verify(
  action: Action,
  dependencies: HealDependencies,
  signal: AbortSignal,
): Promise<Action | undefined> {
  const { journal, clock } = dependencies
  const at = clock.now()
  const finishedAt = action.finishedAt ?? at
  const { afterMs, withinMs, promql } = action.verification
  if (action.action === 'alert' || isUndo(action)) return endAtOnce(action, dependencies)
  const failed = action.state === 'FAILED'
  if (at < finishedAt + (failed ? 0 : afterMs)) return undefined
  const holds = promql === undefined ? undefined : { answer: await dependencies.holds(promql, signal) }
  return journal.transaction(async (entries) => {
    const now = clock.now()
    const incident = action.incidentId === undefined ? undefined : await entries.incident(action.incidentId)
    const look = holds === undefined ? lookAt(action, incident, dependencies) : lookBy(promql!, holds.answer)
    if (look.well === true) return helped(entries, action, look.text, now, dependencies)
    // An effect that did not happen is not waited for.
    if (!failed && now < finishedAt + withinMs) return undefined
    return notHelped(entries, action, incident, look.text, now, dependencies)
  })
}

/** To tell people, and to take something back, are done when they are done. */
function endAtOnce(action: Action, { journal, clock, policy }: HealDependencies): Promise<Action | undefined> {
  return journal.transaction(async (entries) => {
    const at = clock.now()
    const facts = { reason: action.reason }
    if (action.state === 'SUCCEEDED')
      return transit(entries, action, { state: 'VERIFIED', facts, incident: released(at) }, at)
    const call = (incident: Incident) => escalated(incident, at, `${action.action} could not be done: ${action.reason}`)
    const next = await transit(entries, action, { state: 'ESCALATED', facts, kind: 'escalated', incident: call }, at)
    await suspendAfterFailures(entries, at, { policy })
    return next
  })
}

function lookBy(promql: string, answer: boolean | undefined): Look {
  if (answer === undefined) return { well: undefined, text: `nobody can say whether ${promql}` }
  return { well: answer, text: answer ? `${promql} holds` : `${promql} does not hold` }
}

/** The same signal as began it: detectors, alerts, and data that are newer than the effect. */
function lookAt(
  { target, finishedAt = 0 }: Action,
  incident: Incident | undefined,
  { fleet, clock }: HealDependencies,
): Look {
  const firing = incident?.alerts.filter(({ status }) => status === 'firing').map(({ name }) => name) ?? []
  if (incident !== undefined && isUnwell({ ...incident, anomalous: false })) {
    return { well: false, text: `still firing: ${firing.slice(0, 3).join(', ')}` }
  }
  const verdict = fleet.verdict(target)
  if (verdict === undefined) {
    if (incident?.anomalous) return { well: undefined, text: 'nothing is heard of the target' }
    return { well: true, text: 'no alert fires any more' }
  }
  const { newestSampleAt, warnings } = fleet.data(target, clock.now())
  if (warnings.length > 0) return { well: undefined, text: `the newest data are incomplete: ${warnings[0]}` }
  if (verdict.state === 'stale' || !(newestSampleAt > finishedAt)) {
    return { well: undefined, text: 'there are no data since the action' }
  }
  const level = Number.isNaN(verdict.level) ? '' : `level ${Number(verdict.level.toPrecision(3))}`
  if (!verdict.detected) return { well: true, text: ['back to normal', level].filter(Boolean).join(', ') }
  const worse = incident !== undefined && verdict.level > incident.level
  return { well: false, text: `${worse ? 'worse' : 'unchanged'}, ${level}` }
}

async function helped(
  entries: JournalEntries,
  action: Action,
  text: string,
  at: number,
  dependencies: HealDependencies,
): Promise<Action | undefined> {
  const over = (incident: Incident): Incident => {
    if (incident.state === 'recovered') return incident
    return isUnwell(incident) ? released(at)(incident) : recovered(incident, at, `verified: ${text}`)
  }
  const facts = { reason: `recovered: ${text}` }
  const next = await transit(entries, action, { state: 'VERIFIED', facts, kind: 'recovered', incident: over }, at)
  // What recovered although the effect failed, or nobody knows, speaks neither for the rule nor against it.
  if (next !== undefined && action.state === 'SUCCEEDED') await learn(entries, action, true, at, dependencies)
  return next
}

async function notHelped(
  entries: JournalEntries,
  action: Action,
  before: Incident | undefined,
  text: string,
  at: number,
  dependencies: HealDependencies,
): Promise<Action | undefined> {
  const steps = dependencies.ruleOf(action.rule)?.steps ?? 0
  const climbs = action.rule !== MANUAL && action.step + 1 < steps
  const undoes = action.undo !== undefined && action.state === 'SUCCEEDED'
  const why = action.state === 'SUCCEEDED' ? `not recovered in time: ${text}` : `${action.reason}; ${text}`
  const next = climbs ? 'the next step follows' : 'a person is needed'
  const goOn = (incident: Incident): Incident => {
    const climbed = { ...incident, step: action.step + 1 }
    if (!climbs) return escalated({ ...climbed, state: 'opened' }, at, `${action.action} did not help: ${why}`)
    return undoes ? { ...climbed, state: 'acting' } : released(at)(climbed)
  }
  const facts = { reason: `${why}; ${next}` }
  const kind = climbs ? 'acted' : 'escalated'
  const settled = await transit(entries, action, { state: 'ESCALATED', facts, incident: goOn }, at)
  if (settled === undefined) return undefined
  if (before !== undefined)
    await say(entries, [incidentMessage(before, kind, at, `${action.action}: ${facts.reason}`, action.id)], at)
  if (undoes) await entries.plan(undoOf(settled, at, dependencies))
  // A ladder is one decision: it was wrong when its last step did not help. An effect that did not happen proves nothing.
  if (!climbs && action.state !== 'FAILED') await learn(entries, action, false, at, dependencies)
  await suspendAfterFailures(entries, at, dependencies)
  return settled
}

/** The action that takes another one back. */
function undoOf(action: Action, at: number, { newId }: HealDependencies): Action {
  const { call: _call, startedAt: _started, finishedAt: _finished, approvedBy: _approved, ...same } = action
  const facts = { key: undoKey(action.id), state: 'PLANNED', reason: 'it did not help: taken back', call: '' } as const
  return { ...same, ...facts, id: newId(at), epoch: 0, createdAt: at, expiresAt: at + UNDO_MS }
}

const UNDO_MS = 600_000
