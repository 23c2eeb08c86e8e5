import {
  MATCHES_DAYS,
  type ManualAction,
  type NotTaken,
  type Remediation,
  type Requested,
  type RuleView,
  type Taken,
} from '../api/remediation.ts'
import { askGuards } from '../decide/guards/ask.ts'
import { type Action, MANUAL } from '../domain/action.ts'
import { type Incident, isUnwell, told } from '../domain/incident.ts'
import { escalated } from '../domain/incident-course.ts'
import { matchesByRule, NO_MATCHES } from '../domain/rule-matches.ts'
import type { Freeze } from '../domain/safety.ts'
import { learn, released, transit } from '../pipeline/action-notes.ts'
import { labelsOf } from '../pipeline/facts.ts'
import type { Journal, JournalEntries } from '../pipeline/journal.ts'
import { actionMessage, generalMessage, say } from '../pipeline/messages.ts'
import { situationOf } from '../pipeline/situation.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import type { Metrics } from '../platform/metrics.ts'
import { checkParameters } from './action-parameters.ts'
import type { Experience } from './experience.ts'
import type { RemediationLoop } from './remediation.ts'

export interface RemediationDeskDependencies {
  readonly journal: Journal
  readonly experience: Experience
  readonly clock: Clock
  readonly metrics: Metrics
  readonly logger: Pick<Logger, 'info'>
  readonly newId: (at: number) => string
  readonly fileFreeze: () => Freeze | undefined
  /** Of the configuration in force. */
  readonly current: () => RemediationLoop
}

const DAY_MS = 86_400_000

/** Where people look at actions, answer for them and ask for their own. */
export function createRemediationDesk(dependencies: RemediationDeskDependencies): Remediation {
  const { journal, experience, clock, newId, fileFreeze, current } = dependencies

  /** A person's word on an action that waits for it. */
  async function answer(
    id: string,
    take: (
      entries: JournalEntries,
      action: Action,
      incident: Incident | undefined,
      at: number,
    ) => Promise<Action | undefined>,
  ): Promise<Taken> {
    const taken = await journal.transaction(async (entries): Promise<Taken> => {
      const at = clock.now()
      const action = await entries.action(id)
      if (action === undefined) return { ok: false, why: 'not_found', text: 'no action with this id is kept' }
      if (action.state !== 'AWAITING_APPROVAL') return notWaiting(action, `it is ${action.state}: ${action.reason}`)
      if (at >= action.expiresAt) return notWaiting(action, 'the time to answer is over')
      const incident = action.incidentId === undefined ? undefined : await entries.incident(action.incidentId)
      const next = await take(entries, action, incident, at)
      if (next === undefined) return notWaiting(action, 'somebody else has answered at this moment')
      return next.state === 'EXPIRED' ? notWaiting(next, next.reason) : { ok: true, action: next }
    })
    if ('action' in taken && taken.action.state !== 'AWAITING_APPROVAL') noteAnswer(taken.action)
    return taken
  }

  function noteAnswer(action: Action): void {
    dependencies.metrics.acted(action.action, action.state)
    current().healer.wake()
  }

  return {
    async actions({ limit, ...query }) {
      const found = await journal.transaction((entries) => entries.actions({ ...query, limit: limit + 1 }))
      return { items: found.slice(0, limit), more: found.length > limit }
    },
    action: (id) => journal.transaction((entries) => entries.action(id)),
    async labelsOf({ target, incidentId }) {
      const known = current().fleet.known.byId(target)
      if (known !== undefined) return known.labels
      if (incidentId === undefined) return {}
      return (await journal.transaction((entries) => entries.incident(incidentId)))?.labels ?? {}
    },
    approve: (id, by) =>
      answer(id, async (entries, action, incident, at) => {
        if (incident !== undefined && !isUnwell(incident)) {
          const facts = { reason: 'the target is well again', finishedAt: at }
          return transit(entries, action, { state: 'EXPIRED', facts, by, incident: released(at) }, at)
        }
        const facts = { reason: `approved by ${by}`, approvedBy: by }
        return transit(entries, action, { state: 'PLANNED', facts, by, kind: 'acting' }, at)
      }),
    deny: (id, by, reason = '') =>
      answer(id, async (entries, action, _incident, at) => {
        const text = reason === '' ? `denied by ${by}` : `denied by ${by}: ${reason}`
        const call = (incident: Incident) => escalated(incident, at, `${action.action} was ${text}`)
        const facts = { reason: text, finishedAt: at }
        const denied = await transit(entries, action, { state: 'REFUSED', facts, by, incident: call }, at)
        const { ruleOf, standing } = current()
        if (denied !== undefined) await learn(entries, denied, false, at, { ruleOf, standing })
        return denied
      }),
    async request(manual, by) {
      const requested = await journal.transaction((entries) => plan(entries, manual, by, dependencies))
      if (requested.ok && !requested.repeated) noteAnswer(requested.action)
      return requested
    },
    frozen: async () => fileFreeze() ?? (await journal.transaction((entries) => entries.freeze())),
    async freeze(reason, by) {
      const frozen = await journal.transaction(async (entries) => {
        const before = await entries.freeze()
        if (before !== undefined) return before
        const at = clock.now()
        const freeze = { by, reason: reason === '' ? 'no reason given' : reason, at }
        await entries.setFreeze(freeze, at)
        await entries.audit({ at, by, kind: 'freeze', subject: 'all', text: freeze.reason, data: { frozen: true } })
        await say(entries, [generalMessage('frozen', at, `frozen by ${by}: ${freeze.reason}`, String(at))], at)
        return freeze
      })
      current().healer.wake()
      return frozen
    },
    async unfreeze(by, reason = '') {
      const lifted = await journal.transaction(async (entries) => {
        if ((await entries.freeze()) === undefined) return false
        const at = clock.now()
        await entries.setFreeze(undefined, at)
        const text = reason === '' ? 'unfrozen' : `unfrozen: ${reason}`
        await entries.audit({ at, by, kind: 'freeze', subject: 'all', text, data: { frozen: false } })
        const told = `unfrozen by ${by}${reason === '' ? '' : `: ${reason}`}`
        await say(entries, [generalMessage('unfrozen', at, told, String(at))], at)
        return true
      })
      if (lifted) dependencies.logger.info({ by, reason }, 'unfrozen by a person')
      current().healer.wake()
      return fileFreeze()
    },
    async silence(incidentId, until, text, by) {
      const at = clock.now()
      const silenced = await journal.transaction(async (entries) => {
        const before = await entries.incident(incidentId)
        if (before === undefined) return undefined
        const silence = { id: newId(at), target: before.target, from: at, until, by, text }
        const words = `silenced until ${new Date(until).toISOString()}${text === '' ? '' : `: ${text}`}`
        const incident = told(before, at, 'silenced', words, { until }, by)
        await entries.addSilence(silence)
        await entries.saveIncidents([incident])
        await entries.audit({
          at,
          by,
          kind: 'silence',
          subject: before.target,
          text: words,
          data: { incident: before.id },
        })
        return { incident, silence }
      })
      if (silenced !== undefined) experience.noteSilence(silenced.silence)
      return silenced
    },
    async silenceOf(target) {
      const at = clock.now()
      const silences = await journal.transaction((entries) => entries.silences(at))
      const own = silences.filter((one) => one.target === target && one.from <= at)
      return own.sort((a, b) => b.until - a.until)[0]
    },
    async rules(counts = () => true) {
      const since = clock.now() - MATCHES_DAYS * DAY_MS
      const matches = matchesByRule([...experience.incidents()].filter(counts), since)
      const standings = await journal.transaction((entries) => entries.standings())
      return current().book.rules.ordered.map((rule): RuleView => {
        const { name, set, priority, when, steps, severity, mode } = rule
        const own = standings.filter((one) => one.rule === name)
        const shown = { name, file: set, priority, when, steps, severity, mode, standings: own }
        return { ...shown, matches: matches.get(name) ?? NO_MATCHES }
      })
    },
  }
}

