import type { Action } from '../../domain/action.ts'
import type { Freeze } from '../../domain/safety.ts'
import type { ManualAction, Remediation } from '../remediation.ts'
import { incidentOf, NOON } from './fake-incidents.ts'

/** A planned restart, changed where a test needs it. */
export function actionOf(id: string, changes: Partial<Action> = {}): Action {
  return {
    id,
    incidentId: 'i1',
    key: id,
    target: 'web-1@node',
    group: 'node',
    action: 'restart',
    parameters: { container: 'web' },
    severity: 'high',
    mode: 'auto',
    rule: 'leak',
    step: 0,
    verification: { afterMs: 1000, withinMs: 60_000 },
    state: 'PLANNED',
    reason: '',
    by: 'homeostat',
    call: 'POST /containers/web/restart',
    epoch: 0,
    createdAt: NOON,
    expiresAt: NOON + 600_000,
    ...changes,
  }
}

export interface FakeRemediation extends Remediation {
  readonly asked: { readonly manual: ManualAction; readonly by: string }[]
  readonly said: string[]
}

/** Remediation in memory that believes whatever it is told; actions oldest first as given. */
export function fakeRemediation(given: readonly Action[] = []): FakeRemediation {
  const all = new Map(given.map((action) => [action.id, action]))
  const asked: FakeRemediation['asked'][number][] = []
  const said: string[] = []
  let freeze: Freeze | undefined
  const decide = (id: string, state: Action['state'], text: string) => {
    const action = all.get(id)
    if (action === undefined) return { ok: false, why: 'not_found', text: 'gone' } as const
    if (action.state !== 'AWAITING_APPROVAL')
      return { ok: false, why: 'not_waiting', text: `it is ${action.state}`, action } as const
    said.push(text)
    all.set(id, { ...action, state })
    return { ok: true, action: all.get(id)! } as const
  }
  return {
    asked,
    said,
    async actions({ target, incidentId, states, before, limit }) {
      const found = [...all.values()].reverse().filter((one) => {
        const fits = (wanted: string | undefined, value: string | undefined) => wanted === undefined || wanted === value
        if (!fits(target, one.target) || !fits(incidentId, one.incidentId)) return false
        return (before === undefined || one.id < before) && (states === undefined || states.includes(one.state))
      })
      return { items: found.slice(0, limit), more: found.length > limit }
    },
    action: async (id) => all.get(id),
    labelsOf: async ({ target }) => {
      const [instance, job] = target.split('@')
      return { instance, job }
    },
    approve: async (id, by) => decide(id, 'PLANNED', `approve ${id} ${by}`),
    deny: async (id, by, reason) => decide(id, 'REFUSED', `deny ${id} ${by} ${reason}`),
    async request(manual, by) {
      if (manual.target.startsWith('nobody')) return { ok: false, why: 'target_not_found', text: 'unknown' }
      if (manual.parameters['bad'] !== undefined) return { ok: false, why: 'invalid', text: 'bad is not a parameter' }
      const repeated = asked.some((one) => one.manual.idempotencyKey === manual.idempotencyKey && one.by === by)
      asked.push({ manual, by })
      return { ok: true, action: actionOf('a9', { rule: 'manual', by, ...manual }), repeated }
    },
    frozen: async () => freeze,
    async freeze(reason, by) {
      freeze ??= { reason, by, at: NOON }
      return freeze
    },
    async unfreeze(by, reason) {
      said.push(`unfreeze ${by} ${reason}`)
      freeze = undefined
      return freeze
    },
    async silence(incidentId, until, text, by) {
      const incident = incidentOf(incidentId, 'web-1@node', 0)
      return { incident, silence: { id: 's1', target: incident.target, from: NOON, until, by, text } }
    },
    silenceOf: async () => undefined,
    rules: async () => [
      {
        name: 'leak',
        file: 'rules/hosts.yaml',
        priority: 10,
        when: 'level > 1.0',
        steps: [{ action: 'restart', parameters: {} }],
        severity: 'high',
        mode: 'auto',
        matches: { count: 1, lastAt: NOON, verdicts: { execute: 1, ask: 0, observe: 0, refuse: 0, none: 0 } },
        standings: [{ rule: 'leak', group: 'node', mode: 'suggest', right: 3, wrong: 0, since: NOON }],
      },
    ],
  }
}
