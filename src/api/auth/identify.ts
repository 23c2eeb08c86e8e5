import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { Secret } from '../../platform/secrets.ts'
import type { LabelTest } from './label-scope.ts'
import { passwordCheck } from './passwords.ts'
import type { Principal, Role } from './principal.ts'

interface Credential {
  readonly name: string
  readonly role: Role
  readonly sees?: LabelTest
}

/** Everything that identifies somebody. */
export interface Credentials {
  readonly tokens: readonly (Credential & { readonly token: Secret })[]
  readonly users: readonly (Credential & { readonly passwordHash: Secret })[]
  /** Tokens that somebody else issues. @throws {ApiError} `identity_unavailable` when its keys cannot be had */
  readonly jwt?: (token: string) => Promise<Principal | undefined>
  /** For whoever shows a client certificate that the server has verified. */
  readonly clientRole?: Role
}

/** Who has sent these header lines and no others. Undefined for nobody we know. */
export interface Identify {
  request(req: IncomingMessage): Promise<Principal | undefined>
  /** The same for credentials that did not come as a header. */
  bearer(token: string): Promise<Principal | undefined>
  basic(user: string, password: string): Promise<Principal | undefined>
  /** What a 401 says in `WWW-Authenticate`. */
  readonly challenges: readonly string[]
}

/** Longer than any header that is right; the HTTP parser allows 16 KiB for all of them together. */
const LONGEST = 8 * 1024

export function identifyBy({ tokens, users, jwt, clientRole }: Credentials): Identify {
  const known = tokens.map(({ token, ...credential }) => ({ digest: digestOf(token.reveal()), credential }))
  const byName = new Map(users.map(({ passwordHash: _, ...credential }) => [credential.name, credential]))
  const check = passwordCheck(new Map(users.map(({ name, passwordHash }) => [name, passwordHash])))

  async function bearer(token: string): Promise<Principal | undefined> {
    const digest = digestOf(token)
    // Digests are of one length, and every one is compared: the time says nothing of how near a guess is.
    const found = known.filter((one) => timingSafeEqual(one.digest, digest))
    if (found.length > 0) return principalOf(found[0].credential)
    return jwt !== undefined && token.split('.').length === 3 ? jwt(token) : undefined
  }

  async function basic(user: string, password: string): Promise<Principal | undefined> {
    if (users.length === 0) return undefined
    const credential = byName.get(user)
    return (await check(user, password)) && credential !== undefined ? principalOf(credential) : undefined
  }

  return {
    bearer,
    basic,
    challenges: [
      ...(known.length > 0 || jwt !== undefined ? ['Bearer realm="homeostat"'] : []),
      ...(users.length > 0 ? ['Basic realm="homeostat", charset="UTF-8"'] : []),
    ],
    async request(req) {
      const lines = req.headersDistinct['authorization'] ?? []
      if (lines.length === 0) return clientRole === undefined ? undefined : certified(req, clientRole)
      // Two of them mean two things to two readers.
      if (lines.length > 1 || lines[0].length > LONGEST) return undefined
      const [, scheme, text] = /^(\w+) +([\x21-\x7e]+) *$/.exec(lines[0]) ?? []
      if (scheme?.toLowerCase() === 'bearer') return bearer(text)
      if (scheme?.toLowerCase() !== 'basic') return undefined
      const decoded = Buffer.from(text, 'base64').toString()
      const colon = decoded.indexOf(':')
      return colon === -1 ? undefined : basic(decoded.slice(0, colon), decoded.slice(colon + 1))
    },
  }
}

function principalOf({ name, role, sees }: Credential): Principal {
  return { name, role, sees }
}

function certified(req: IncomingMessage, role: Role): Principal | undefined {
  const socket = req.socket as TLSSocket
  if (socket.authorized !== true) return undefined
  const name = socket.getPeerCertificate().subject?.CN
  return { name: typeof name === 'string' ? name.slice(0, 100) : 'certificate', role }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
