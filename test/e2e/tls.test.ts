import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type RequestOptions, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { bearer } from '../support/web.ts'

const FIXTURES = join(import.meta.dirname, '../fixtures/tls')
const read = (name: string) => readFileSync(join(FIXTURES, name))
const CLIENT = { cert: read('client.pem'), key: read('client.key') }

let dir: string
let daemon: Daemon

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'homeostat-tls-'))
  for (const name of ['server.pem', 'server.key', 'ca.pem']) copyFileSync(join(FIXTURES, name), join(dir, name))
  const tls = { cert_file: join(dir, 'server.pem'), key_file: join(dir, 'server.key') }
  const clients = { client_ca_file: join(dir, 'ca.pem'), client_role: 'read' }
  const auth = { tokens: [{ name: 'admin', token_env: 'ADMIN', role: 'admin' }] }
  daemon = await startDaemon({
    config: { web: { auth, tls: { ...tls, ...clients } } },
    env: { ADMIN: 'the-admin-token' },
  })
  await daemon.waitFor('https', async () => (await ask('/-/healthy', CLIENT)).status === 200)
}, 60_000)

afterAll(async () => {
  await daemon?.stop()
  rmSync(dir, { recursive: true, force: true })
})

function ask(path: string, options: RequestOptions): Promise<{ status: number; peer: string }> {
  return new Promise((resolve, reject) => {
    const url = `${daemon.url.replace('http:', 'https:')}${path}`
    const asked = request(url, { ca: read('ca.pem'), agent: false, ...options }, (answer) => {
      const { subject } = (answer.socket as import('node:tls').TLSSocket).getPeerCertificate()
      answer.resume().once('end', () => resolve({ status: answer.statusCode ?? 0, peer: String(subject.CN) }))
    })
    asked.once('error', reject).end()
  })
}

it('shows its certificate, and asks its clients for theirs', async () => {
  expect(await ask('/-/healthy', CLIENT)).toEqual({ status: 200, peer: 'server' })

  const stranger = { cert: read('stranger.pem'), key: read('stranger.key') }
  await expect(ask('/-/healthy', {})).rejects.toThrow()
  await expect(ask('/-/healthy', stranger)).rejects.toThrow()
  await expect(fetch(`${daemon.url}/-/healthy`)).rejects.toThrow()
})

it('gives a client the role of its certificate, or that of its token', async () => {
  expect((await ask('/api/v1/targets', CLIENT)).status).toBe(200)
  expect((await ask('/-/reload', { ...CLIENT, method: 'POST' })).status).toBe(403)
  expect((await ask('/-/reload', { ...CLIENT, method: 'POST', headers: bearer('the-admin-token') })).status).toBe(200)
  expect((await ask('/api/v1/targets', { ...CLIENT, headers: bearer('wrong') })).status).toBe(401)
})

it('takes new certificates at a reload, and keeps the old ones when they are broken', async () => {
  const reload = { ...CLIENT, method: 'POST', headers: bearer('the-admin-token') }
  copyFileSync(join(FIXTURES, 'client.pem'), join(dir, 'server.pem'))

  // The key is still the old one: the two do not belong together.
  expect((await ask('/-/reload', reload)).status).toBe(500)
  expect((await ask('/-/healthy', CLIENT)).peer).toBe('server')

  copyFileSync(join(FIXTURES, 'client.key'), join(dir, 'server.key'))
  expect((await ask('/-/reload', reload)).status).toBe(200)
  expect((await ask('/-/healthy', CLIENT)).peer).toBe('client')
})
