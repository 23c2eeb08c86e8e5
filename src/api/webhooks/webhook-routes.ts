import type { Request, RequestHandler, Response } from 'express'
import type { AlertSource } from '../../domain/alert.ts'
import type { AlertReceipt, ReceiveAlerts } from '../../pipeline/alert-door.ts'
import { JournalError } from '../../pipeline/journal.ts'
import type { Metrics, WebhookResult } from '../../platform/metrics.ts'
import type { Access } from '../auth/access.ts'
import { type Gate, unauthorized } from '../auth/gate.ts'
import { ByteBudget, parseJson, readRaw, release } from '../body.ts'
import { ApiError, type ProblemCode } from '../problem.ts'
import { open, type Route } from '../routes.ts'
import { parseAlerts } from './parse-alerts.ts'
import type { SignatureCheck } from './signature.ts'

/** Alertmanager posts 10,000 alerts in 6 MB. */
const BODY_BYTES = 32 * 1024 * 1024
/** Bodies that may be in memory at once, in bytes. */
const ALL_BODIES_BYTES = 3 * BODY_BYTES
/** The payload has 4 levels; what senders add may have a few more. */
const DEEPEST = 16
const MOST_VALUES = 2_000_000
/** Messages whose alerts are being stored. A sender hangs up after 30 s: a longer queue would be work for nobody. */
const MOST_UNDER_WAY = 512

export interface WebhookOptions {
  readonly access: () => Access
  readonly gate: Gate
  readonly receive: ReceiveAlerts
  readonly metrics: Metrics
}

/** Alerts in. Never a redirect and never 429: Alertmanager takes the one for delivered and the other for refused. */
export function webhookRoutes(options: WebhookOptions): Route[] {
  const budget = new ByteBudget(ALL_BODIES_BYTES)
  let underWay = 0

  async function take(source: AlertSource, req: Request, res: Response): Promise<AlertReceipt> {
    await admit(options, source, req, res)
    const { signature: check } = options.access().webhooks[source]
    const raw = await readRaw(req, { limit: BODY_BYTES, budget })
    const { signature, body } = readSigned(req, raw, check)
    const { alerts, truncated, reason } = parseAlerts(source, body)
    // Nothing means nothing, and what was heard before is not heard again.
    if (alerts.length === 0) return { taken: 0, repeated: 0, incidents: [] }
    if (signature !== undefined && check?.seen(signature)) return { taken: 0, repeated: alerts.length, incidents: [] }
    if (underWay >= MOST_UNDER_WAY) throw new ApiError('overloaded', 'too many alerts are being stored; try again')
    underWay += 1
    try {
      const receipt = await options.receive(alerts, truncated, reason)
      if (signature !== undefined) check?.taken(signature)
      return receipt
    } finally {
      underWay -= 1
    }
  }

  const handle = (source: AlertSource): RequestHandler => {
    return async (req, res) => {
      try {
        const { taken, repeated, incidents } = await take(source, req, res)
        options.metrics.webhookAnswered(source, taken > 0 ? 'accepted' : 'duplicate')
        res.status(taken > 0 ? 202 : 200).json({ taken, repeated, incidents: incidents.length })
      } catch (error) {
        const told = problemOf(error)
        const code = told instanceof ApiError ? told.code : undefined
        options.metrics.webhookAnswered(source, resultOf(code))
        if (code === 'overloaded' || code === 'storage_unavailable') res.set('Retry-After', '5')
        if (code === 'request_timeout') res.set('Connection', 'close')
        throw told
      }
    }
  }

  const [alertmanager, grafana] = [open(handle('alertmanager')), open(handle('grafana'))]
  return [
    { pattern: '/api/v1/webhooks/alertmanager', methods: { POST: alertmanager } },
    { pattern: '/api/v1/webhooks/grafana', methods: { POST: grafana, PUT: grafana } },
  ]
}

/** @throws {ApiError} `unauthorized` where a signature is asked for and does not hold; as `parseJson` */
function readSigned(req: Request, raw: Buffer, check: SignatureCheck | undefined) {
  try {
    const signature = check?.verify(req, raw)
    if (check !== undefined && signature === undefined)
      throw new ApiError('unauthorized', 'the signature is missing, wrong, or too old')
    return { signature, body: parseJson(raw, { deepest: DEEPEST, mostValues: MOST_VALUES }) }
  } finally {
    release(raw)
  }
}

/** @throws {ApiError} unless the sender has shown what it should */
async function admit({ access, gate }: WebhookOptions, source: AlertSource, req: Request, res: Response) {
  const { identify, signature } = access().webhooks[source]
  if (identify !== undefined) {
    if ((await identify.request(req)) === undefined) throw unauthorized(res, identify)
  } else if (signature === undefined) await gate.admit(req, res, { role: 'operate', wholeFleet: true })
}

function problemOf(error: unknown): unknown {
  if (!(error instanceof JournalError)) return error
  return new ApiError('storage_unavailable', 'the alerts could not be stored; send them again', { cause: error })
}

function resultOf(code: ProblemCode | undefined): WebhookResult {
  switch (code) {
    case 'unauthorized':
    case 'forbidden':
    case 'csrf_token_missing':
    case 'cross_site':
      return 'unauthorized'
    case 'body_too_large':
      return 'too_large'
    case 'request_timeout':
      return 'timeout'
    case 'invalid_body':
    case 'unsupported_media_type':
    case 'unprocessable':
      return 'invalid'
    default:
      return 'unavailable'
  }
}
