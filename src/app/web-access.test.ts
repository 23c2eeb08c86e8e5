import { hashSync } from 'bcryptjs'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import type { Config } from '../config/resolve.ts'
import type { Environment } from '../platform/environment.ts'
import { SecretError } from '../platform/secrets.ts'
import { tlsFiles, webAccess } from './web-access.ts'

const HASH = hashSync('right', 4)

function configOf(text: string): Config {
  const result = loadConfig({ flags: { config: '/etc/homeostat/homeostat.yaml' }, env: {}, readFile: () => text })
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'))
  return result.config
}

function environment(files: Readonly<Record<string, string>>): Environment {
  return {
    variables: { OPS_TOKEN: 'from-the-environment' },
    hostName: 'h',
    readFile(path) {
      if (Object.hasOwn(files, path)) return files[path]
      throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
    },
  }
}

const access = (text: string, files: Readonly<Record<string, string>> = {}) =>
  webAccess(configOf(text), environment(files), () => 0)

describe('webAccess', () => {
  it('asks nobody where nothing is configured, and says that this is meant for this machine alone', () => {
    expect(access('')).toMatchObject({
      api: undefined,
      loopbackOnly: true,
      webhooks: { alertmanager: {}, grafana: {} },
    })
    expect(access('web: {allow_unauthenticated: true}').loopbackOnly).toBe(false)
  })

  it('reads tokens and hashes from files beside the configuration, and from the environment', async () => {
    const { api } = access(
      `web:
  auth:
    tokens:
      - {name: file, token_file: secrets/token, role: read}
      - {name: env, token_env: OPS_TOKEN, role: operate, matchers: '{job="node"}'}
    users: [{name: alice, password_hash_file: hash, role: admin}]`,
      { '/etc/homeostat/secrets/token': 'from-a-file\n', '/etc/homeostat/hash': `${HASH}\n` },
    )

    expect(await api?.bearer('from-a-file')).toEqual({ name: 'file', role: 'read', sees: undefined })
    const scoped = await api?.bearer('from-the-environment')
    expect(scoped?.sees?.({ job: 'node' })).toBe(true)
    expect(scoped?.sees?.({ job: 'db' })).toBe(false)
    expect(await api?.basic('alice', 'right')).toMatchObject({ role: 'admin' })
    expect(await api?.basic('alice', 'wrong')).toBeUndefined()
  })

  it('reads what senders have to show', async () => {
    const { api, webhooks } = access(
      `webhooks:
  alertmanager: {basic_auth: {username: am, password_hash_file: hash}}
  grafana: {authorization: {credentials_env: OPS_TOKEN}, hmac: {secret_file: hmac}}`,
      { '/etc/homeostat/hash': HASH, '/etc/homeostat/hmac': 'x' },
    )

    expect(api).toBeUndefined()
    expect(await webhooks.alertmanager.identify?.basic('am', 'right')).toMatchObject({ name: 'am' })
    expect(webhooks.alertmanager.signature).toBeUndefined()
    expect(await webhooks.grafana.identify?.bearer('from-the-environment')).toMatchObject({ role: 'operate' })
    expect(webhooks.grafana.signature).toBeDefined()
  })

  it.each([
    ['a missing token', 'web: {auth: {tokens: [{name: a, token_file: t, role: read}]}}', {}],
    ['a password for a hash', 'web: {auth: {users: [{name: a, password_hash_file: t, role: read}]}}', { t: 'hunter2' }],
    ['a short secret', 'web: {auth: {jwt: {secret_file: t, issuer: i, audience: a}}}', { t: 'hunter2' }],
    ['keys that are none', 'web: {auth: {jwt: {jwks_file: t, issuer: i, audience: a}}}', { t: '{"hunter2": 1}' }],
    ['keys that are no JSON', 'web: {auth: {jwt: {jwks_file: t, issuer: i, audience: a}}}', { t: 'hunter2' }],
    ['a missing HMAC secret', 'webhooks: {grafana: {hmac: {secret_env: NOT_SET}}}', {}],
  ])('refuses %s, and never repeats it', (_, text, files: Readonly<Record<string, string>>) => {
    const paths = Object.fromEntries(
      Object.entries(files).map(([name, content]) => [`/etc/homeostat/${name}`, content]),
    )

    const work = () => access(text, paths)

    expect(work).toThrow(SecretError)
    expect(work).not.toThrow('hunter2')
  })
})

describe('tlsFiles', () => {
  it('reads certificate, key and client authorities', () => {
    const { web } = configOf('web: {tls: {cert_file: c, key_file: k, client_ca_file: a}}')
    const files = { '/etc/homeostat/c': 'C', '/etc/homeostat/k': 'K', '/etc/homeostat/a': 'A' }

    expect(tlsFiles(web, environment(files))).toEqual({ cert: 'C', key: 'K', clientCa: 'A' })
    expect(() => tlsFiles(web, environment({}))).toThrow('cannot be read: ENOENT')
    expect(tlsFiles(configOf('').web, environment({}))).toBeUndefined()
  })
})
