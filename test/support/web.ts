import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { hashSync } from 'bcryptjs'

/** Every secret of a guarded daemon; none of them may ever stand in its log or in an answer. */
export const SECRETS = {
  admin: 'secret-token-of-an-admin',
  operate: 'secret-token-of-an-operator',
  read: 'secret-token-of-a-reader',
  scoped: 'secret-token-of-the-web-team',
  sender: 'secret-token-of-alertmanager',
  password: 'secret-password-of-alertmanager',
  hmac: 'secret-shared-with-grafana',
} as const

/** A daemon that asks everybody who they are: `env` goes with `config`. */
export const GUARDED = {
  env: {
    ADMIN: SECRETS.admin,
    OPERATE: SECRETS.operate,
    READ: SECRETS.read,
    SCOPED: SECRETS.scoped,
    SENDER: SECRETS.sender,
    SENDER_HASH: hashSync(SECRETS.password, 10),
    HMAC: SECRETS.hmac,
  },
  config: {
    web: {
      auth: {
        tokens: [
          { name: 'admin', token_env: 'ADMIN', role: 'admin' },
          { name: 'operate', token_env: 'OPERATE', role: 'operate' },
          { name: 'read', token_env: 'READ', role: 'read' },
          { name: 'scoped', token_env: 'SCOPED', role: 'operate', matchers: '{instance=~"web-.*"}' },
        ],
      },
    },
    webhooks: {
      alertmanager: {
        authorization: { credentials_env: 'SENDER' },
        basic_auth: { username: 'am', password_hash_env: 'SENDER_HASH' },
      },
      grafana: { hmac: { secret_env: 'HMAC', timestamp_header: 'X-Signed-At' } },
    },
  },
} as const

export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })
export const basic = (user: string, password: string) => ({
  Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})

/** The headers with which Grafana signs a message, so many seconds away from now. */
export function signature(body: string, offset = 0): Record<string, string> {
  const seconds = Math.floor(Date.now() / 1000) + offset
  const hex = createHmac('sha256', SECRETS.hmac).update(`${seconds}:${body}`).digest('hex')
  return { 'X-Signed-At': String(seconds), 'X-Grafana-Alerting-Signature': hex }
}

/** Writes bytes to a server and gives the status of its first answer; 0 when it hung up without one. */
export async function rawStatus(url: string, bytes: string | Buffer): Promise<number> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let answer = ''
  return new Promise((resolve) => {
    socket.setTimeout(40_000, () => socket.destroy())
    socket
      .on('error', () => {})
      .on('data', (chunk: Buffer) => {
        answer += chunk.toString('latin1')
      })
    socket.once('close', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0)))
    socket.write(bytes)
  })
}

/** Resident memory of a process, in MB. */
export function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}
