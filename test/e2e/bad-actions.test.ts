import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bookOf, type Envelope, type SentAlert, sendAlerts } from '../support/alerts.ts'
import { type Daemon, runCommand, startDaemon } from '../support/daemon.ts'
import { until } from '../support/deadline.ts'
import { residentMb } from '../support/web.ts'

/** What others choose, and would like to see run, read or believed. */
const HOSTILE: readonly [what: string, value: string][] = [
  ['a command behind a semicolon', '; reboot'],
  ['a quote and a command', '"; reboot'],
  ['backticks', '`id`'],
  ['a conjunction', '&& rm -rf /'],
  ['a substitution', '$(reboot)'],
  ['a NUL', 'web-1\0'],
  ['a line end', 'web-1\nweb-2'],
  ['a path upwards', '../../etc/passwd'],
  ['a Go template', '{{ .Labels }}'],
  ['a JavaScript template', `$${'{process.env.X}'}`],
  ['a constructor', "{{constructor.constructor('return process')()}}"],
  ['a look-alike letter', 'wеb-1'],
  ['a full-width letter', 'ｗeb-1'],
  ['a letter that is not seen', 'web-1\u200b'],
  ['an option', '--help'],
  ['a name of 4 kB', 'x'.repeat(4000)],
  ['nothing', ''],
  ['a blank', ' '],
  ['a name and more', 'web-1 web-2'],
]

const GROUP = 10_000
/** Long enough for a rule to be asked, refused or obeyed. */
const SOME_CYCLES_MS = 3000

let dir: string
let effects: string
let daemon: Daemon
let ssrf: Server
let redirector: Server
let heard = 0
let redirected = 0
let beforeMb: number

const lines = () => (existsSync(effects) ? readFileSync(effects, 'utf8').trim().split('\n') : [])
const linesOf = (name: string) => lines().filter((line) => line === name)
const portOf = (server: Server) => (server.address() as AddressInfo).port

function script(name: string, body: string): string {
  const path = join(dir, name)
  writeFileSync(path, `#!/usr/bin/env sh\n${body}\n`, { mode: 0o755 })
  return path
}

async function listen(server: Server, host: string): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
}

interface Way {
  readonly alert: string
  readonly action: 'exec' | 'http' | 'restart'
  readonly parameters?: Readonly<Record<string, string>>
}

function rulesOf(ways: readonly Way[]): string {
  const rules = ways.map(({ alert, action, parameters }, i) => ({
    name: alert.toLowerCase(),
    priority: i + 1,
    when: `"${alert}" in alerts`,
    action,
    parameters,
    severity: 'high',
    verification: { after: '1s', within: '5m' },
  }))
  return JSON.stringify({ rules })
}

