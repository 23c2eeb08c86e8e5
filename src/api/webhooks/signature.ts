import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Secret } from '../../platform/secrets.ts'

/** How far a signed time may lie behind our clock, and ahead of it. */
const BEHIND_MS = 300_000
const AHEAD_MS = 60_000
const MOST_REMEMBERED = 10_000

export interface SignatureOptions {
  readonly secret: Secret
  /** Header with the lower-case hex of HMAC-SHA256. */
  readonly header: string
  /** Header with Unix seconds; then `<seconds>:<body>` is signed. */
  readonly timestampHeader?: string
  /** ms since the epoch */
  readonly now: () => number
}

/** Tells messages that their sender has signed. */
export interface SignatureCheck {
  /** @returns the signature; undefined when it is missing, wrong, or too old */
  verify(req: IncomingMessage, body: Buffer): string | undefined
  /** Whether a message with this signature was taken a short while ago. */
  seen(signature: string): boolean
  /** To be told once what the message says is kept. */
  taken(signature: string): void
}

export function signatureCheck({ secret, header, timestampHeader, now }: SignatureOptions): SignatureCheck {
  /** By signature, when it was taken; oldest first. */
  const remembered = new Map<string, number>()

  function forgetOld(): void {
    const oldest = now() - BEHIND_MS - AHEAD_MS
    for (const [signature, at] of remembered) {
      if (at >= oldest && remembered.size <= MOST_REMEMBERED) return
      remembered.delete(signature)
    }
  }

  return {
    verify(req, body) {
      const given = only(req, header)
      // One spelling, so that one message has one signature: upper-case hex is refused.
      if (given === undefined || !/^[0-9a-f]{64}$/.test(given)) return undefined
      const hmac = createHmac('sha256', secret.reveal())
      if (timestampHeader !== undefined) {
        const seconds = only(req, timestampHeader)
        if (seconds === undefined || !/^\d{1,12}$/.test(seconds)) return undefined
        const age = now() - Number(seconds) * 1000
        if (age > BEHIND_MS + 999 || age < -AHEAD_MS) return undefined
        hmac.update(`${seconds}:`)
      }
      return timingSafeEqual(hmac.update(body).digest(), Buffer.from(given, 'hex')) ? given : undefined
    },
    seen(signature) {
      forgetOld()
      return remembered.has(signature)
    },
    taken(signature) {
      remembered.delete(signature)
      remembered.set(signature, now())
      forgetOld()
    },
  }
}

/** The value of a header that was sent exactly once. */
function only(req: IncomingMessage, name: string): string | undefined {
  const values = req.headersDistinct[name.toLowerCase()]
  return values?.length === 1 ? values[0] : undefined
}
