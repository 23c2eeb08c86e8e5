import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { until } from '../support/deadline.ts'
import { basic, bearer, GUARDED, rawStatus, residentMb, SECRETS, signature } from '../support/web.ts'

const ALERTMANAGER = '/api/v1/webhooks/alertmanager'
const GRAFANA = '/api/v1/webhooks/grafana'
const MIB = 2 ** 20
const SENDER = bearer(SECRETS.sender)

let daemon: Daemon
let beforeMb: number
let sent = 0

beforeAll(async () => {
  daemon = await startDaemon({ config: { ...GUARDED.config, interval: '5s' }, env: GUARDED.env })
  await daemon.ready()
  // What the first messages of each kind load for good is no growth.
  for (let i = 0; i < 3; i++) expect((await post(message([alert()]))).status).toBe(202)
  await post(' '.repeat(31 * MIB))
}, 60_000)

beforeEach(() => {
  beforeMb = residentMb(daemon.pid)
})

/** What holds after every bad input, whatever its answer was. */
afterEach(async () => {
  expect(daemon.isAlive()).toBe(true)
  const start = performance.now()
  expect((await fetch(`${daemon.url}/-/healthy`)).status).toBe(200)
  expect((await fetch(`${daemon.url}/api/v1/targets`, { headers: bearer(SECRETS.read) })).status).toBe(200)
  expect(performance.now() - start).toBeLessThan(1000)
  expect(daemon.logs()).not.toContain('secret-')
  const growth = () => residentMb(daemon.pid) - beforeMb
  await until(() => growth() < 50, { what: 'memory', withinMs: 10_000, explain: () => `grown by ${growth()} MB` })
  expect(await plannedActions()).toBe(0)
}, 40_000)

afterAll(async () => {
  await daemon?.stop()
})

/** Actions of any state but those that were only recorded or refused. */
async function plannedActions(): Promise<number> {
  const answer = await fetch(`${daemon.url}/api/v1/actions?limit=1000`, { headers: bearer(SECRETS.read) })
  if (answer.status === 404) return 0
  const { items } = (await answer.json()) as { items: { state: string }[] }
  return items.filter(({ state }) => state !== 'REFUSED' && state !== 'DRY_RUN').length
}

function alert(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  sent += 1
  return {
    status: 'firing',
    labels: { alertname: 'Bad', instance: `bad-${sent}`, job: 'node' },
    annotations: {},
    startsAt: new Date().toISOString(),
    endsAt: '0001-01-01T00:00:00Z',
    fingerprint: '00',
    ...changes,
  }
}

const message = (alerts: readonly unknown[]) => JSON.stringify({ version: '4', groupKey: 'g', alerts })

function post(body: unknown, headers: Record<string, string> = SENDER, path = ALERTMANAGER): Promise<Response> {
  const init = { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body, duplex: 'half' }
  return fetch(daemon.url + path, init as RequestInit)
}

function ask(path: string, token: string, method = 'GET', body?: unknown): Promise<Response> {
  const headers = { ...bearer(token), ...(body !== undefined && { 'Content-Type': 'application/json' }) }
  return fetch(daemon.url + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) })
}

const counted = (result: string, source = 'alertmanager') =>
  daemon.metric('homeostat_webhook_requests_total', { source, result })

/** A count that stays the same from one scrape to another a while later: the page is kept for an instant. */
async function settled(result: string): Promise<number> {
  let last: number | undefined
  const same = async () => {
    const before = last
    last = await counted(result)
    return before === last
  }
  await until(same, { what: 'a count at rest', withinMs: 5000, everyMs: 500 })
  return last ?? 0
}

