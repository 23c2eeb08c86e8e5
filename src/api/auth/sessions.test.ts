import type { IncomingMessage } from 'node:http'
import { expect, it } from 'vitest'
import { createSessions } from './sessions.ts'

const HOUR = 3_600_000
const issuer = {}
const reader = { name: 'alice', role: 'read' } as const
const withCookie = (cookie: string) => ({ headers: { cookie: cookie.split(';')[0] } }) as IncomingMessage

it('lasts twelve hours', () => {
  const sessions = createSessions()
  const { cookie, session } = sessions.begin(reader, issuer, 0, false)

  expect(cookie).toContain('Max-Age=43200')
  expect(session.expiresAt).toBe(12 * HOUR)
  expect(sessions.of(withCookie(cookie), issuer, 12 * HOUR - 1)).toBeDefined()
  expect(sessions.of(withCookie(cookie), issuer, 12 * HOUR)).toBeUndefined()
})

it('ends with the token that was shown, where that ends sooner', () => {
  const sessions = createSessions()
  const { cookie } = sessions.begin({ ...reader, expiresAt: HOUR }, issuer, 0, false)

  expect(cookie).toContain('Max-Age=3600')
  expect(sessions.of(withCookie(cookie), issuer, HOUR - 1)).toBeDefined()
  expect(sessions.of(withCookie(cookie), issuer, HOUR)).toBeUndefined()
})
