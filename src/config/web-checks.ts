import { exactlyOne, finding } from './finding.ts'
import { isLoopback } from './listen-address.ts'
import type { Finding } from './problem.ts'
import type { ParsedConfig } from './schema.ts'

/** Whether anybody who asks the API is asked who they are. */
export function asksWho({ web }: Pick<ParsedConfig, 'web'>): boolean {
  const { tokens, users, jwt } = web.auth
  return tokens.length > 0 || users.length > 0 || jwt !== undefined || web.tls.client_role !== undefined
}

export function* webIsSafe(config: ParsedConfig): Iterable<Finding> {
  const { listen_address, metrics_auth, allow_unauthenticated } = config.web
  const known = asksWho(config)
  if (metrics_auth && !known)
    yield finding('web.metrics_auth', 'cannot be true', 'nobody has a credential: give web.auth tokens, users or jwt', [
      'web.auth',
    ])
  if (!allow_unauthenticated && !known && !isLoopback(listen_address.host)) {
    const hint =
      'set web.auth, or listen on 127.0.0.1, or set web.allow_unauthenticated: true and guard the port yourself'
    yield finding(
      'web.listen_address',
      `${listen_address.host} is reachable from other machines, and nobody is asked who they are`,
      hint,
      ['web.allow_unauthenticated', 'web.auth', 'web.tls'],
    )
  }
}

export function* webCredentialsAreClear({ web, webhooks }: ParsedConfig): Iterable<Finding> {
  for (const kind of ['tokens', 'users'] as const) {
    const names = web.auth[kind].map(({ name }) => name)
    for (const [i, name] of names.entries()) {
      if (names.indexOf(name) !== i)
        yield finding(`web.auth.${kind}.${i}.name`, `${name} is the name of an earlier entry`, 'names must differ')
    }
  }
  for (const [i, token] of web.auth.tokens.entries())
    yield* exactlyOne(`web.auth.tokens.${i}`, token, ['token_file', 'token_env'])
  for (const [i, user] of web.auth.users.entries()) {
    yield* exactlyOne(`web.auth.users.${i}`, user, ['password_hash_file', 'password_hash_env'])
    yield* userName(`web.auth.users.${i}.name`, user.name)
  }
  if (web.auth.jwt)
    yield* exactlyOne('web.auth.jwt', web.auth.jwt, ['secret_file', 'secret_env', 'jwks_file', 'jwks_url'])
  for (const sender of ['alertmanager', 'grafana'] as const) {
    const { authorization, basic_auth } = webhooks[sender]
    const path = `webhooks.${sender}`
    if (authorization)
      yield* exactlyOne(`${path}.authorization`, authorization, ['credentials_file', 'credentials_env'])
    if (basic_auth) {
      yield* exactlyOne(`${path}.basic_auth`, basic_auth, ['password_hash_file', 'password_hash_env'])
      yield* userName(`${path}.basic_auth.username`, basic_auth.username)
    }
  }
  const { hmac } = webhooks.grafana
  if (hmac === undefined) return
  yield* exactlyOne('webhooks.grafana.hmac', hmac, ['secret_file', 'secret_env'])
  for (const key of ['header', 'timestamp_header'] as const) {
    const name = hmac[key]
    if (name !== undefined && !/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(name))
      yield finding(`webhooks.grafana.hmac.${key}`, 'is not a header name', 'for example X-Grafana-Alerting-Signature')
  }
}

export function* webTlsIsWhole({ web }: ParsedConfig): Iterable<Finding> {
  const { cert_file, key_file, client_ca_file, client_role } = web.tls
  if ((cert_file === undefined) !== (key_file === undefined)) {
    const [given, missing] = cert_file === undefined ? ['key_file', 'cert_file'] : ['cert_file', 'key_file']
    yield finding(`web.tls.${given}`, `stands without ${missing}`, 'a certificate needs both', [`web.tls.${missing}`])
  }
  if (client_ca_file !== undefined && cert_file === undefined)
    yield finding('web.tls.client_ca_file', 'stands without cert_file', 'clients show certificates under TLS only', [
      'web.tls.cert_file',
    ])
  if (client_role !== undefined && client_ca_file === undefined)
    yield finding('web.tls.client_role', 'stands without client_ca_file', 'no client is asked for a certificate', [
      'web.tls.client_ca_file',
    ])
}

function* userName(path: string, name: string): Iterable<Finding> {
  if (name.includes(':')) yield finding(path, 'holds a colon', 'HTTP basic authentication ends the name there')
}
