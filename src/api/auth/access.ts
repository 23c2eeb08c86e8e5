import type { IncomingMessage } from 'node:http'
import type { SignatureCheck } from '../webhooks/signature.ts'
import type { Identify } from './identify.ts'

/** Who may ask what; a reload replaces it as a whole. */
export interface Access {
  /** Undefined: nobody is asked who they are. */
  readonly api: Identify | undefined
  /** Whether an open API is meant for this machine alone. */
  readonly loopbackOnly: boolean
  readonly metricsAuth: boolean
  /** Whether this server speaks TLS. */
  readonly tls: boolean
  readonly webhooks: {
    readonly alertmanager: SenderAccess
    readonly grafana: SenderAccess
  }
}

/** What a sender of alerts has to show. */
export interface SenderAccess {
  /** Undefined: whoever the API lets act, unless the messages are signed. */
  readonly identify?: Identify
  readonly signature?: SignatureCheck
}

/** Whether a browser sent this from a page that this machine did not serve. */
export function isFromElsewhere(req: IncomingMessage): boolean {
  const { origin } = req.headers
  if (origin === undefined) return false
  const host = URL.canParse(origin) ? new URL(origin).hostname : ''
  return !/^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(host)
}
