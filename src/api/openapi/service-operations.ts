import { z } from 'zod'
import { Kpis, ObservationResult, Receipt } from '../schemas/answers.ts'
import { SignInBody } from '../schemas/bodies.ts'
import { ModelDetail, ModelListing } from '../schemas/models.ts'
import { KpisQuery, PageQuery } from '../schemas/queries.ts'
import { Rule } from '../schemas/rules.ts'
import { Session } from '../schemas/status.ts'
import { pageOf } from '../schemas/values.ts'
import type { Answer, Operation } from './operation.ts'

const text = (description: string): Answer => ({ description, schema: z.string(), type: 'text/plain' })
const page = (description: string): Answer => ({ description, schema: z.string(), type: 'text/html' })

const ObservationBody = z
  .strictObject({
    service: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/),
    timestamp: z.iso.datetime({ offset: true }),
    labels: z.record(z.string(), z.string().max(4096)).optional().describe('Up to 32; not `instance` and `job`.'),
    metrics: z.record(z.string().regex(/^[a-z][a-z0-9_]{0,63}$/), z.number()).describe('1 to 64 of them.'),
  })
  .meta({
    example: {
      service: 'checkout',
      timestamp: '2026-11-21T10:00:00Z',
      metrics: { cpu_percent: 91.2, request_latency_ms: 438 },
    },
  })

const AlertmanagerBody = z.looseObject({ alerts: z.array(z.looseObject({})) }).describe('Version 4 of the webhook.')
const GrafanaBody = z.looseObject({ alerts: z.array(z.looseObject({})) }).describe('Version 1 of the webhook.')
const received = {
  202: { description: 'Stored.', schema: Receipt },
  200: { description: 'Nothing new in it.', schema: Receipt },
}
const bodyProblems = ['body_too_large', 'unsupported_media_type', 'request_timeout', 'unprocessable'] as const
const storeProblems = ['overloaded', 'storage_unavailable'] as const

