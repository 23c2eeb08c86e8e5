import { readdirSync } from 'node:fs'
import { get as httpGet, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { StatusJson } from '../../src/api/contract.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'

const TEN = Date.parse('2026-03-02T10:00:00Z')
const WELL = { cpu_percent: 30, memory_percent: 48, request_latency_ms: 80, requests_per_second: 120 }
const OVERLOADED = { ...WELL, cpu_percent: 97, request_latency_ms: 900 }

let daemon: Daemon

afterEach(async () => {
  await daemon.stop()
})

/** A service that is overloaded at the end, in a daemon that goes by the time of its readings. */
async function withTrouble(config: object = {}, headers: Record<string, string> = {}, env?: Record<string, string>) {
  daemon = await startDaemon({ config: { interval: '5s', ...config }, args: ['--clock', 'readings'], env })
  await daemon.ready()
  const push = async (reading: number, metrics: Record<string, number>) => {
    const noisy = Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, value + (reading % 5) / 5]))
    const timestamp = new Date(TEN + reading * 3000).toISOString()
    const answer = await fetch(`${daemon.url}/api/v1/observations`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify({ service: 'checkout', timestamp, metrics: noisy }),
    })
    expect(answer.status).toBe(200)
  }
  for (let i = 0; i < 60; i++) await push(i, WELL)
  async function trouble(): Promise<void> {
    for (let i = 60; i < 75; i++) await push(i, OVERLOADED)
  }
  return { trouble }
}

/** Server-sent events, as they come. */
async function listen(path: string, headers: Record<string, string> = {}) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    httpGet(`${daemon.url}${path}`, { headers, agent: false }, resolve).on('error', reject)
  })
  const heard: { name: string; id: string | undefined; data: unknown }[] = []
  let rest = ''
  let ended = false
  answer.setEncoding('utf8').on('data', (text: string) => {
    const blocks = (rest + text).split('\n\n')
    rest = blocks.pop()!
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
      if (field('event') !== undefined)
        heard.push({ name: field('event')!, id: field('id'), data: JSON.parse(field('data')!) })
    }
  })
  answer.on('close', () => {
    ended = true
  })
  return { heard, hasEnded: () => ended, close: () => answer.destroy() }
}

