import type { Response } from 'express'
import type { ConfigProblemJson, ProblemJson } from './contract.ts'

/** What can go wrong with a request. Codes are part of the contract: add, never rename. */
const PROBLEMS = {
  bad_request: [400, 'Bad request'],
  invalid_parameter: [400, 'Invalid parameter'],
  invalid_body: [400, 'Invalid body'],
  unauthorized: [401, 'Unauthorized'],
  forbidden: [403, 'Forbidden'],
  cross_site: [403, 'Request from another site'],
  csrf_token_missing: [403, 'CSRF token missing or wrong'],
  not_found: [404, 'Not found'],
  target_not_found: [404, 'No such target'],
  incident_not_found: [404, 'No such incident'],
  action_not_found: [404, 'No such action'],
  model_not_found: [404, 'No such model'],
  method_not_allowed: [405, 'Method not allowed'],
  request_timeout: [408, 'Request timeout'],
  action_not_waiting: [409, 'The action does not wait for an answer'],
  observation_too_old: [409, 'A newer reading is known'],
  body_too_large: [413, 'Body too large'],
  unsupported_media_type: [415, 'Unsupported media type'],
  unprocessable: [422, 'Cannot be processed'],
  too_many_attempts: [429, 'Too many attempts'],
  too_many_streams: [429, 'Too many streams of events'],
  config_invalid: [500, 'Configuration refused'],
  internal: [500, 'Internal error'],
  overloaded: [503, 'Overloaded'],
  storage_unavailable: [503, 'Storage unavailable'],
  identity_unavailable: [503, 'Identity cannot be checked'],
} as const satisfies Record<string, readonly [number, string]>

export type ProblemCode = keyof typeof PROBLEMS

export const PROBLEM_CODES = Object.keys(PROBLEMS) as ProblemCode[]

export function statusOf(code: ProblemCode): number {
  return PROBLEMS[code][0]
}

/** A request that cannot be answered as asked. The message goes to the client. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ProblemCode

  constructor(code: ProblemCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Answers with an RFC 9457 problem. */
export function sendProblem(
  res: Response,
  code: ProblemCode,
  detail: string,
  problems?: readonly ConfigProblemJson[],
): void {
  const [status, title] = PROBLEMS[code]
  const body: ProblemJson = { type: 'about:blank', title, status, code, detail, problems }
  res.status(status).type('application/problem+json').send(JSON.stringify(body))
}
