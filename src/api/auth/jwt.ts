import { createSecretKey } from 'node:crypto'
import { createLocalJWKSet, createRemoteJWKSet, errors, type JSONWebKeySet, jwtVerify } from 'jose'
import type { Secret } from '../../platform/secrets.ts'
import { ApiError } from '../problem.ts'
import type { LabelTest } from './label-scope.ts'
import { type Principal, roleOf } from './principal.ts'

/** Algorithms by the kind of key: a token never chooses between a shared secret and a public key. */
const SECRET_ALGORITHMS = ['HS256', 'HS384', 'HS512']
const KEY_PAIR_ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]
const FETCH_TIMEOUT_MS = 5_000
const CLOCK_TOLERANCE_S = 30

export type JwtKeys =
  | { readonly kind: 'secret'; readonly secret: Secret }
  | { readonly kind: 'jwks'; readonly jwks: JSONWebKeySet }
  | { readonly kind: 'url'; readonly url: string }

export interface JwtOptions {
  readonly keys: JwtKeys
  readonly issuer: string
  readonly audience: string
  readonly roleClaim: string
  readonly matchersClaim: string
  /** Reads a label selector; undefined when it is none. */
  readonly readScope: (text: string) => LabelTest | undefined
  /** ms since the epoch */
  readonly now: () => number
}

/**
 * Reads tokens that somebody else has issued: signed by the issuer's key, for us, not expired, with a role.
 *
 * @returns undefined for a token that does not hold
 * @throws {ApiError} `identity_unavailable` when the issuer's keys cannot be fetched
 */
export function jwtReader(options: JwtOptions): (token: string) => Promise<Principal | undefined> {
  const { issuer, audience, roleClaim, matchersClaim, readScope, now } = options
  const { algorithms, verify } = verifierOf(options.keys)
  return async (token) => {
    const claims = { issuer, audience, algorithms, requiredClaims: ['exp'], clockTolerance: CLOCK_TOLERANCE_S }
    try {
      const { payload } = await verify(token, { ...claims, currentDate: new Date(now()) })
      const role = roleOf(payload[roleClaim])
      if (role === undefined) return undefined
      const name = payload.sub ?? issuer
      const matchers = payload[matchersClaim]
      const expiresAt = payload.exp! * 1000
      if (matchers === undefined) return { name, role, expiresAt }
      const sees = typeof matchers === 'string' ? readScope(matchers) : undefined
      return sees && { name, role, sees, expiresAt }
    } catch (cause) {
      if (cause instanceof errors.JOSEError && !isFetchFailure(cause)) return undefined
      throw new ApiError('identity_unavailable', 'the keys of the tokens’ issuer cannot be fetched', { cause })
    }
  }
}

type Verify = (token: string, claims: Parameters<typeof jwtVerify>[2]) => ReturnType<typeof jwtVerify>

function verifierOf(keys: JwtKeys): { algorithms: string[]; verify: Verify } {
  if (keys.kind === 'secret') {
    const key = createSecretKey(Buffer.from(keys.secret.reveal()))
    return { algorithms: SECRET_ALGORITHMS, verify: (token, claims) => jwtVerify(token, key, claims) }
  }
  const set =
    keys.kind === 'jwks'
      ? createLocalJWKSet(keys.jwks)
      : createRemoteJWKSet(new URL(keys.url), { timeoutDuration: FETCH_TIMEOUT_MS })
  return { algorithms: KEY_PAIR_ALGORITHMS, verify: (token, claims) => jwtVerify(token, set, claims) }
}

/** The set could not be had at all; jose says so with its plain error, or with that of the timeout. */
function isFetchFailure(error: errors.JOSEError): boolean {
  return error.code === 'ERR_JWKS_TIMEOUT' || error.code === 'ERR_JOSE_GENERIC' || error.code === 'ERR_JWKS_INVALID'
}
