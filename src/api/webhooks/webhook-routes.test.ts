import { createHmac } from 'node:crypto'
import { connect } from 'node:net'
import { hashSync } from 'bcryptjs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { JournalError } from '../../pipeline/journal.ts'
import { Secret } from '../../platform/secrets.ts'
import { identifyBy } from '../auth/identify.ts'
import { alertJson, fakeIntake, messageJson } from '../testing/alerts.ts'
import { basic, bearer, guarded, TOKENS } from '../testing/credentials.ts'
import { NOON } from '../testing/fake-incidents.ts'
import { serveApi } from '../testing/serve.ts'
import { signatureCheck } from './signature.ts'

const ALERTMANAGER = '/api/v1/webhooks/alertmanager'
const GRAFANA = '/api/v1/webhooks/grafana'
const MESSAGE = messageJson([alertJson()], { version: '4' })
const COUNTED = 'homeostat_webhook_requests_total'

async function serve(given: Parameters<typeof serveApi>[0] = {}) {
  const intake = fakeIntake()
  return { intake, ...(await serveApi({ receiveAlerts: intake.receive, ...given })) }
}

describe('a message with alerts', () => {
  it('is answered 202 once it is stored, and 200 when it says nothing new', async () => {
    const { send, intake, metric } = await serve()

    const first = await send(ALERTMANAGER, MESSAGE)
    const second = await send(ALERTMANAGER, MESSAGE)

    expect([first.status, await first.json()]).toEqual([202, { taken: 1, repeated: 0, incidents: 1 }])
    expect([second.status, await second.json()]).toEqual([200, { taken: 0, repeated: 1, incidents: 0 }])
    expect(intake.calls).toHaveLength(2)
    expect(await metric(`${COUNTED}{source="alertmanager",result="accepted"}`)).toBe(1)
    expect(await metric(`${COUNTED}{source="alertmanager",result="duplicate"}`)).toBe(1)
  })

  it('without alerts is nothing: 200, and nobody is told', async () => {
    const { send, intake } = await serve()

    expect((await send(ALERTMANAGER, messageJson([]))).status).toBe(200)
    expect(intake.calls).toEqual([])
  })

  it('carries what was left out, and why it was sent', async () => {
    const { send, intake } = await serve()

    await send(
      ALERTMANAGER,
      messageJson([alertJson()], { truncatedAlerts: 3, notification_reason: 'new alerts added' }),
    )

    expect(intake.calls[0]).toMatchObject({ truncated: 3, reason: 'new alerts added' })
  })

  it('of Grafana comes by POST and by PUT', async () => {
    const { send, intake } = await serve()

    for (const method of ['POST', 'PUT']) await send(GRAFANA, messageJson([alertJson()], { version: '1' }), {}, method)

    expect(intake.calls.map(({ alerts }) => alerts[0].source)).toEqual(['grafana', 'grafana'])
  })

  it.each(['full', 'read_only', 'unreachable', 'corrupt', 'conflict', 'internal'] as const)(
    'is answered 503 when the store is %s, and says nothing of the store',
    async (reason) => {
      const { send, metric } = await serve({
        receiveAlerts: () => Promise.reject(new JournalError(reason, 'at /var/secret')),
      })

      const answer = await send(ALERTMANAGER, MESSAGE)

      expect(answer.status).toBe(503)
      expect(answer.headers.get('retry-after')).toBe('5')
      expect(await answer.text()).not.toContain('secret')
      expect(await metric(`${COUNTED}{source="alertmanager",result="unavailable"}`)).toBe(1)
    },
  )

  it('with 10,000 alerts is read in well under a second', async () => {
    const { send, intake } = await serve()
    const alerts = Array.from({ length: 10_000 }, (_, i) =>
      alertJson({
        labels: { alertname: 'DiskFull', instance: `web-${i}`, job: 'node' },
        annotations: { description: 'x'.repeat(300) },
      }),
    )
    const body = JSON.stringify(messageJson(alerts))
    expect(body.length).toBeGreaterThan(5_500_000)

    const start = performance.now()
    const answer = await send(ALERTMANAGER, body)

    expect(answer.status).toBe(202)
    expect(performance.now() - start).toBeLessThan(2000)
    expect(intake.calls[0].alerts).toHaveLength(10_000)
  })
})