function notWaiting(action: Action, text: string): NotTaken {
  return { ok: false, why: 'not_waiting', text, action }
}

/** A person's own action: planned, or refused by a guard. */
async function plan(
  entries: JournalEntries,
  { target: id, action, parameters, reason, idempotencyKey }: ManualAction,
  by: string,
  { clock, newId, current }: RemediationDeskDependencies,
): Promise<Requested> {
  const at = clock.now()
  const loop = current()
  const [incident] = await entries.ongoing([id])
  const known = loop.fleet.known.byId(id)
  if (known === undefined && incident === undefined) {
    return { ok: false, why: 'target_not_found', text: `no target ${id} is known` }
  }
  const [wrong] = checkParameters(action, parameters)
  if (wrong !== undefined) return { ok: false, why: 'invalid', text: `${wrong.name ?? 'parameters'}: ${wrong.message}` }
  const target = known ?? { id, labels: incident.labels }
  const labels = incident === undefined ? target.labels : labelsOf(incident, known?.labels)
  const around = await loop.surroundings(entries, at)
  const proposal = {
    rule: MANUAL,
    action,
    parameters,
    severity: 'medium',
    mode: 'auto',
    verification: { afterMs: 30_000, withinMs: 300_000 },
    step: 0,
    steps: 1,
  } as const
  const group = incident?.group ?? loop.groupOf(target.labels)
  const subject = {
    request: { target, action, parameters, labels },
    group,
    proposal,
    changes: {},
    heldCycles: around.attention.heldCycles(id),
    actions: around.ledger.actions,
  }
  const objection = askGuards(situationOf(subject, around))
  const { steps: _, ...wanted } = proposal
  const actionId = newId(at)
  const row: Action = {
    ...wanted,
    id: actionId,
    incidentId: incident?.id,
    key: idempotencyKey === undefined ? `manual:${actionId}` : `manual:${by}:${idempotencyKey}`,
    target: id,
    group,
    state: objection === undefined ? 'PLANNED' : 'REFUSED',
    reason: objection === undefined ? reason : `${objection.guard}: ${objection.reason}`,
    by,
    approvedBy: by,
    call: '',
    epoch: 0,
    createdAt: at,
    expiresAt: at + loop.waitMs,
  }
  if (!(await entries.plan(row))) {
    const earlier = (await entries.actions({ target: id, limit: 1000 })).find(({ key }) => key === row.key)
    if (earlier === undefined)
      return { ok: false, why: 'invalid', text: 'the idempotency key was used for another target' }
    return { ok: true, action: earlier, repeated: true }
  }
  if (incident !== undefined) {
    const state = objection === undefined ? 'acting' : incident.state
    const text = `${action} ${row.state}: ${row.reason}`
    await entries.saveIncidents([
      told({ ...incident, state }, at, 'action', text, { action: row.id, state: row.state }, by),
    ])
  }
  if (objection === undefined) await say(entries, [actionMessage(row, labels, 'acting', at, `${by}: ${reason}`)], at)
  return { ok: true, action: row, repeated: false }
}
