import type { JSONWebKeySet } from 'jose'
import type { Access, SenderAccess } from '../api/auth/access.ts'
import { type Credentials, identifyBy } from '../api/auth/identify.ts'
import { type JwtKeys, jwtReader } from '../api/auth/jwt.ts'
import { type LabelTest, labelScope } from '../api/auth/label-scope.ts'
import { problemOfHash } from '../api/auth/passwords.ts'
import type { TlsFiles } from '../api/server.ts'
import { signatureCheck } from '../api/webhooks/signature.ts'
import { isLoopback } from '../config/listen-address.ts'
import { parseMatchers } from '../config/matchers.ts'
import type { Config } from '../config/resolve.ts'
import { asksWho } from '../config/web-checks.ts'
import type { Matcher } from '../domain/feature.ts'
import type { Environment } from '../platform/environment.ts'
import { readSecret, type Secret, SecretError } from '../platform/secrets.ts'

/** RFC 7518: a key of HS256 has no fewer bits than its hash. */
const SHORTEST_JWT_SECRET = 32

/**
 * Reads every secret that the API and the webhooks are guarded with.
 *
 * @param now ms since the epoch
 * @throws {SecretError} when one is missing, or not what it should be
 */
export function webAccess(config: Config, environment: Environment, now: () => number): Access {
  const { web, webhooks } = config
  const { alertmanager, grafana } = webhooks
  const { hmac } = grafana
  const signature = hmac && {
    secret: readSecret({ file: hmac.secret_file, env: hmac.secret_env }, environment),
    header: hmac.header,
    timestampHeader: hmac.timestamp_header,
    now,
  }
  return {
    api: asksWho(config) ? identifyBy(apiCredentials(web, environment, now)) : undefined,
    loopbackOnly: isLoopback(web.listen_address.host) && !web.allow_unauthenticated,
    metricsAuth: web.metrics_auth,
    tls: web.tls.cert_file !== undefined,
    webhooks: {
      alertmanager: senderAccess('alertmanager', alertmanager, environment),
      grafana: {
        ...senderAccess('grafana', grafana, environment),
        ...(signature && { signature: signatureCheck(signature) }),
      },
    },
  }
}

/** The server's own certificates; undefined where it speaks plain HTTP. @throws {SecretError} */
export function tlsFiles({ tls }: Config['web'], environment: Environment): TlsFiles | undefined {
  if (tls.cert_file === undefined || tls.key_file === undefined) return undefined
  const clientCa = tls.client_ca_file === undefined ? undefined : readFile(tls.client_ca_file, environment)
  return { cert: readFile(tls.cert_file, environment), key: readFile(tls.key_file, environment), clientCa }
}

function apiCredentials({ auth, tls }: Config['web'], environment: Environment, now: () => number): Credentials {
  return {
    tokens: auth.tokens.map(({ name, role, matchers, token_file, token_env }) => {
      return {
        name,
        role,
        sees: seesBy(matchers),
        token: readSecret({ file: token_file, env: token_env }, environment),
      }
    }),
    users: auth.users.map(({ name, role, matchers, password_hash_file, password_hash_env }) => {
      const passwordHash = readHash({ file: password_hash_file, env: password_hash_env }, environment)
      return { name, role, sees: seesBy(matchers), passwordHash }
    }),
    jwt: auth.jwt && readerOf(auth.jwt, environment, now),
    clientRole: tls.client_role,
  }
}

type Sender = Config['webhooks']['alertmanager']

function senderAccess(name: string, { authorization, basic_auth }: Sender, environment: Environment): SenderAccess {
  if (authorization === undefined && basic_auth === undefined) return {}
  const token = authorization && {
    name,
    role: 'operate' as const,
    token: readSecret({ file: authorization.credentials_file, env: authorization.credentials_env }, environment),
  }
  const user = basic_auth && {
    name: basic_auth.username,
    role: 'operate' as const,
    passwordHash: readHash({ file: basic_auth.password_hash_file, env: basic_auth.password_hash_env }, environment),
  }
  return { identify: identifyBy({ tokens: token ? [token] : [], users: user ? [user] : [] }) }
}

function readerOf(jwt: NonNullable<Config['web']['auth']['jwt']>, environment: Environment, now: () => number) {
  const { issuer, audience, role_claim, matchers_claim } = jwt
  const readScope = (text: string): LabelTest | undefined => {
    const matchers = parseMatchers(text)
    return 'problem' in matchers ? undefined : labelScope(matchers)
  }
  const keys = keysOf(jwt, environment)
  return jwtReader({ keys, issuer, audience, roleClaim: role_claim, matchersClaim: matchers_claim, readScope, now })
}

function keysOf(jwt: NonNullable<Config['web']['auth']['jwt']>, environment: Environment): JwtKeys {
  if (jwt.jwks_url !== undefined) return { kind: 'url', url: jwt.jwks_url }
  if (jwt.jwks_file !== undefined) return { kind: 'jwks', jwks: readKeySet(jwt.jwks_file, environment) }
  const secret = readSecret({ file: jwt.secret_file, env: jwt.secret_env }, environment)
  if (Buffer.byteLength(secret.reveal()) < SHORTEST_JWT_SECRET)
    throw new SecretError(`the secret in ${placeOf(jwt.secret_file, jwt.secret_env)} is shorter than 32 bytes`)
  return { kind: 'secret', secret }
}

function readKeySet(file: string, environment: Environment): JSONWebKeySet {
  try {
    const set = JSON.parse(readFile(file, environment)) as JSONWebKeySet
    if (Array.isArray(set?.keys)) return set
  } catch (error) {
    if (error instanceof SecretError) throw error
  }
  throw new SecretError(`the file ${file} is no JSON Web Key Set: it must be {"keys": [...]}`)
}

function readHash(place: { readonly file?: string; readonly env?: string }, environment: Environment): Secret {
  const hash = readSecret(place, environment)
  const problem = problemOfHash(hash.reveal())
  if (problem !== undefined) throw new SecretError(`the secret in ${placeOf(place.file, place.env)} ${problem}`)
  return hash
}

function readFile(file: string, environment: Environment): string {
  try {
    return environment.readFile(file)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new SecretError(`the file ${file} cannot be read: ${code ?? 'unknown error'}`, { cause })
  }
}

function placeOf(file: string | undefined, env: string | undefined): string {
  return file === undefined ? `the environment variable ${env}` : `the file ${file}`
}

/** An empty selector sees all, and is then no bound. */
function seesBy(matchers: readonly Matcher[] | undefined): LabelTest | undefined {
  return matchers === undefined || matchers.length === 0 ? undefined : labelScope(matchers)
}