describe('what is not asked right', () => {
  it.each([
    ['GET', 405],
    ['DELETE', 405],
    ['PUT', 405],
    ['PATCH', 405],
  ])('%s is answered %i', async (method, status) => {
    const { server } = await serve()

    expect((await fetch(server.url + ALERTMANAGER, { method })).status).toBe(status)
  })

  it.each([
    ['a form', 'alerts=x', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
    ['plain text', '{}', { 'Content-Type': 'text/plain' }, 415],
    ['gzip', '{}', { 'Content-Encoding': 'gzip' }, 415],
    ['another charset', '{}', { 'Content-Type': 'application/json; charset=utf-16' }, 415],
    ['nothing', undefined, {}, 400],
    ['an empty body', '', {}, 400],
    ['no JSON', '{', {}, 400],
    ['a list', '[]', {}, 400],
    ['null', 'null', {}, 400],
    ['a text', '"x"', {}, 400],
    ['a number', '1', {}, 400],
    ['a hundred levels', `{"alerts": ${'['.repeat(100)}${']'.repeat(100)}}`, {}, 400],
    ['no UTF-8', Buffer.from('{"alerts": [], "x": "\xff"}', 'latin1'), {}, 400],
    ['a label value of 1 MB', messageJson([alertJson({ labels: { a: 'x'.repeat(2 ** 20) } })]), {}, 422],
  ])('%s', async (_, body, headers, status) => {
    const { send, intake, metric } = await serve()

    const answer = await send(ALERTMANAGER, body, headers as Record<string, string>)

    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(intake.calls).toEqual([])
    expect(await metric(`${COUNTED}{source="alertmanager",result="invalid"}`)).toBe(1)
  })

  it('a key given twice counts once, with its last value', async () => {
    const { send, intake } = await serve()
    const text = JSON.stringify(MESSAGE).replace(
      '"status":"firing","labels"',
      '"status":"resolved","status":"firing","labels"',
    )

    await send(ALERTMANAGER, text)

    expect(intake.calls[0].alerts.map(({ status }) => status)).toEqual(['firing'])
  })

  it('more than 32 MiB is refused by its announcement, before it is read', async () => {
    const { raw, metric } = await serve()

    const head = `POST ${ALERTMANAGER} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n`
    const answer = await raw(`${head}Content-Length: ${32 * 2 ** 20 + 1}\r\n\r\n`)

    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(await metric(`${COUNTED}{source="alertmanager",result="too_large"}`)).toBe(1)
  })

  it('more than 32 MiB without an announcement is refused while it comes', async () => {
    const { server } = await serve()
    const chunk = Buffer.alloc(2 ** 20, 0x20)
    async function* body() {
      for (let i = 0; i < 33; i++) yield chunk
    }

    const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: body(), duplex: 'half' }
    const answer = await fetch(server.url + ALERTMANAGER, init as unknown as RequestInit)

    expect(answer.status).toBe(413)
  })

  it('two announcements of its length are refused', async () => {
    const { raw } = await serve()

    const head = `POST ${ALERTMANAGER} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`

    expect(await raw(`${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`)).toMatch(/^HTTP\/1\.1 400 /)
  })
})

describe('a sender', () => {
  const sender = identifyBy({
    tokens: [{ name: 'alertmanager', role: 'operate', token: new Secret('token-of-the-sender') }],
    users: [{ name: 'am', role: 'operate', passwordHash: new Secret(hashSync('pass word', 4)) }],
  })
  const webhooks = { alertmanager: { identify: sender }, grafana: {} }

  it.each([
    ['nothing', {}],
    ['a token one short', bearer('token-of-the-sende')],
    ['a token one long', bearer('token-of-the-sender1')],
    ['an unknown user', basic('nobody', 'pass word')],
    ['a wrong password', basic('am', 'password')],
    ['the token of an admin', bearer(TOKENS.admin)],
  ])('that shows %s is not heard', async (_, headers) => {
    const { send, intake, metric } = await serve({ access: guarded({ webhooks }) })

    const answer = await send(ALERTMANAGER, MESSAGE, headers as Record<string, string>)

    expect(answer.status).toBe(401)
    expect(intake.calls).toEqual([])
    expect(await metric(`${COUNTED}{source="alertmanager",result="unauthorized"}`)).toBe(1)
  })

  it.each([
    ['its token', bearer('token-of-the-sender')],
    ['its password', basic('am', 'pass word')],
  ])('that shows %s is heard, and may do nothing else', async (_, headers) => {
    const { send, get } = await serve({ access: guarded({ webhooks }) })

    expect((await send(ALERTMANAGER, MESSAGE, headers)).status).toBe(202)
    expect((await get('/api/v1/targets', headers)).status).toBe(401)
  })

  it('without a credential of its own needs one of the API, to act', async () => {
    const { send } = await serve({ access: guarded() })

    expect((await send(ALERTMANAGER, MESSAGE)).status).toBe(401)
    expect((await send(ALERTMANAGER, MESSAGE, bearer(TOKENS.read))).status).toBe(403)
    expect((await send(ALERTMANAGER, MESSAGE, bearer(TOKENS.operate))).status).toBe(202)
  })

  it('is asked who it is before its message is read', async () => {
    const { send } = await serve({ access: guarded({ webhooks }) })

    expect((await send(ALERTMANAGER, 'x'.repeat(1000), { 'Content-Type': 'text/plain' })).status).toBe(401)
  })
})