/** Hosts of URLs that are special addresses, in every way that they are written; each by the name of its alert. */
const SPECIAL: Readonly<Record<string, string>> = {
  Metadata: '169.254.169.254',
  MetadataAsNumber: '2852039166',
  MetadataAsHex: '0xA9FEA9FE',
  Loopback: '127.0.0.1',
  LoopbackShort: '127.1',
  LoopbackOctal: '0177.0.0.1',
  LoopbackMapped: '[::ffff:127.0.0.1]',
  LoopbackOfSix: '[::1]',
  AnyAddress: '0.0.0.0',
  NameOfLoopback: 'localhost',
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'homeostat-bad-actions-'))
  effects = join(dir, 'effects')
  ssrf = createServer((_req, res) => {
    heard += 1
    res.end()
  })
  redirector = createServer((_req, res) => {
    redirected += 1
    res.writeHead(302, { Location: `http://127.0.0.2:${portOf(ssrf)}/` }).end()
  })
  // On all addresses: whatever the URL, a connection would be seen.
  await listen(ssrf, '0.0.0.0')
  await listen(redirector, '127.0.0.3')
  const urls = Object.entries(SPECIAL).map(
    ([name, host]) => [name.toLowerCase(), `http://${host}:${portOf(ssrf)}/`] as const,
  )
  const redirect = `http://127.0.0.3:${portOf(redirector)}/`
  const commands = [
    { name: 'note', argv: [script('note', `echo "$2" >> ${effects}`)], slots: ['instance'] },
    { name: 'note-name', argv: [script('note-name', `echo "$2" >> ${effects}`)], slots: ['name'] },
    { name: 'slow', argv: [script('slow', `echo slow >> ${effects}; sleep 4`)], slots: [] },
    {
      name: 'stubborn',
      argv: [script('stubborn', `trap '' TERM; (trap '' TERM; sleep 301) & sleep 301 & wait; sleep 301`)],
      slots: [],
    },
    { name: 'chatty', argv: [script('chatty', 'head -c 1000000000 /dev/zero; echo spoken')], slots: [] },
  ].map(({ name, argv, slots }) => ({
    name,
    match: '{job="web"}',
    argv,
    slots: slots.map((label) => ({ label, pattern: 'web-[a-z0-9]+' })),
    timeout: name === 'stubborn' ? '2s' : '1m',
  }))
  const requests = [...urls, ['redirect', redirect] as const].map(([name, url]) => ({
    name,
    match: '{job="web"}',
    url,
    query: { token: { env: 'QUERY_TOKEN' } },
  }))
  const ways: Way[] = [
    { alert: 'Note', action: 'exec', parameters: { command: 'note' } },
    { alert: 'NoteName', action: 'exec', parameters: { command: 'note-name' } },
    { alert: 'Slow', action: 'exec', parameters: { command: 'slow' } },
    { alert: 'Stubborn', action: 'exec', parameters: { command: 'stubborn' } },
    { alert: 'Chatty', action: 'exec', parameters: { command: 'chatty' } },
    { alert: 'Restart', action: 'restart' },
    ...[...Object.keys(SPECIAL), 'Redirect'].map((alert): Way => {
      return { alert, action: 'http', parameters: { request: alert.toLowerCase() } }
    }),
  ]
  const rules = join(dir, 'rules.yaml')
  writeFileSync(rules, rulesOf(ways))
  daemon = await startDaemon({
    env: { QUERY_TOKEN: 'secret-in-a-query' },
    config: {
      interval: '1s',
      source: { local: { rate_window: '2s' } },
      targets: { stale_after: '5s' },
      remediation: {
        mode: 'auto',
        rules: [rules],
        groups: { sizes: { web: GROUP, boxes: GROUP } },
        guards: { rates: ['1000 in 1m'], concurrency: { group: 50, all: 50 }, self_stop: 1000 },
      },
      actions: {
        targets: [{ match: '{job="boxes"}', container: { label: 'name', pattern: '[a-z-]+' } }],
        exec: { commands },
        http: { allow_addresses: ['127.0.0.3'], requests },
      },
    },
  })
  await daemon.ready()
  // Two full cycles, and what a first action loads for good.
  await send('Note', 'web-warm')
  await daemon.waitFor('a first effect', () => linesOf('web-warm').length === 1)
}, 60_000)

beforeEach(() => {
  beforeMb = residentMb(daemon.pid)
})

/** What holds after every bad input. */
afterEach(async () => {
  expect(daemon.isAlive()).toBe(true)
  const start = performance.now()
  expect((await fetch(`${daemon.url}/-/healthy`)).status).toBe(200)
  expect(performance.now() - start).toBeLessThan(1000)
  expect(daemon.logs()).not.toContain('secret-')
  expect(heard).toBe(0)
  const growth = () => residentMb(daemon.pid) - beforeMb
  await until(() => growth() < 50, { what: 'memory', withinMs: 10_000, explain: () => `grown by ${growth()} MB` })
}, 40_000)

afterAll(async () => {
  await daemon?.stop()
  ssrf?.close()
  redirector?.close()
  rmSync(dir, { recursive: true, force: true })
})

const book = () => bookOf(daemon)
const someCycles = () => new Promise((resolve) => setTimeout(resolve, SOME_CYCLES_MS))

/** Sends one alert about the job `web`; its labels may say otherwise. */
async function send(
  alertname: string,
  instance: string,
  { labels, ...more }: Partial<SentAlert> = {},
  envelope?: Envelope,
): Promise<void> {
  const alert = { labels: { alertname, instance, job: 'web', ...labels }, ...more }
  expect((await sendAlerts(daemon, [alert], envelope)).ok).toBe(true)
}

/** The target of the alert that was sent as a row of a table. */
async function targetOf(row: string): Promise<string> {
  return daemon.waitFor('an incident', async () => {
    for (const { id, target } of await book().incidents()) {
      if (!rows.has(id)) rows.set(id, { target, row: await rowOf(id) })
      if (rows.get(id)?.row === row) return target
    }
    return false
  })
}

const rows = new Map<string, { readonly target: string; readonly row: string | undefined }>()
const rowOf = async (id: string) => (await book().incident(id)).alerts[0]?.labels['row']

const inState = (target: string, state: string) => async () =>
  (await book().actionsOn(target)).find((one) => one.state === state) ?? false
/** By this guard and for this reason: another may have come first, where a busy machine left out a cycle. */
const refusedBecause = (target: string, why: RegExp) => async () =>
  (await book().actionsOn(target)).find(({ state, reason }) => state === 'REFUSED' && why.test(reason)) ?? false

