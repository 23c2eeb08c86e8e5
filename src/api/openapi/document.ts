import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi'
import { z } from 'zod'
import { type ProblemCode, statusOf } from '../problem.ts'
import { Problem } from '../schemas/answers.ts'
import { Events } from '../schemas/events.ts'
import { type Operation, TAGS } from './operation.ts'
import { OPERATIONS } from './operations.ts'

const DESCRIPTION = [
  'Everything that the dashboard shows and does. Errors are problems of RFC 9457 with a stable `code`; lists are pages',
  'with a `next_cursor`; names are snake_case, times ISO 8601 UTC, durations seconds, and what is not known is null.',
  'Who asks shows a token, a user name and password, a JWT, or the cookie of a session; on loopback nobody is asked who',
  'they are unless `web.auth` says so. Each operation names the role that it needs: read, operate or admin.',
].join('\n')

/** The description of the API, OpenAPI 3.1, made of the schemas that read requests. @param version of Homeostat */
export function openApiDocument(version: string) {
  const registry = new OpenAPIRegistry()
  registry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' })
  registry.registerComponent('securitySchemes', 'basic', { type: 'http', scheme: 'basic' })
  registry.registerComponent('securitySchemes', 'session', { type: 'apiKey', in: 'cookie', name: 'homeostat_session' })
  for (const operation of OPERATIONS) registry.registerPath(pathOf(operation))
  return new OpenApiGeneratorV31([...registry.definitions, { type: 'schema', schema: Events }]).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Homeostat',
      version,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    // Relative to where this document lies, so that it holds behind a path of a proxy.
    servers: [{ url: '../..' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
  })
}

function pathOf(operation: Operation): RouteConfig {
  const { method, pattern, tag, summary, parts, query, headers, body, bodyOptional = false } = operation
  const params =
    parts && z.object(Object.fromEntries(Object.entries(parts).map(([name, meaning]) => [name, part(meaning)])))
  return {
    method: method.toLowerCase() as Lowercase<Operation['method']>,
    path: pattern,
    operationId: operationId(operation),
    tags: [tag],
    summary,
    description: [operation.description, whoMay(operation)].filter(Boolean).join(' '),
    security: operation.role === 'open' ? [] : [{ bearer: [] }, { basic: [] }, { session: [] }],
    request: {
      params,
      query,
      headers,
      body: body && { required: !bodyOptional, content: { 'application/json': { schema: body } } },
    },
    responses: { ...goodAnswers(operation), ...badAnswers(operation) },
  }
}

function part(meaning: string): z.ZodString {
  return z.string().meta({ description: meaning })
}

/** `GET /api/v1/targets/{id}/scores` is `get_targets_id_scores`. */
function operationId({ method, pattern }: Operation): string {
  const words = pattern.replace(/^\/api(\/v1)?/, '').match(/[A-Za-z0-9]+/g) ?? ['dashboard']
  return [method.toLowerCase(), ...words].join('_')
}

function whoMay({ role, wholeFleet = false }: Operation): string {
  if (role === 'open') return 'Open to all.'
  if (role === 'sender') return 'For senders of alerts, by the credential of `webhooks`; without one, for role operate.'
  return `Needs the role ${role}${wholeFleet ? ', for the whole fleet' : ''}.`
}

function goodAnswers({ answers }: Operation): RouteConfig['responses'] {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema, type = 'application/json' }]) => {
      return [status, schema === undefined ? { description } : { description, content: { [type]: { schema } } }]
    }),
  )
}

function badAnswers(operation: Operation): RouteConfig['responses'] {
  const byStatus = new Map<number, ProblemCode[]>()
  for (const code of problemsOf(operation))
    byStatus.set(statusOf(code), [...(byStatus.get(statusOf(code)) ?? []), code])
  const entries = [...byStatus].map(([status, codes]) => {
    const description = codes.map((code) => `\`${code}\``).join(', ')
    return [status, { description, content: { 'application/problem+json': { schema: Problem } } }] as const
  })
  // A status that has a good answer as well is told with that one.
  return Object.fromEntries(entries.filter(([status]) => !(status in operation.answers)))
}

/** Everything that can go wrong with an operation, whatever comes with its role, method and parameters included. */
export function problemsOf({ method, role, query, body, problems = [] }: Operation): readonly ProblemCode[] {
  const found = new Set<ProblemCode>(problems)
  const changes = method !== 'GET'
  if (role !== 'open')
    for (const code of ['unauthorized', 'forbidden', 'identity_unavailable', 'overloaded'] as const) found.add(code)
  if (changes) found.add('cross_site')
  if (changes && role !== 'open') found.add('csrf_token_missing')
  if (query !== undefined) found.add('invalid_parameter')
  if (body !== undefined)
    for (const code of [
      'invalid_body',
      'body_too_large',
      'unsupported_media_type',
      'request_timeout',
      'unprocessable',
    ] as const)
      found.add(code)
  return [...found]
}
