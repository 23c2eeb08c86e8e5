import { hashSync } from 'bcryptjs'
import { Secret } from '../../platform/secrets.ts'
import type { Access } from '../auth/access.ts'
import { type Credentials, identifyBy } from '../auth/identify.ts'
import { labelScope } from '../auth/label-scope.ts'
import { OPEN_ACCESS } from './open-access.ts'

/** Tokens by what their holders may do. `web` sees the host web-1 alone. */
export const TOKENS = {
  read: 'token-of-a-reader',
  operate: 'token-of-an-operator',
  admin: 'token-of-an-admin',
  web: 'token-of-the-web-team',
} as const

export const PASSWORD = 'correct horse battery staple'

/** Somebody of every kind. */
export function credentials(): Credentials {
  const token = (name: keyof typeof TOKENS, role: 'read' | 'operate' | 'admin') => {
    return { name, role, token: new Secret(TOKENS[name]) }
  }
  const sees = labelScope([{ label: 'instance', op: '=~', value: 'web-.*' }])
  return {
    tokens: [
      token('read', 'read'),
      token('operate', 'operate'),
      token('admin', 'admin'),
      { ...token('web', 'operate'), sees },
    ],
    users: [{ name: 'alice', role: 'admin', passwordHash: new Secret(hashSync(PASSWORD, 4)) }],
  }
}

/** Access for those with credentials only. */
export function guarded(changes: Partial<Access> = {}): () => Access {
  const access: Access = { ...OPEN_ACCESS, api: identifyBy(credentials()), loopbackOnly: false, ...changes }
  return () => access
}

export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })
export const basic = (user: string, password: string) => ({
  Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})