/** The rows of the audit about one action, oldest first. */
function auditOf(action: string): readonly string[] {
  const store = new Database(join(daemon.dataDir, 'homeostat.db'), { readonly: true })
  try {
    const rows = store.prepare('select text from audit where subject = ? order by seq').all(action)
    return (rows as { text: string }[]).map(({ text }) => text)
  } finally {
    store.close()
  }
}

describe('a label that reaches an action', () => {
  const tables = [
    ['as what the target is called', 'Note', (value: string, i: number) => ({ instance: value, row: `called-${i}` })],
    ['as a label of the alert', 'NoteName', (value: string, i: number) => ({ name: value, row: `labelled-${i}` })],
  ] as const
  const labelsOf = (alertname: string, labels: Readonly<Record<string, string>>) => {
    return { alertname, job: 'web', instance: `web-${labels['row']}`, ...labels }
  }

  beforeAll(async () => {
    const alerts = tables.flatMap(([, name, labels]) =>
      HOSTILE.map(([, value], i) => ({ labels: labelsOf(name, labels(value, i)) })),
    )
    expect((await sendAlerts(daemon, alerts)).status).toBe(202)
  })

  describe.each(tables)('%s', (_, name, labels) => {
    it.each(HOSTILE.map(([what, value], i) => [what, value, i] as const))(
      '%s → refused, and nothing is run',
      async (_what, value, i) => {
        const why = /^selector: actions\.exec\.commands\[[01]\]/
        const refused = await daemon.waitFor('a refusal', refusedBecause(await targetOf(labels(value, i).row), why))

        expect(refused.rule).toBe(name.toLowerCase())
        expect(auditOf(refused.id)).toEqual([refused.reason])
        expect(lines()).toEqual(['web-warm'])
      },
    )
  })

  it('that is what its pattern allows is one argument', async () => {
    await send('NoteName', 'web-good', { labels: { name: 'web-7' } })

    await daemon.waitFor('the effect', () => linesOf('web-7').length === 1)
  })

  it.each([
    ['homeostat', 'us'],
    ['prometheus', 'our Prometheus'],
  ])('the container %s, which is %s → never touched, though a rule matches', async (name) => {
    await send('Restart', `box-${name}`, { labels: { job: 'boxes', name } })
    const why = /^protected: never to be touched/
    const refused = await daemon.waitFor('a refusal', refusedBecause(`box-${name}@boxes`, why))

    expect(auditOf(refused.id)).toEqual([refused.reason])
  })
})

describe('a URL', () => {
  beforeAll(async () => {
    const labels = (alertname: string) => ({ alertname, instance: `web-${alertname.toLowerCase()}`, job: 'web' })
    const alerts = Object.keys(SPECIAL).map((name) => ({ labels: labels(name) }))
    expect((await sendAlerts(daemon, alerts)).status).toBe(202)
  })

  it.each(Object.keys(SPECIAL))('of a special address (%s) → refused before a connection', async (name) => {
    const target = `web-${name.toLowerCase()}@web`
    const refused = await daemon.waitFor('a refusal', refusedBecause(target, /not a public address/))

    expect(auditOf(refused.id).at(-1)).toBe(refused.reason)
  })

  it('that answers with a redirect to a private address → not followed, and not sent again', async () => {
    await send('Redirect', 'web-redirect')

    const unknown = await daemon.waitFor('its end', inState('web-redirect@web', 'UNKNOWN'))
    await someCycles()

    expect(unknown.reason).toContain('302')
    expect(redirected).toBe(1)
  })

  it('with a user, with a fragment, from a label or with a placeholder → refused at load, each with its line', async () => {
    const urls = ['http://ok@evil', 'http://evil#ok', { label: 'instance', pattern: 'x' }, 'http://{{ instance }}/']
    const requests = urls.map((url, i) => JSON.stringify({ name: `r${i}`, match: '{job="a"}', url }))
    const file = join(dir, 'url.yaml')
    writeFileSync(file, ['actions:', '  http:', '    requests:', ...requests.map((one) => `      - ${one}`)].join('\n'))

    const { code, stderr } = await runCommand(['check-config', file])

    expect(code).toBe(2)
    for (const i of urls.keys()) {
      expect(stderr).toMatch(new RegExp(`url\\.yaml:${i + 4}:\\d+: actions\\.http\\.requests\\[${i}\\]\\.url`))
    }
  })
})

