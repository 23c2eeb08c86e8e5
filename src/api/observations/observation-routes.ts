import type { Request, RequestHandler } from 'express'
import { JournalError } from '../../pipeline/journal.ts'
import type { NotHeard, ReceiveReading } from '../../pipeline/push.ts'
import type { Metrics, ObservationResult } from '../../platform/metrics.ts'
import type { Gate } from '../auth/gate.ts'
import { ByteBudget, parseJson, readRaw } from '../body.ts'
import { ApiError, type ProblemCode } from '../problem.ts'
import { open, type Route } from '../routes.ts'
import { observationJson } from './observation-json.ts'
import { parseObservation } from './parse-observation.ts'

/** 64 metrics and 32 labels fit many times. */
const BODY_BYTES = 256 * 1024
const ALL_BODIES_BYTES = 64 * 1024 * 1024
const JSON_LIMITS = { deepest: 4, mostValues: 1000 }
/** What programs write for numbers that JSON does not have. */
const NO_NUMBER = /[:,[\s](NaN|[-+]?Infinity|[-+]?Inf)\s*[,}\]]/

export interface ObservationOptions {
  readonly gate: Gate
  readonly receive: ReceiveReading
  readonly metrics: Metrics
}

/** Readings in, one at a time; the answer is what the whole pipeline made of it. For those who may act. */
export function observationRoutes({ gate, receive, metrics }: ObservationOptions): Route[] {
  const budget = new ByteBudget(ALL_BODIES_BYTES)

  const handle: RequestHandler = async (req, res) => {
    try {
      const { sees } = await gate.admit(req, res, { role: 'operate' })
      const reading = parseObservation(await readJson(req, budget))
      if (sees?.({ ...reading.labels, instance: reading.service, job: 'push' }) === false)
        throw new ApiError('target_not_found', 'the credential is for other targets than this service')
      const answer = await receive(reading)
      if (!answer.ok) throw new ApiError(PROBLEM[answer.why], answer.text)
      metrics.observationAnswered('accepted')
      res.json(observationJson(reading, answer.judgement))
    } catch (error) {
      const told = problemOf(error)
      const code = told instanceof ApiError ? told.code : undefined
      metrics.observationAnswered(resultOf(code))
      if (code === 'overloaded' || code === 'storage_unavailable') res.set('Retry-After', '1')
      if (code === 'request_timeout') res.set('Connection', 'close')
      throw told
    }
  }
  return [{ pattern: '/api/v1/observations', methods: { POST: open(handle) } }]
}

const PROBLEM: Readonly<Record<NotHeard['why'], ProblemCode>> = {
  older: 'observation_too_old',
  future: 'unprocessable',
  full: 'overloaded',
  too_many_metrics: 'unprocessable',
  busy: 'overloaded',
}

async function readJson(req: Request, budget: ByteBudget): Promise<unknown> {
  const raw = await readRaw(req, { limit: BODY_BYTES, budget })
  try {
    return parseJson(raw, JSON_LIMITS)
  } catch (error) {
    const found = NO_NUMBER.exec(raw.toString())?.[1]
    if (found === undefined) throw error
    throw new ApiError('invalid_body', `${found} is no number in JSON: leave out what is not known`)
  }
}

function problemOf(error: unknown): unknown {
  if (!(error instanceof JournalError)) return error
  const text = 'the reading was scored, but what follows from it could not be stored; go on with the next one'
  return new ApiError('storage_unavailable', text, { cause: error })
}

function resultOf(code: ProblemCode | undefined): ObservationResult {
  switch (code) {
    case 'unauthorized':
    case 'forbidden':
    case 'csrf_token_missing':
    case 'cross_site':
    case 'target_not_found':
      return 'unauthorized'
    case 'body_too_large':
      return 'too_large'
    case 'request_timeout':
      return 'timeout'
    case 'observation_too_old':
      return 'older'
    case 'invalid_body':
    case 'unsupported_media_type':
    case 'unprocessable':
      return 'invalid'
    default:
      return 'unavailable'
  }
}
