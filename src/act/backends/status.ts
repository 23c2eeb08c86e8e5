import { EffectError, type EffectFailure } from '../../pipeline/effects.ts'
import { stopReason } from '../deadline.ts'
import { type Answer, NoAnswer } from './transport.ts'

/** One request as its failure is told: `Docker: restart of web`. */
export interface Asked {
  readonly what: string
  /** Whether it changes something: then only a clear refusal means that nothing happened. */
  readonly changes: boolean
  /** What to do about 401 and 403. */
  readonly access: string
}

/** An answer that is not 2xx as an error; `words` are the server's own. */
export function refusal({ what, changes, access }: Asked, status: number, words: string): EffectError {
  const { reason, refused, hint } = verdictOf(status)
  const told = [`${what}: answered ${status}`, words, reason === 'unauthorized' ? access : hint].filter(Boolean)
  return new EffectError(reason, changes && !refused ? 'unknown' : 'no', told.join('; '))
}

/** Any thrown thing of a request as an error. */
export function failure({ what, changes }: Asked, error: unknown, signal: AbortSignal): EffectError {
  if (error instanceof EffectError) return error
  const sent = !(error instanceof NoAnswer) || error.sent
  const reason = signal.aborted ? stopReason(signal) : codeReason(error)
  const message = `${what}: ${error instanceof Error ? error.message : String(error)}`
  return new EffectError(reason, changes && sent ? 'unknown' : 'no', message)
}

export const isSuccess = ({ status }: Answer) => status >= 200 && status < 300

interface Verdict {
  readonly reason: EffectFailure
  /** Whether the status says for sure that nothing was done. */
  readonly refused: boolean
  readonly hint?: string
}

function verdictOf(status: number): Verdict {
  if (status === 401 || status === 403) return { reason: 'unauthorized', refused: true }
  if (status === 404 || status === 410) return { reason: 'not_found', refused: true }
  if (status === 409 || status === 412) {
    return { reason: 'precondition', refused: true, hint: 'it was changed since it was looked at' }
  }
  if (status === 429) return { reason: 'unavailable', refused: true, hint: 'it has too much to do' }
  if (status >= 400 && status < 500) return { reason: 'rejected', refused: true }
  // A server, or a proxy before it, may fail halfway; a redirect may come after the deed.
  if (status >= 500) return { reason: 'unavailable', refused: false }
  return { reason: 'rejected', refused: false, hint: 'redirects are not followed' }
}

function codeReason(error: unknown): EffectFailure {
  return error instanceof NoAnswer && error.code === 'EACCES' ? 'unauthorized' : 'unavailable'
}
