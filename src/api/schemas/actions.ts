import { z } from 'zod'
import { ACTION_STATES } from '../../domain/action.ts'
import { ACTIONS, MODES, SEVERITIES } from '../../domain/decision.ts'
import { Time, Values } from './values.ts'

export const Action = z
  .strictObject({
    id: z.string(),
    incident_id: z.string().nullable(),
    target: z.string(),
    action: z.enum(ACTIONS),
    parameters: Values,
    state: z.enum(ACTION_STATES).describe('AWAITING_APPROVAL: it waits for a person.'),
    mode: z.enum(MODES),
    rule: z.string().describe('`manual` where a person asked.'),
    reason: z.string().describe('Why it is in this state.'),
    created_at: Time,
    started_at: Time.nullable(),
    finished_at: Time.nullable(),
    severity: z.enum(SEVERITIES),
    call: z.string().describe('The exact call; empty until it was prepared.'),
    expires_at: Time.describe('Not begun after this.'),
  })
  .meta({ id: 'Action', description: 'An entry of the ledger: one attempt on one target.' })

export const ActionDetail = Action.extend({
  by: z.string().describe('Who asked for it: `homeostat`, or a person.'),
  approved_by: z.string().nullable(),
}).meta({ id: 'ActionDetail', description: 'An entry of the ledger, and who had a hand in it.' })