describe('authentication', () => {
  it.each([
    ['no credentials', {}],
    ['a wrong token', bearer('wrong')],
    ['a token one short', bearer(SECRETS.sender.slice(1))],
    ['a token one long', bearer(`${SECRETS.sender}x`)],
    ['an empty token', bearer('')],
    ['the token of somebody else', bearer(SECRETS.admin)],
    ['an unknown user', basic('nobody', SECRETS.password)],
    ['a wrong password', basic('am', 'wrong')],
    ['no base64', { Authorization: 'Basic %%%' }],
  ])('%s → 401', async (_, headers) => {
    const answer = await post(message([alert()]), headers as Record<string, string>)

    expect(answer.status).toBe(401)
    expect(await answer.text()).not.toContain('secret-')
  })

  it('two Authorization headers → 401', async () => {
    const line = `Authorization: Bearer ${SECRETS.sender}\r\n`
    const head = `POST ${ALERTMANAGER} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n`

    expect(await rawStatus(daemon.url, `${head}${line}${line}Content-Length: 2\r\n\r\n{}`)).toBe(401)
  })

  it('an unknown user costs the work of a known one', async () => {
    // Whatever else the machine does can only make a look slower: what counts is the fastest so far.
    const fastest: Record<string, number> = { am: Infinity, nobody: Infinity }
    const ratio = async () => {
      for (const user of ['am', 'nobody', 'am', 'nobody', 'am', 'nobody']) {
        const start = performance.now()
        await post('{}', basic(user, `wrong-${start}`))
        fastest[user] = Math.min(fastest[user], performance.now() - start)
      }
      return Math.max(fastest.am, fastest.nobody) / Math.min(fastest.am, fastest.nobody) < 1.5
    }
    await until(ratio, { what: 'a ratio below 1.5', withinMs: 45_000 })
  })

  it('an HMAC over other bytes → 401', async () => {
    const body = message([alert()]).replace('"4"', '"1"')

    expect((await post(body.replace('bad-', 'Bad-'), signature(body), GRAFANA)).status).toBe(401)
  })

  it('an HMAC in upper case → 401, every time', async () => {
    const body = message([alert()]).replace('"4"', '"1"')
    const headers = signature(body)
    const upper = { ...headers, 'X-Grafana-Alerting-Signature': headers['X-Grafana-Alerting-Signature'].toUpperCase() }

    for (let i = 0; i < 3; i++) expect((await post(body, upper, GRAFANA)).status).toBe(401)
  })

  it('a time 302 s old → 401, 290 s old → taken, and a replay is a duplicate', async () => {
    const body = message([alert()]).replace('"4"', '"1"')
    const headers = signature(body, -290)

    expect((await post(body, signature(body, -302), GRAFANA)).status).toBe(401)
    expect((await post(body, signature(body, 90), GRAFANA)).status).toBe(401)
    expect((await post(body, headers, GRAFANA)).status).toBe(202)
    const replay = await post(body, headers, GRAFANA)
    expect([replay.status, await replay.json()]).toEqual([200, { taken: 0, repeated: 1, incidents: 0 }])
  })
})