describe('a signed message', () => {
  const SECRET = 'a shared secret'
  const BODY = JSON.stringify(messageJson([alertJson()], { version: '1' }))
  const [HEADER, TIMESTAMP] = ['X-Grafana-Alerting-Signature', 'X-Signed-At']
  const sign = (text: string) => createHmac('sha256', SECRET).update(text).digest('hex')

  async function signed(timestampHeader?: string) {
    const signature = signatureCheck({ secret: new Secret(SECRET), header: HEADER, timestampHeader, now: () => NOON })
    return serve({ access: guarded({ webhooks: { alertmanager: {}, grafana: { signature } } }) })
  }

  it('needs no other credential, and is a duplicate the second time', async () => {
    const { send, intake } = await signed()
    const headers = { [HEADER]: sign(BODY) }

    expect((await send(GRAFANA, BODY, headers)).status).toBe(202)
    expect(await (await send(GRAFANA, BODY, headers)).json()).toEqual({ taken: 0, repeated: 1, incidents: 0 })
    expect(intake.calls).toHaveLength(1)
  })

  it('may be sent again when it could not be stored', async () => {
    let full = true
    const intake = fakeIntake()
    const signature = signatureCheck({ secret: new Secret(SECRET), header: HEADER, now: () => NOON })
    const { send } = await serveApi({
      access: guarded({ webhooks: { alertmanager: {}, grafana: { signature } } }),
      receiveAlerts: (...all) => (full ? Promise.reject(new JournalError('full', 'x')) : intake.receive(...all)),
    })
    expect((await send(GRAFANA, BODY, { [HEADER]: sign(BODY) })).status).toBe(503)

    full = false

    expect((await send(GRAFANA, BODY, { [HEADER]: sign(BODY) })).status).toBe(202)
  })

  it.each([
    ['without a signature', BODY, {}],
    ['changed by one byte', BODY.replace('web-1', 'web-2'), { [HEADER]: sign(BODY) }],
    ['with upper-case hex', BODY, { [HEADER]: sign(BODY).toUpperCase() }],
    ['with a signature one short', BODY, { [HEADER]: sign(BODY).slice(1) }],
    ['with another secret', BODY, { [HEADER]: createHmac('sha256', 'x').update(BODY).digest('hex') }],
    ['with a token in its place', BODY, bearer(TOKENS.admin)],
  ])('%s is not heard', async (_, body, headers) => {
    const { send, intake } = await signed()

    for (let i = 0; i < 3; i++) {
      expect((await send(GRAFANA, body, headers as Record<string, string>)).status).toBe(401)
    }
    expect(intake.calls).toEqual([])
  })

  it('with two signatures is not heard', async () => {
    const { raw } = await signed()
    const line = `${HEADER}: ${sign(BODY)}\r\n`
    const head = `POST ${GRAFANA} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n`

    const answer = await raw(`${head}${line}${line}Content-Length: ${Buffer.byteLength(BODY)}\r\n\r\n${BODY}`)

    expect(answer).toMatch(/^HTTP\/1\.1 401 /)
  })

  it.each([
    [-301, 401],
    [-299, 202],
    [0, 202],
    [60, 202],
    [61, 401],
  ])('with a time %i s from now is answered %i', async (offset, status) => {
    const { send } = await signed(TIMESTAMP)
    const seconds = String(NOON / 1000 + offset)

    const answer = await send(GRAFANA, BODY, { [TIMESTAMP]: seconds, [HEADER]: sign(`${seconds}:${BODY}`) })

    expect(answer.status).toBe(status)
  })

  it.each([
    ['missing', undefined],
    ['no number', 'now'],
    ['not the one that was signed', String(NOON / 1000 + 1)],
  ])('whose time is %s is not heard', async (_, given) => {
    const { send } = await signed(TIMESTAMP)
    const headers = { [HEADER]: sign(`${NOON / 1000}:${BODY}`), ...(given !== undefined && { [TIMESTAMP]: given }) }

    expect((await send(GRAFANA, BODY, headers)).status).toBe(401)
  })
})

describe('slow senders', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  it('are told after 20 s that it is too late, and hold up nobody until then', async () => {
    const { server, send, metric } = await serve()
    const head = `POST ${ALERTMANAGER} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`
    const answers: string[] = []
    const slow = Array.from({ length: 200 }, () => connect(server.port, server.host))
    const closed = slow.map((socket, i) => {
      answers[i] = ''
      socket
        .on('error', () => {})
        .on('data', (chunk) => {
          answers[i] += chunk
        })
      socket.write(`${head}1\r\n{\r\n`)
      return new Promise((resolve) => socket.once('close', resolve))
    })

    expect((await send(ALERTMANAGER, MESSAGE)).status).toBe(202)
    await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThanOrEqual(200), { timeout: 4000 })
    await vi.advanceTimersByTimeAsync(20_000)
    await Promise.all(closed)

    expect(answers.every((answer) => answer.startsWith('HTTP/1.1 408 '))).toBe(true)
    expect(await metric(`${COUNTED}{source="alertmanager",result="timeout"}`)).toBe(200)
    expect((await send(ALERTMANAGER, MESSAGE)).status).toBe(200)
  })
})