export const serviceOperations: readonly Operation[] = [
  {
    method: 'GET',
    pattern: '/api/v1/rules',
    tag: 'knowledge',
    summary: 'The rules in force, in the order in which they are asked',
    role: 'read',
    answers: { 200: { description: 'All rules.', schema: pageOf(Rule) } },
    problems: ['storage_unavailable'],
  },
  {
    method: 'GET',
    pattern: '/api/v1/models',
    tag: 'knowledge',
    summary: 'The models in use',
    role: 'read',
    query: PageQuery,
    answers: { 200: { description: 'A page of models, by id.', schema: pageOf(ModelListing) } },
  },
  {
    method: 'GET',
    pattern: '/api/v1/models/{unit}',
    tag: 'knowledge',
    summary: 'A model in use, its versions and contests',
    role: 'read',
    parts: { unit: 'What it is trained for, percent-encoded: `group%3Anode`.' },
    answers: { 200: { description: 'The model.', schema: ModelDetail } },
    problems: ['model_not_found'],
  },
  {
    method: 'GET',
    pattern: '/api/v1/kpis',
    tag: 'knowledge',
    summary: 'How well trouble was detected and healed',
    role: 'read',
    wholeFleet: true,
    query: KpisQuery,
    answers: { 200: { description: 'Of a period.', schema: Kpis } },
    problems: ['storage_unavailable'],
  },
  {
    method: 'POST',
    pattern: '/api/v1/observations',
    tag: 'intake',
    summary: 'Push one reading of a service',
    description: 'The answer is what the whole pipeline made of it. The effect of an action happens after the answer.',
    role: 'operate',
    body: ObservationBody,
    answers: {
      200: { description: 'Observation, scores, verdict, diagnosis, decision, action.', schema: ObservationResult },
    },
    problems: [...bodyProblems, ...storeProblems, 'target_not_found', 'observation_too_old'],
  },
  ...(['POST', 'PUT'] as const).map(
    (method): Operation => ({
      method,
      pattern: '/api/v1/webhooks/grafana',
      tag: 'intake',
      summary: 'Alerts of Grafana',
      role: 'sender',
      body: GrafanaBody,
      answers: received,
      problems: [...bodyProblems, ...storeProblems],
    }),
  ),
  {
    method: 'POST',
    pattern: '/api/v1/webhooks/alertmanager',
    tag: 'intake',
    summary: 'Alerts of Alertmanager',
    role: 'sender',
    body: AlertmanagerBody,
    answers: received,
    problems: [...bodyProblems, ...storeProblems],
  },
  {
    method: 'GET',
    pattern: '/api/v1/session',
    tag: 'session',
    summary: 'Who asks, and what they may do',
    role: 'read',
    answers: { 200: { description: 'Who it is.', schema: Session } },
  },
  {
    method: 'POST',
    pattern: '/api/v1/session',
    tag: 'session',
    summary: 'Sign in with a browser',
    description: 'By a token (a JWT as well) or a password. Sets a cookie that scripts cannot read.',
    role: 'open',
    body: SignInBody,
    answers: { 200: { description: 'Signed in.', schema: Session } },
    problems: ['unauthorized', 'too_many_attempts', 'overloaded', 'identity_unavailable'],
  },
  {
    method: 'DELETE',
    pattern: '/api/v1/session',
    tag: 'session',
    summary: 'Sign out',
    role: 'open',
    answers: { 204: { description: 'Signed out.' } },
  },
  {
    method: 'GET',
    pattern: '/api/v1/openapi.json',
    tag: 'service',
    summary: 'This description',
    role: 'open',
    answers: { 200: { description: 'OpenAPI 3.1.', schema: z.looseObject({ openapi: z.string() }) } },
  },
  {
    method: 'GET',
    pattern: '/api/docs',
    tag: 'service',
    summary: 'This description, to try out',
    role: 'open',
    answers: { 200: page('A page.') },
  },
  {
    method: 'GET',
    pattern: '/api/docs/{file}',
    tag: 'service',
    summary: 'What that page is made of',
    role: 'open',
    parts: { file: 'Its name.' },
    answers: { 200: { description: 'The file.' } },
    problems: ['not_found'],
  },
  {
    method: 'GET',
    pattern: '/',
    tag: 'service',
    summary: 'The dashboard',
    role: 'open',
    answers: { 200: page('A page.') },
  },
  {
    method: 'GET',
    pattern: '/assets/{name}',
    tag: 'service',
    summary: 'What the dashboard is made of',
    role: 'open',
    parts: { name: 'Its name, which says what is in it.' },
    answers: { 200: { description: 'The file, to be kept for good.' } },
    problems: ['not_found'],
  },
  {
    method: 'GET',
    pattern: '/icon.svg',
    tag: 'service',
    summary: 'The icon of the dashboard',
    role: 'open',
    answers: { 200: { description: 'A picture.', schema: z.string(), type: 'image/svg+xml' } },
  },
  {
    method: 'GET',
    pattern: '/metrics',
    tag: 'service',
    summary: 'Scores and metrics, for Prometheus to scrape',
    description: 'With `web.metrics_auth`, for those who may read the whole fleet.',
    role: 'open',
    answers: { 200: text('The text format of Prometheus.') },
    problems: ['overloaded', 'unauthorized', 'forbidden'],
  },
  {
    method: 'GET',
    pattern: '/-/healthy',
    tag: 'service',
    summary: 'Whether the process answers',
    role: 'open',
    answers: { 200: text('It does.') },
  },
  {
    method: 'GET',
    pattern: '/-/ready',
    tag: 'service',
    summary: 'Whether the first cycle is done',
    role: 'open',
    answers: { 200: text('It is.'), 503: text('It is not yet.') },
  },
  {
    method: 'POST',
    pattern: '/-/reload',
    tag: 'service',
    summary: 'Load the configuration again',
    description: 'What is refused leaves the old one in force.',
    role: 'admin',
    wholeFleet: true,
    answers: { 200: text('Loaded.') },
    problems: ['config_invalid'],
  },
]