interface Document {
  readonly paths: Readonly<Record<string, { readonly get?: { readonly responses: Responses } }>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

type Responses = Readonly<Record<number, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>>

/** What the description that the daemon serves says of its answers. */
async function description() {
  const document = (await (await fetch(`${daemon.url}/api/v1/openapi.json`)).json()) as Document
  const local = (value: unknown) => JSON.parse(JSON.stringify(value).replaceAll('#/components/schemas/', '#/$defs/'))
  const $defs = local(document.components.schemas)
  return {
    document,
    check: (schema: object) => z.fromJSONSchema({ ...local(schema), $defs }),
    event: (name: string) => z.fromJSONSchema({ ...$defs['Events'].properties[name], $defs }),
  }
}

describe('the API of a running daemon', () => {
  it('answers as it describes, and tells what happens as it describes', async () => {
    const { trouble } = await withTrouble()
    const { document, check, event } = await description()
    const stream = await listen('/api/v1/events')
    await trouble()
    await daemon.waitFor('an incident', () => stream.heard.some(({ name }) => name === 'incident'))
    await daemon.waitFor('the target', () => stream.heard.some(({ name }) => name === 'targets'))
    const ids = { '/api/v1/targets': '', '/api/v1/incidents': '', '/api/v1/actions': '' }
    let answers = 0
    for (const [path, operations] of Object.entries(document.paths)) {
      const schema = operations.get?.responses[200]?.content?.['application/json']?.schema
      if (schema === undefined) continue
      const list = path.replace(/\/\{.*/, '') as keyof typeof ids
      if (path.includes('{') && !ids[list]) continue
      const answer = await fetch(daemon.url + path.replace(/\{\w+\}/, encodeURIComponent(ids[list])))
      const body = (await answer.json()) as { items?: { id: string }[] }
      if (list in ids && body.items !== undefined) ids[list] = body.items[0]?.id ?? ''
      expect({ path, wrong: check(schema).safeParse(body).error?.issues }).toEqual({ path })
      answers++
    }
    expect(answers).toBeGreaterThanOrEqual(15)
    const { sources } = (await (await fetch(`${daemon.url}/api/v1/status`)).json()) as StatusJson
    expect(sources).toMatchObject([{ kind: 'push', state: 'up', targets: 1 }])
    for (const { name, data } of stream.heard)
      expect({ name, wrong: event(name).safeParse(data).error?.issues }).toEqual({ name })
    expect(stream.heard[0].name).toBe('hello')
    stream.close()
  })

  it('goes on with events after a break, and ends them when it stops', async () => {
    const { trouble } = await withTrouble()
    const first = await listen('/api/v1/events')
    await daemon.waitFor('a greeting', () => first.heard.length > 0)
    first.close()
    await trouble()

    const second = await listen(`/api/v1/events?last_event_id=${first.heard[0].id}`)
    await daemon.waitFor('what was missed', () => second.heard.some(({ name }) => name === 'incident'))
    const elsewhere = await listen('/api/v1/events', { 'Last-Event-ID': '0123456789ab-1' })
    await daemon.waitFor('a reset', () => elsewhere.heard.some(({ name }) => name === 'reset'))
    const { tookMs, code } = await daemon.stop()

    expect([second.hasEnded(), elsewhere.hasEnded()]).toEqual([true, true])
    expect(code).toBe(0)
    // Streams that are open do not hold up the end.
    expect(tookMs).toBeLessThan(3000)
  })

  it('ends the events of a session with it, and those of all with a reload', async () => {
    const auth = { tokens: [{ name: 'ops', token_env: 'OPS', role: 'admin' }] }
    const ops = { Authorization: 'Bearer a-token-of-operators-for-tests' }
    await withTrouble({ web: { auth } }, ops, { OPS: 'a-token-of-operators-for-tests' })
    expect((await fetch(`${daemon.url}/api/v1/events`)).status).toBe(401)
    const signedIn = await fetch(`${daemon.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token: 'a-token-of-operators-for-tests' }),
    })
    const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0]
    const [own, other] = [await listen('/api/v1/events', { cookie }), await listen('/api/v1/events', ops)]
    await daemon.waitFor('greetings', () => own.heard.length > 0 && other.heard.length > 0)

    await fetch(`${daemon.url}/api/v1/session`, { method: 'DELETE', headers: { cookie } })
    await daemon.waitFor('the end of one', own.hasEnded)
    expect(other.hasEnded()).toBe(false)
    expect((await fetch(`${daemon.url}/-/reload`, { method: 'POST', headers: ops })).status).toBe(200)

    await daemon.waitFor('the end of the other', other.hasEnded)
  })
})

describe('the pages of a running daemon', () => {
  it('are served compressed, and kept as long as they hold', async () => {
    daemon = await startDaemon({ config: { source: { type: 'local' } } })
    await daemon.ready()
    const page = await fetch(`${daemon.url}/`)
    const html = await page.text()
    const docs = await (await fetch(`${daemon.url}/api/docs`)).text()
    const found = [...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, path]) => path)
    const inDocs = [...docs.matchAll(/(?:src|href)="(docs\/[^"]+)"/g)].map(([, path]) => `api/${path}`)

    // Those that the description names; another one would have to be told of there.
    const built = readdirSync(join(import.meta.dirname, '../../dist/ui')).filter((name) => !/\.(br|gz)$/.test(name))
    expect(built.sort()).toEqual(['assets', 'icon.svg', 'index.html'])
    expect(page.headers.get('cache-control')).toBe('no-cache')
    expect(found.length).toBeGreaterThanOrEqual(2)
    expect(inDocs).toHaveLength(3)
    for (const path of [...found, ...inDocs]) {
      const answer = await fetch(`${daemon.url}/${path}`, { headers: { 'Accept-Encoding': 'br, gzip' } })
      expect({ path, status: answer.status }).toEqual({ path, status: 200 })
      const isKept = path.startsWith('assets/') || path.includes('swagger-ui')
      const keeping = isKept ? 'public, max-age=31536000, immutable' : 'no-cache'
      expect({ path, keeping: answer.headers.get('cache-control') }).toEqual({ path, keeping })
      if (isKept) expect({ path, encoding: answer.headers.get('content-encoding') }).toEqual({ path, encoding: 'br' })
    }
  })
})
