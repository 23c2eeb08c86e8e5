import { z } from 'zod'
import { EventsQuery, ScoresQuery, TargetsQuery } from '../schemas/queries.ts'
import { Status } from '../schemas/status.ts'
import { Fleet, Target, TargetDetail, TargetScores } from '../schemas/targets.ts'
import { pageOf } from '../schemas/values.ts'
import type { Operation } from './operation.ts'

const parts = { id: 'The id of a target, percent-encoded: `web-1:9100%40node`.' }
const EVENTS =
  'Server-sent events. The name of an event is a key of the schema `Events`, its data the JSON of the value; every one but `heartbeat` has an id. A browser that comes back goes on where it was. What lies outside of what a credential sees is not sent. The stream ends with the session, and when another configuration is in force.'

export const fleetOperations: readonly Operation[] = [
  {
    method: 'GET',
    pattern: '/api/v1/fleet',
    tag: 'fleet',
    summary: 'Every target in short, in one answer',
    description: 'For a first picture; `GET /api/v1/events` tells what changes from there.',
    role: 'read',
    answers: { 200: { description: 'All targets that are seen.', schema: Fleet } },
  },
  {
    method: 'GET',
    pattern: '/api/v1/targets',
    tag: 'fleet',
    summary: 'The latest result of every target',
    role: 'read',
    query: TargetsQuery,
    answers: { 200: { description: 'A page of targets, by id.', schema: pageOf(Target) } },
  },
  {
    method: 'GET',
    pattern: '/api/v1/targets/{id}',
    tag: 'fleet',
    summary: 'What is known of one target',
    role: 'read',
    parts,
    answers: { 200: { description: 'The target.', schema: TargetDetail } },
    problems: ['target_not_found'],
  },
  {
    method: 'GET',
    pattern: '/api/v1/targets/{id}/scores',
    tag: 'fleet',
    summary: 'Recent scores of a target, for charts',
    description:
      'The last hour from memory; what lies before from the Prometheus that is observed, where it scrapes Homeostat. Features from Prometheus, or from what was kept on disk. 720 points at most.',
    role: 'read',
    parts,
    query: ScoresQuery,
    answers: { 200: { description: 'The scores.', schema: TargetScores } },
    problems: ['target_not_found', 'overloaded'],
  },
  {
    method: 'GET',
    pattern: '/api/v1/events',
    tag: 'fleet',
    summary: 'What happens, as it happens',
    description: EVENTS,
    role: 'read',
    query: EventsQuery,
    headers: z.object({
      'Last-Event-ID': z.string().meta({ description: 'The id of the last event that was heard.' }).optional(),
    }),
    answers: { 200: { description: 'A stream without an end.', schema: z.string(), type: 'text/event-stream' } },
    problems: ['too_many_streams', 'overloaded'],
  },
  {
    method: 'GET',
    pattern: '/api/v1/status',
    tag: 'service',
    summary: 'How Homeostat itself is',
    role: 'read',
    answers: { 200: { description: 'Sources, receivers, configuration, counts.', schema: Status } },
  },
]
