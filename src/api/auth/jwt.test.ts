import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Secret } from '../../platform/secrets.ts'
import { type JwtKeys, jwtReader } from './jwt.ts'
import { labelScope } from './label-scope.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const SECRET = 'a shared secret of 32 characters'
const BOUND = { issuer: 'https://id.example', audience: 'homeostat' }

const reader = (keys: JwtKeys = { kind: 'secret', secret: new Secret(SECRET) }) =>
  jwtReader({
    ...BOUND,
    keys,
    roleClaim: 'role',
    matchersClaim: 'seen',
    readScope: (text) => (text === '{}' ? undefined : labelScope([{ label: 'job', op: '=', value: text }])),
    now: () => NOW,
  })

function token(claims: Readonly<Record<string, unknown>> = {}, algorithm = 'HS256') {
  const all = { iss: BOUND.issuer, aud: BOUND.audience, sub: 'alice', role: 'operate', exp: NOW / 1000 + 60, ...claims }
  return new SignJWT(all).setProtectedHeader({ alg: algorithm, kid: 'k1' })
}

const sign = (claims?: Readonly<Record<string, unknown>>) => token(claims).sign(Buffer.from(SECRET))

describe('a token with a shared secret', () => {
  it('names who asks, and what they may do', async () => {
    expect(await reader()(await sign())).toEqual({
      name: 'alice',
      role: 'operate',
      expiresAt: NOW + 60_000,
    })
    expect(await reader()(await sign({ role: ['other', 'read', 'admin'], sub: undefined }))).toEqual({
      name: 'https://id.example',
      role: 'admin',
      expiresAt: NOW + 60_000,
    })
  })

  it('may bound what is seen', async () => {
    const principal = await reader()(await sign({ seen: 'node' }))

    expect(principal?.sees?.({ job: 'node' })).toBe(true)
    expect(principal?.sees?.({ job: 'db' })).toBe(false)
  })

  it.each([
    ['of another issuer', { iss: 'https://evil.example' }],
    ['for another audience', { aud: 'other' }],
    ['that has expired', { exp: NOW / 1000 - 60 }],
    ['that never expires', { exp: undefined }],
    ['of the future', { nbf: NOW / 1000 + 3600 }],
    ['without a role', { role: undefined }],
    ['with an unknown role', { role: 'root' }],
    ['with a role that is no word', { role: { admin: true } }],
    ['with a bound that cannot be read', { seen: '{}' }],
    ['with a bound that is no text', { seen: ['node'] }],
  ])('%s opens nothing', async (_, claims) => {
    expect(await reader()(await sign(claims))).toBeUndefined()
  })

  it('of another secret, unsigned, or of another kind of key opens nothing', async () => {
    const { privateKey } = await generateKeyPair('RS256')
    const unsigned = new UnsecuredJWT({ role: 'admin' }).setIssuer(BOUND.issuer).setAudience(BOUND.audience)

    expect(await reader()(await token().sign(Buffer.from('x'.repeat(32))))).toBeUndefined()
    expect(await reader()(unsigned.setExpirationTime('1h').encode())).toBeUndefined()
    expect(await reader()(await token({}, 'RS256').sign(privateKey))).toBeUndefined()
    expect(await reader()('a.b.c')).toBeUndefined()
  })
})

describe('a token with the issuer’s key', () => {
  it.each(['RS256', 'ES256', 'EdDSA'])('of %s is read', async (algorithm) => {
    const { publicKey, privateKey } = await generateKeyPair(algorithm)
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: algorithm }] }

    const read = reader({ kind: 'jwks', jwks })

    expect(await read(await token({}, algorithm).sign(privateKey))).toMatchObject({ name: 'alice' })
    const { privateKey: other } = await generateKeyPair(algorithm)
    expect(await read(await token({}, algorithm).sign(other))).toBeUndefined()
  })

  it('cannot be a secret made of the public key', async () => {
    const { publicKey } = await generateKeyPair('RS256')
    const jwk = await exportJWK(publicKey)

    const forged = await token().sign(Buffer.from(JSON.stringify(jwk)))

    expect(await reader({ kind: 'jwks', jwks: { keys: [{ ...jwk, kid: 'k1' }] } })(forged)).toBeUndefined()
  })

  it('is read with keys from a URL; without them nobody is judged', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] }
    let status = 500
    const server = createServer((_req, res) => void res.writeHead(status).end(JSON.stringify(jwks)))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
    const signed = await token({}, 'ES256').sign(privateKey)

    await expect(reader({ kind: 'url', url })(signed)).rejects.toMatchObject({ code: 'identity_unavailable' })

    status = 200
    expect(await reader({ kind: 'url', url })(signed)).toMatchObject({ name: 'alice', role: 'operate' })
    await expect(reader({ kind: 'url', url: 'http://127.0.0.1:1/' })(signed)).rejects.toMatchObject({
      code: 'identity_unavailable',
    })
  })
})
