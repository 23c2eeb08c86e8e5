import { describe, expect, it } from 'vitest'
import { identifyBy } from './auth/identify.ts'
import type { SessionJson } from './contract.ts'
import { bearer, credentials, guarded, PASSWORD, TOKENS } from './testing/credentials.ts'
import { NOON } from './testing/fake-incidents.ts'
import { fakeRemediation } from './testing/fake-remediation.ts'
import { serveApi } from './testing/serve.ts'

const cookieOf = (answer: Response) => (answer.headers.get('set-cookie') ?? '').split(';')[0]

describe('signing in', () => {
  it('by token or by password gives a cookie that scripts cannot read', async () => {
    const { send } = await serveApi({ access: guarded() })

    const answer = await send('/api/v1/session', { token: TOKENS.operate })

    expect(answer.status).toBe(200)
    expect(answer.headers.get('set-cookie')).toMatch(
      /^homeostat_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/,
    )
    expect(await answer.json()).toEqual({
      name: 'operate',
      role: 'operate',
      csrf_token: expect.stringMatching(/^[\w-]{43}$/),
      expires_at: new Date(NOON + 12 * 3_600_000).toISOString(),
      sign_in: true,
      permissions: { operate: true, freeze: true, unfreeze: false, reload: false, whole_fleet: true },
    })
    const byPassword = await send('/api/v1/session', { username: 'alice', password: PASSWORD })
    expect(await byPassword.json()).toMatchObject({ name: 'alice', role: 'admin' })
  })

  it('by TLS keeps the cookie to TLS', async () => {
    const { send } = await serveApi({ access: guarded({ tls: true }) })

    const answer = await send('/api/v1/session', { token: TOKENS.read })

    expect(answer.headers.get('set-cookie')).toMatch(/; Secure$/)
  })

  it('is not open to guessing: ten failures in a minute, and others wait', async () => {
    const { send } = await serveApi({ access: guarded() })
    for (let i = 0; i < 10; i++) expect((await send('/api/v1/session', { token: `guess-${i}` })).status).toBe(401)

    const answer = await send('/api/v1/session', { token: TOKENS.admin })

    expect(answer.status).toBe(429)
    expect(await answer.json()).toMatchObject({ code: 'too_many_attempts' })
  })

  it('takes no other fields', async () => {
    const { send } = await serveApi({ access: guarded() })

    expect((await send('/api/v1/session', { token: TOKENS.read, role: 'admin' })).status).toBe(400)
  })
})

describe('a session', () => {
  async function signedIn(given: Parameters<typeof serveApi>[0] = {}) {
    const api = await serveApi({ access: guarded(), remediation: fakeRemediation(), ...given })
    const answer = await api.send('/api/v1/session', { token: TOKENS.operate })
    const { csrf_token } = (await answer.json()) as SessionJson
    return { ...api, cookie: { Cookie: cookieOf(answer) }, csrf: { 'X-CSRF-Token': csrf_token ?? '' } }
  }

  it('reads with the cookie, and tells who is signed in', async () => {
    const { get, cookie, csrf } = await signedIn()

    expect((await get('/api/v1/targets', cookie)).status).toBe(200)
    expect(await (await get('/api/v1/session', cookie)).json()).toMatchObject({
      name: 'operate',
      csrf_token: csrf['X-CSRF-Token'],
    })
  })

  it('changes things with the CSRF token only', async () => {
    const { send, cookie, csrf } = await signedIn()

    for (const headers of [cookie, { ...cookie, 'X-CSRF-Token': 'x' }, { ...cookie, 'X-CSRF-Token': 'x'.repeat(43) }]) {
      const refused = await send('/api/v1/freeze', undefined, headers)
      expect(refused.status).toBe(403)
      expect(await refused.json()).toMatchObject({ code: 'csrf_token_missing' })
    }
    expect((await send('/api/v1/freeze', undefined, { ...cookie, ...csrf })).status).toBe(200)
    expect((await send('/api/v1/unfreeze', undefined, { ...cookie, ...csrf })).status).toBe(403)
  })

  it('does not stand in for a wrong token beside it', async () => {
    const { get, cookie } = await signedIn()

    expect((await get('/api/v1/targets', { ...cookie, ...bearer('wrong') })).status).toBe(401)
  })

  it('is over after signing out', async () => {
    const { get, send, cookie } = await signedIn()

    const out = await send('/api/v1/session', undefined, cookie, 'DELETE')

    expect(out.status).toBe(204)
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0')
    expect((await get('/api/v1/targets', cookie)).status).toBe(401)
  })

  it('is over after twelve hours', async () => {
    let now = NOON
    const { get, cookie } = await signedIn({ now: () => now })

    now += 12 * 3_600_000

    expect((await get('/api/v1/targets', cookie)).status).toBe(401)
  })

  it('is over once the credentials were read anew', async () => {
    let access = guarded()()
    const { get, cookie } = await signedIn({ access: () => access })

    access = { ...access, api: identifyBy(credentials()) }

    expect((await get('/api/v1/targets', cookie)).status).toBe(401)
  })
})
