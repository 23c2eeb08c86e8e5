import { z } from 'zod'
import { Action, ActionDetail } from '../schemas/actions.ts'
import { Change } from '../schemas/answers.ts'
import { ChangeBody, DenyBody, FeedbackBody, ManualBody, Nothing, ReasonBody, SilenceBody } from '../schemas/bodies.ts'
import { Incident, IncidentDetail } from '../schemas/incidents.ts'
import { ActionsQuery, IncidentsQuery } from '../schemas/queries.ts'
import { Freeze } from '../schemas/status.ts'
import { pageOf } from '../schemas/values.ts'
import type { Operation } from './operation.ts'

const incident = { id: 'The id of an incident.' }
const action = { id: 'The id of an action.' }
const theIncident = { 200: { description: 'The incident as it is now.', schema: IncidentDetail } }
const theAction = { 200: { description: 'The action as it is now.', schema: ActionDetail } }
const theFreeze = { 200: { description: 'Whether all actions are stopped.', schema: Freeze } }

export const incidentOperations: readonly Operation[] = [
  {
    method: 'GET',
    pattern: '/api/v1/incidents',
    tag: 'incidents',
    summary: 'Incidents, newest first',
    role: 'read',
    query: IncidentsQuery,
    answers: { 200: { description: 'A page of incidents.', schema: pageOf(Incident) } },
    problems: ['storage_unavailable'],
  },
  {
    method: 'GET',
    pattern: '/api/v1/incidents/{id}',
    tag: 'incidents',
    summary: 'One incident, from its first sign to proof of recovery',
    role: 'read',
    parts: incident,
    answers: theIncident,
    problems: ['incident_not_found', 'storage_unavailable'],
  },
  {
    method: 'POST',
    pattern: '/api/v1/incidents/{id}/acknowledge',
    tag: 'incidents',
    summary: 'Say that somebody looks after it',
    role: 'operate',
    parts: incident,
    body: Nothing,
    bodyOptional: true,
    answers: theIncident,
    problems: ['incident_not_found', 'storage_unavailable'],
  },
  {
    method: 'POST',
    pattern: '/api/v1/incidents/{id}/feedback',
    tag: 'incidents',
    summary: 'Say whether it was worth knowing',
    description: 'Moves the false-alarm budget of the target, and what the rule has earned.',
    role: 'operate',
    parts: incident,
    body: FeedbackBody,
    answers: theIncident,
    problems: ['incident_not_found', 'storage_unavailable'],
  },
  {
    method: 'POST',
    pattern: '/api/v1/incidents/{id}/silence',
    tag: 'incidents',
    summary: 'No action and no message for its target for a while',
    role: 'operate',
    parts: incident,
    body: SilenceBody,
    answers: theIncident,
    problems: ['incident_not_found', 'storage_unavailable'],
  },
  {
    method: 'POST',
    pattern: '/api/v1/changes',
    tag: 'incidents',
    summary: 'Mark a deploy or a maintenance window',
    description: 'No model is trained on what the targets did then.',
    role: 'operate',
    body: ChangeBody,
    answers: { 201: { description: 'It is kept.', schema: Change } },
    problems: ['target_not_found', 'storage_unavailable'],
  },
  {
    method: 'GET',
    pattern: '/api/v1/actions',
    tag: 'actions',
    summary: 'The ledger, newest first',
    role: 'read',
    query: ActionsQuery,
    answers: { 200: { description: 'A page of actions.', schema: pageOf(Action) } },
    problems: ['storage_unavailable'],
  },
  {
    method: 'POST',
    pattern: '/api/v1/actions',
    tag: 'actions',
    summary: 'Ask for an action',
    description:
      'It goes through the same guards as any other; refused ones are answered with their words in `reason`.',
    role: 'operate',
    headers: z.object({
      'Idempotency-Key': z
        .string()
        .regex(/^[\x21-\x7e]{1,200}$/)
        .meta({ description: 'Two requests of one person with the same key are one.' })
        .optional(),
    }),
    body: ManualBody,
    answers: {
      201: { description: 'It is planned, or refused by a guard.', schema: ActionDetail },
      200: { description: 'The same was asked before with this key.', schema: ActionDetail },
    },
    problems: ['invalid_parameter', 'target_not_found', 'unprocessable', 'storage_unavailable'],
  },
  {
    method: 'GET',
    pattern: '/api/v1/actions/{id}',
    tag: 'actions',
    summary: 'One action',
    role: 'read',
    parts: action,
    answers: theAction,
    problems: ['action_not_found', 'storage_unavailable'],
  },
  {
    method: 'POST',
    pattern: '/api/v1/actions/{id}/approve',
    tag: 'actions',
    summary: 'Say yes to an action that waits',
    description: 'The guards are asked again before it is begun.',
    role: 'operate',
    parts: action,
    body: Nothing,
    bodyOptional: true,
    answers: theAction,
    problems: ['action_not_found', 'action_not_waiting', 'storage_unavailable'],
  },
  {
    method: 'POST',
    pattern: '/api/v1/actions/{id}/deny',
    tag: 'actions',
    summary: 'Say no to an action that waits',
    role: 'operate',
    parts: action,
    body: DenyBody,
    bodyOptional: true,
    answers: theAction,
    problems: ['action_not_found', 'action_not_waiting', 'storage_unavailable'],
  },
  {
    method: 'GET',
    pattern: '/api/v1/freeze',
    tag: 'actions',
    summary: 'The kill switch',
    role: 'read',
    answers: theFreeze,
    problems: ['storage_unavailable'],
  },
  {
    method: 'POST',
    pattern: '/api/v1/freeze',
    tag: 'actions',
    summary: 'Stop all actions',
    role: 'operate',
    wholeFleet: true,
    body: ReasonBody,
    bodyOptional: true,
    answers: theFreeze,
    problems: ['storage_unavailable'],
  },
  {
    method: 'POST',
    pattern: '/api/v1/unfreeze',
    tag: 'actions',
    summary: 'Let actions go on',
    role: 'admin',
    wholeFleet: true,
    body: ReasonBody,
    bodyOptional: true,
    answers: theFreeze,
    problems: ['storage_unavailable'],
  },
]