describe('HTTP and body', () => {
  it.each(['GET', 'DELETE', 'PATCH', 'PROPFIND'])('%s on a webhook → 405', async (method) => {
    expect((await fetch(daemon.url + ALERTMANAGER, { method, headers: SENDER })).status).toBe(405)
  })

  it('methods that HTTP does not know → 400, and `other` is the label of rare ones', async () => {
    expect(await rawStatus(daemon.url, `FOO ${ALERTMANAGER} HTTP/1.1\r\nHost: x\r\n\r\n`)).toBe(400)
    expect(await rawStatus(daemon.url, 'MKCOL / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toBe(405)
    const samples = (await daemon.metrics()).filter(({ name }) => name === 'homeostat_http_requests_total')
    const known = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'other']
    expect(known).toEqual(expect.arrayContaining([...new Set(samples.map(({ labels }) => labels['method']))]))
    expect(samples.some(({ labels }) => labels['method'] === 'other')).toBe(true)
  })

  it.each([
    ['a form', 'a=b', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
    ['no type', '{}', { 'Content-Type': '' }, 415],
    ['gzip', Buffer.from([0x1f, 0x8b]), { 'Content-Encoding': 'gzip' }, 415],
    ['brotli', '{}', { 'Content-Encoding': 'br' }, 415],
    ['empty', '', {}, 400],
    ['half of it', '{"alerts":', {}, 400],
    ['100 levels', `${'['.repeat(100)}${']'.repeat(100)}`, {}, 400],
    ['32 Mi levels', Buffer.alloc(32 * MIB, '['), {}, 400],
    ['levels of objects without an end', '{"a":'.repeat(6 * MIB), {}, 400],
    ['16 million values', `[${'0,'.repeat(16 * MIB - 2)}0]`, {}, 422],
    ['a text of 32 MB', JSON.stringify({ alerts: [], x: 'x'.repeat(32 * MIB - 20) }), {}, 422],
    ['an array of nothing', `{"alerts":[${'[],'.repeat(MIB)}0]}`, {}, 422],
    ['32 MiB + 1', Buffer.alloc(32 * MIB + 1, ' '), {}, 413],
    ['a broken UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), {}, 400],
    ['a NUL', '{"alerts": []}\0', {}, 400],
  ])('%s', async (_, body, headers, status) => {
    expect((await post(body, { ...SENDER, ...(headers as Record<string, string>) })).status).toBe(status)
  })

  it('32 MiB + 1 is refused by its announcement, and counted', async () => {
    // A scrape may be an instant old.
    const before = await settled('too_large')
    const head = `POST ${ALERTMANAGER} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n`
    const request = `${head}Authorization: Bearer ${SECRETS.sender}\r\nContent-Length: ${32 * MIB + 1}\r\n\r\n`

    expect(await rawStatus(daemon.url, request)).toBe(413)
    await until(async () => (await counted('too_large')) === before + 1, { what: 'the count', withinMs: 5000 })
  })

  it('32 MiB + 1 in pieces → 413', async () => {
    async function* pieces() {
      for (let i = 0; i < 33; i++) yield Buffer.alloc(MIB, ' ')
    }

    expect((await post(pieces())).status).toBe(413)
  })

  it.each([
    ['two lengths', 'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}'],
    ['two different lengths', 'Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}'],
    ['a negative length', 'Content-Length: -1\r\n\r\n{}'],
    ['a chunk without a size', 'Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n'],
    ['a header without an end', `X: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['a header with a NUL', 'X: \0\r\n\r\n'],
  ])('%s → 400 or 431', async (_, rest) => {
    const head = `POST ${ALERTMANAGER} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${SECRETS.sender}\r\nContent-Type: application/json\r\n`

    expect([400, 431]).toContain(await rawStatus(daemon.url, head + rest))
  })

  it('TLS to a plain port → 400', async () => {
    expect(await rawStatus(daemon.url, Buffer.from('16030100c8010000c40303', 'hex'))).toBe(400)
  })

  it('200 senders of one byte a second → 408 within 30 s, and they hold up nobody', { timeout: 60_000 }, async () => {
    const head = `POST ${ALERTMANAGER} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${SECRETS.sender}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`
    const start = performance.now()
    const ends = Array.from({ length: 200 }, () => slowSender(head))

    for (let i = 0; i < 5; i++) {
      const asked = performance.now()
      expect((await post(message([alert()]))).status).toBe(202)
      expect(performance.now() - asked).toBeLessThan(1000)
    }
    const answers = await Promise.all(ends)

    expect(answers.filter((answer) => answer.startsWith('HTTP/1.1 408 '))).toHaveLength(200)
    expect(performance.now() - start).toBeLessThan(30_000)
    await until(async () => (await counted('timeout')) === 200, { what: 'the count', withinMs: 5000 })
  })
})

describe('the shape of the payload', () => {
  it.each([
    ['[]', '[]', 400],
    ['null', 'null', 400],
    ['"x"', '"x"', 400],
    ['1', '1', 400],
    ['alerts that are null', '{"alerts": null}', 400],
    ['alerts from a prototype', '{"__proto__": {"alerts": []}}', 400],
    ['an alert that is null', message([null]), 400],
    ['a status of its own', message([{ ...alert(), status: 'exploded' }]), 400],
    ['labels that are a list', message([{ ...alert(), labels: ['a'] }]), 400],
    ['a label that is an object', message([{ ...alert(), labels: { a: {} } }]), 400],
    ['another version', '{"version": "99", "alerts": []}', 422],
    ['a label value of 1 MB', message([alert({ labels: { instance: 'x'.repeat(MIB) } })]), 422],
    ['a label name of 1 MB', message([alert({ labels: { ['x'.repeat(MIB)]: '' } })]), 422],
    [
      '10,000 labels',
      message([alert({ labels: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`l${i}`, ''])) })]),
      422,
    ],
    ['60,000 alerts', message(Array.from({ length: 60_000 }, () => ({}))), 422],
  ])('%s', async (_, body, status) => {
    expect((await post(body)).status).toBe(status)
  })

  it('no alerts mean no targets: 200 and nothing', async () => {
    const answer = await post(message([]))

    expect([answer.status, await answer.json()]).toEqual([200, { taken: 0, repeated: 0, incidents: 0 }])
  })

  it.each([
    [
      'a key twice: the last counts',
      message([alert()]).replace('"status":"firing"', '"status":"resolved","status":"firing"'),
    ],
    [
      'labels called like members',
      message([alert()]).replace('"alertname"', '"__proto__":"x","toString":"y","hasOwnProperty":"z","alertname"'),
    ],
    [
      'label names with blanks, line ends and umlauts',
      message([alert({ labels: { 'a b': '1', 'a\nb': '2', ä: '3', instance: 'odd' } })]),
    ],
    ['a NUL and half a character', message([alert({ labels: { instance: 'a\0b', half: '\ud800' } })])],
    ['an end before the beginning', message([alert({ endsAt: '2020-01-01T00:00:00Z' })])],
    ['no fingerprint', message([alert({ fingerprint: undefined })])],
    ['a resolved one that never fired', message([alert({ status: 'resolved', endsAt: new Date().toISOString() })])],
    ['a leap second', message([alert({ startsAt: '2016-12-31T23:59:60Z' })])],
    ['fields of the future', message([alert({ values: null, newField: [{}] })])],
  ])('%s is stored', async (_, body) => {
    expect((await post(body)).status).toBe(202)
    expect((await post(body)).status).toBe(200)
  })

  it.each([
    '; reboot',
    '`id`',
    '&& rm -rf /',
    '$(reboot)',
    '../../etc/passwd',
    '{{ .Labels }}',
    '$' + '{process.env.X}',
    "{{constructor.constructor('return process')()}}",
    'ｗeb-1',
    'x'.repeat(4096),
    '<script>alert(1)</script>',
    "' OR 1=1 --",
    '%n%s%p',
  ])('a label of %j is data', async (instance) => {
    expect((await post(message([alert({ labels: { alertname: instance, instance, job: 'node' } })]))).status).toBe(202)
  })
})

describe('metrics', () => {
  it('have as many series for 100,000 names of alerts as for one', { timeout: 120_000 }, async () => {
    const seriesNow = async () => (await daemon.metrics()).filter(({ name }) => name.startsWith('homeostat_')).length
    const before = await seriesNow()

    for (let i = 0; i < 100; i++) {
      const alerts = Array.from({ length: 1000 }, (_, j) =>
        alert({ labels: { alertname: `Name${i * 1000 + j}`, instance: `many-${i % 5}`, job: 'node' } }),
      )
      expect((await post(message(alerts))).status).toBe(202)
    }

    expect((await seriesNow()) - before).toBeLessThan(50)
  })

  it('answer 50 scrapes at once, or say that they are too many', async () => {
    const scrapes = Array.from({ length: 50 }, async () => (await fetch(`${daemon.url}/metrics`)).status)
    const start = performance.now()
    expect((await fetch(`${daemon.url}/-/healthy`)).status).toBe(200)
    expect(performance.now() - start).toBeLessThan(1000)

    const statuses = await Promise.all(scrapes)

    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(2)
    expect(statuses.every((status) => status === 200 || status === 503)).toBe(true)
  })
})

describe('the API', () => {
  it.each([
    '/api/incidents/../../etc/passwd',
    '/api/v1/incidents/../../../etc/passwd',
    '/api/v1/incidents/..%2f..%2fetc%2fpasswd',
    '/api/v1/incidents/..%252f..%252fetc%252fpasswd',
    '/api/v1/incidents/%00',
    '/api/v1/incidents/%2e%2e',
    '/api/v1/targets/..%2f..%2fetc%2fpasswd',
    '/api/v1/webhooks/../../../etc/passwd',
    '//etc/passwd',
  ])('GET %s → 404', async (path) => {
    const head = `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${SECRETS.read}\r\n\r\n`

    expect(await rawStatus(daemon.url, head)).toBe(404)
  })

  it.each([
    ['limit=1e9', 400],
    ['limit=-1', 400],
    ['limit=abc', 400],
    ['limit=999999999', 200],
    ['cursor=%00', 400],
    ['target=%00', 400],
    ['target=a&target=b', 400],
  ])('?%s → %i', async (query, status) => {
    expect((await ask(`/api/v1/incidents?${query}`, SECRETS.read)).status).toBe(status)
  })

  it('an incident that is none, or outside of what is seen → 404', async () => {
    const list = (await (await ask('/api/v1/incidents?limit=1000', SECRETS.read)).json()) as { items: { id: string }[] }
    for (const id of ['no-such-one', ...list.items.slice(0, 5).map((item) => item.id)]) {
      expect((await ask(`/api/v1/incidents/${id}`, SECRETS.scoped)).status).toBe(404)
      expect((await ask(`/api/v1/incidents/${id}/acknowledge`, SECRETS.scoped, 'POST')).status).toBe(404)
    }
    expect(((await (await ask('/api/v1/incidents', SECRETS.scoped)).json()) as { items: unknown[] }).items).toEqual([])
  })

  it.each([
    ['/api/v1/incidents/x/acknowledge', { state: 'VERIFIED' }],
    ['/api/v1/incidents/x/feedback', { useful: true, state: 'VERIFIED' }],
    ['/api/v1/changes', { targets: ['a'], id: '1' }],
    ['/api/v1/session', { token: 'x', role: 'admin' }],
  ])('POST %s with more than is asked → 400', async (path, body) => {
    expect((await ask(path, SECRETS.operate, 'POST', body)).status).toBe(400)
  })

  it.each(['/-/reload', '/api/v1/incidents/x/acknowledge', '/api/v1/changes'])(
    'POST %s without the role → 403',
    async (path) => {
      expect((await ask(path, SECRETS.read, 'POST')).status).toBe(403)
    },
  )
})

/** Sends a byte a second until the server has had enough; gives its answer. */
function slowSender(head: string): Promise<string> {
  const { hostname, port } = new URL(daemon.url)
  const socket = connect(Number(port), hostname)
  let answer = ''
  socket.write(head)
  const drip = setInterval(() => socket.write('1\r\n \r\n'), 1000)
  return new Promise((resolve) => {
    socket
      .on('error', () => {})
      .on('data', (chunk: Buffer) => {
        answer += chunk.toString('latin1')
      })
    socket.once('close', () => {
      clearInterval(drip)
      resolve(answer)
    })
  })
}
