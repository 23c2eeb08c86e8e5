import { EffectError } from '../pipeline/effects.ts'
import { REDACTED, redactUrls } from '../platform/secrets.ts'

/** Longer messages help nobody, and a server decides how long its own is. */
const MAX_MESSAGE = 600

/** A text that others had a part in, fit for a message: without the given secrets, credentials and control characters. */
export function redact(text: string, secrets: readonly string[] = []): string {
  let clean = text
  for (const secret of secrets) if (secret !== '') clean = clean.replaceAll(secret, REDACTED)
  clean = redactUrls(clean).replace(/\p{C}+/gu, ' ')
  return clean.length > MAX_MESSAGE ? `${clean.slice(0, MAX_MESSAGE)}…` : clean
}

/** Any error as an EffectError; one of another kind says nothing about what happened, so `happened` is the caller's. */
export function asEffectError(error: unknown, happened: 'no' | 'unknown'): EffectError {
  if (error instanceof EffectError) {
    // Before its run an effect cannot have happened, whatever its backend believes.
    const certain = happened === 'no' ? 'no' : error.happened
    return new EffectError(error.reason, certain, redact(error.message))
  }
  return new EffectError('unavailable', happened, redact(error instanceof Error ? error.message : String(error)))
}