describe('order, time and duplicates', () => {
  it('the same message 100 times at once → 1 incident, 1 action', async () => {
    const startsAt = new Date()

    await Promise.all(Array.from({ length: 100 }, () => send('Note', 'web-many', { startsAt })))
    await daemon.waitFor('the effect', () => linesOf('web-many').length > 0)
    await someCycles()

    expect((await book().incidents()).filter(({ target }) => target === 'web-many@web')).toHaveLength(1)
    expect(linesOf('web-many')).toHaveLength(1)
  })

  it('resolved before it fired → no action', async () => {
    const startsAt = new Date(Date.now() - 5000)

    await send('Note', 'web-over', { startsAt, status: 'resolved' })
    await send('Note', 'web-over', { startsAt })
    await someCycles()

    expect(await book().actionsOn('web-over@web')).toEqual([])
  })

  it('an end before the beginning → stored, no action', async () => {
    await send('Note', 'web-backwards', { endsAt: new Date('2020-01-01T00:00:00Z') })
    await someCycles()

    expect(await book().incidentOf('web-backwards@web')).toBeDefined()
    expect(await book().actionsOn('web-backwards@web')).toEqual([])
  })

  it('resolved while the action is under way → it ends, is verified, and nothing follows', async () => {
    const startsAt = new Date()
    await send('Slow', 'web-slow', { startsAt })
    await daemon.waitFor('the start', inState('web-slow@web', 'STARTED'))

    await send('Slow', 'web-slow', { startsAt, status: 'resolved' })
    await daemon.waitFor('the proof', inState('web-slow@web', 'VERIFIED'))

    // What a guard refused at first, as the concurrency of what came before, stands in the ledger as well.
    const begun = (await book().actionsOn('web-slow@web')).filter(({ state }) => state !== 'REFUSED')
    expect(begun).toHaveLength(1)
    expect(linesOf('slow')).toHaveLength(1)
  })

  it('another beginning, another alert, and the first one again within the cooldown → the same incident, no action', async () => {
    const startsAt = new Date()
    await send('Note', 'web-anew', { startsAt })
    await daemon.waitFor('the effect', () => linesOf('web-anew').length === 1)
    await send('Note', 'web-anew', { startsAt, status: 'resolved' })
    await daemon.waitFor('the proof', inState('web-anew@web', 'VERIFIED'))

    await send('Note', 'web-anew', { startsAt: new Date() })
    await send('Note', 'web-anew', { labels: { severity: 'page' } })
    await daemon.waitFor('a refusal', refusedBecause('web-anew@web', /^cooldown: /))
    await someCycles()

    expect((await book().incidents()).filter(({ target }) => target === 'web-anew@web')).toHaveLength(1)
    expect(linesOf('web-anew')).toHaveLength(1)
  })

  it('said again because the interval has elapsed → no second action', async () => {
    const startsAt = new Date()
    await send('Note', 'web-again', { startsAt })
    await daemon.waitFor('the effect', () => linesOf('web-again').length === 1)

    for (let i = 0; i < 3; i++) {
      await send('Note', 'web-again', { startsAt }, { notification_reason: 'repeat interval elapsed' })
    }
    await someCycles()

    expect(linesOf('web-again')).toHaveLength(1)
    expect(await book().actionsOn('web-again@web')).toHaveLength(1)
  })

  it('a message from which alerts were left out → the fleet is not known, no action until it is', async () => {
    const startsAt = new Date()
    await send('Note', 'web-cut', { startsAt }, { truncatedAlerts: 3 })

    await daemon.waitFor('a refusal', refusedBecause('web-cut@web', /^fleet_breaker: a sender left alerts out/))
    expect(linesOf('web-cut')).toEqual([])

    await send('Note', 'web-cut', { startsAt })
    await daemon.waitFor('the effect', () => linesOf('web-cut').length === 1)
  })

  it('our own anomaly, come back as an alert → no incident, no action', async () => {
    await send('Note', 'web-origin', { labels: { origin: 'homeostat' } })
    await someCycles()

    expect(await book().incidentOf('web-origin@web')).toBeUndefined()
    expect(await book().actionsOn('web-origin@web')).toEqual([])
  })
})

describe('a command', () => {
  it('that ignores SIGTERM, and so do its children → all are killed at the timeout, and nobody knows', async () => {
    await send('Stubborn', 'web-stubborn')

    const unknown = await daemon.waitFor('its end', inState('web-stubborn@web', 'UNKNOWN'))

    expect(unknown.reason).toContain('took too long')
    await until(() => sleepers('301') === 0, { what: 'no child', withinMs: 3000 })
  })

  it('that prints 1 GB → is not held up, and its output is not kept', async () => {
    await send('Chatty', 'web-chatty')

    const done = await daemon.waitFor('its end', inState('web-chatty@web', 'SUCCEEDED'))

    expect(done.reason.length).toBeLessThan(500)
  })
})

/** How many processes sleep for so long. */
function sleepers(seconds: string): number {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') === `sleep\0${seconds}\0`
    } catch {
      return false
    }
  }).length
}
