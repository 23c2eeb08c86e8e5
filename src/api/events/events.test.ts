import { get as httpGet, type IncomingMessage } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Verdict } from '../../domain/verdict.ts'
import type { EventsJson, FleetJson, TargetsEventJson } from '../contract.ts'
import { statusJson } from '../status-json.ts'
import { bearer, guarded, TOKENS } from '../testing/credentials.ts'
import { fakeEvents, fakeStatus } from '../testing/fake-events.ts'
import { fakeFleet, verdictOf } from '../testing/fake-fleet.ts'
import { incidentOf, NOON } from '../testing/fake-incidents.ts'
import { actionOf } from '../testing/fake-remediation.ts'
import { serveApi } from '../testing/serve.ts'
import type { EventHubOptions } from './event-hub.ts'
import { createHappenings } from './happenings.ts'

interface Heard {
  readonly name: keyof EventsJson | undefined
  readonly id: string | undefined
  readonly data: unknown
}

/** One that looks on, and reads when it is asked to. */
async function lookOn(url: string, headers: Record<string, string> = {}) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    httpGet(url, { headers, agent: false }, resolve).on('error', reject)
  })
  onTestFinished(() => void answer.destroy())
  const blocks: string[] = []
  const waiting: (() => void)[] = []
  let rest = ''
  let ended = false
  const wake = () => {
    for (const one of waiting.splice(0)) one()
  }
  answer.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n\n')
    rest = parts.pop()!
    blocks.push(...parts)
    wake()
  })
  answer.on('close', () => {
    ended = true
    wake()
  })
  async function next(): Promise<Heard | undefined> {
    while (blocks.length === 0 && !ended) await new Promise<void>((resolve) => waiting.push(resolve))
    const block = blocks.shift()
    return block === undefined ? undefined : parse(block)
  }
  return {
    answer,
    next,
    /** The next event of this name; others are passed over. */
    async until<N extends keyof EventsJson>(name: N): Promise<{ id: string | undefined; data: EventsJson[N] }> {
      while (true) {
        const heard = await next()
        if (heard === undefined) throw new Error(`the stream ended before ${name}`)
        if (heard.name === name) return { id: heard.id, data: heard.data as EventsJson[N] }
      }
    },
    /** The next event of another name. */
    async nextBut(name: keyof EventsJson): Promise<Heard | undefined> {
      const heard = await next()
      return heard?.name === name ? this.nextBut(name) : heard
    },
    /** Names of all that follow until the stream ends. */
    async rest(): Promise<(string | undefined)[]> {
      const names: (string | undefined)[] = []
      for (let heard = await next(); heard !== undefined; heard = await next()) names.push(heard.name)
      return names
    },
  }
}

function parse(block: string): Heard {
  const lines = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  )
  const data = lines.get('data')
  return {
    name: lines.get('event') as Heard['name'],
    id: lines.get('id'),
    data: data === undefined ? lines.get('retry') : JSON.parse(data),
  }
}

async function serve(
  verdicts: Verdict[],
  given: Parameters<typeof serveApi>[0] = {},
  hub: Partial<EventHubOptions> = {},
) {
  const happenings = createHappenings()
  const fleet = fakeFleet(verdicts)
  const events = fakeEvents(fleet, { happenings, ...hub })
  const api = await serveApi({ fleet, events, ...given })
  const cycle = (next: Verdict[]) => {
    fleet.firstCycleDone = true
    fleet.all.splice(0, fleet.all.length, ...next)
    happenings.tell({ kind: 'cycle', at: NOON })
  }
  return {
    ...api,
    events,
    fleet,
    happenings,
    cycle,
    join: (headers?: Record<string, string>, from?: string) =>
      lookOn(`${api.server.url}/api/v1/events${from === undefined ? '' : `?last_event_id=${from}`}`, headers),
  }
}

const incident = (id: string, instance: string) => {
  return { kind: 'incident', incident: incidentOf(id, `${instance}@node`, 0), opened: true } as const
}

describe('GET /api/v1/events', () => {
  it('greets, tells how Homeostat is, and then what a cycle changed', async () => {
    const { join, cycle } = await serve([])
    cycle([verdictOf('a', { level: 0.5 }), verdictOf('b', { level: 0.5 })])

    const stream = await join()

    expect(stream.answer.statusCode).toBe(200)
    expect(stream.answer.headers['content-type']).toBe('text/event-stream; charset=utf-8')
    expect(stream.answer.headers['cache-control']).toBe('no-store')
    expect(await stream.next()).toMatchObject({ name: undefined, data: '2000' })
    expect(await stream.next()).toMatchObject({ name: 'hello', id: expect.stringMatching(/^[0-9a-f]{12}-1$/) })
    expect(await stream.next()).toMatchObject({ name: 'status', data: { version: '1.2.3' } })
    cycle([verdictOf('a', { level: 0.523 }), verdictOf('c', { level: 2, detected: true })])
    expect((await stream.until('targets')).data).toEqual({
      at: new Date(NOON).toISOString(),
      changed: [{ id: 'c@node', labels: { instance: 'c', job: 'node' }, state: 'fresh', level: 2, detected: true }],
      gone: ['b@node'],
      levels: { 'a@node': 0.52 },
    })
  })

  it('tells nothing of targets where nothing has changed that is told', async () => {
    const { join, cycle, happenings } = await serve([])
    cycle([verdictOf('a', { level: 0.5 })])
    const stream = await join()
    await stream.until('status')

    cycle([verdictOf('a', { level: 0.501 })])
    happenings.tell({ kind: 'freeze', freeze: { by: 'api', reason: 'deploy', at: NOON } })

    expect(await stream.nextBut('status')).toMatchObject({ name: 'freeze', data: { frozen: true, reason: 'deploy' } })
  })

  it('tells of incidents, of the ledger, and once of a freeze', async () => {
    const { join, happenings } = await serve([])
    const stream = await join()
    const freeze = { by: 'api', reason: 'deploy', at: NOON }

    happenings.tell(incident('i1', 'a'))
    happenings.tell({ kind: 'action', action: actionOf('a1', { state: 'AWAITING_APPROVAL' }), labels: {} })
    happenings.tell({ kind: 'freeze', freeze })
    happenings.tell({ kind: 'freeze', freeze })
    happenings.tell({ kind: 'freeze', freeze: undefined })

    expect((await stream.until('incident')).data).toMatchObject({ change: 'opened', incident: { id: 'i1' } })
    expect((await stream.until('action')).data).toMatchObject({ id: 'a1', state: 'AWAITING_APPROVAL' })
    expect((await stream.until('freeze')).data.frozen).toBe(true)
    expect((await stream.until('freeze')).data.frozen).toBe(false)
  })

  it('takes what pushed readings change together', async () => {
    const { join, happenings } = await serve([], {}, { settleMs: 30 })
    const stream = await join()
    await stream.until('status')

    for (const level of [1, 2, 3]) happenings.tell({ kind: 'reading', verdict: verdictOf('a', { level }) })

    expect((await stream.until('targets')).data.changed).toMatchObject([{ id: 'a@node', level: 3 }])
  })

  it('counts the fleet once for all who see it whole, and are of one role', async () => {
    const asked: string[] = []
    const status: EventHubOptions['status'] = async (principal) => {
      asked.push(principal.name)
      return statusJson(await fakeStatus().read(), fakeFleet(), principal)
    }
    const { join, cycle } = await serve([], { access: guarded() }, { status })
    const streams = await Promise.all(
      [TOKENS.read, TOKENS.read, TOKENS.admin, TOKENS.web].map((token) => join(bearer(token))),
    )
    for (const stream of streams) await stream.until('status')
    asked.splice(0)

    cycle([])
    const told = await Promise.all(streams.map((stream) => stream.until('status')))

    expect(asked.sort()).toEqual(['admin', 'read', 'web'])
    expect(told.map(({ data }) => data.permissions.unfreeze)).toEqual([false, false, true, false])
  })

  it('counts the fleet once for a burst of actions', async () => {
    let asked = 0
    const status: EventHubOptions['status'] = async (principal) => {
      asked++
      return statusJson(await fakeStatus().read(), fakeFleet(), principal)
    }
    const { join, happenings } = await serve([], {}, { status, settleMs: 30 })
    const stream = await join()
    await stream.until('status')

    for (let i = 0; i < 300; i++) happenings.tell({ kind: 'action', action: actionOf(`a${i}`), labels: {} })
    await stream.until('status')

    expect(asked).toBe(2)
  })

  it('tells those who see a part of the fleet of that part alone', async () => {
    const { join, cycle, happenings } = await serve([], { access: guarded() })
    const stream = await join(bearer(TOKENS.web))
    await stream.until('status')

    cycle([verdictOf('web-1', { level: 1 }), verdictOf('db-1', { level: 1 })])
    happenings.tell(incident('i1', 'db-1'))
    happenings.tell({ kind: 'action', action: actionOf('a1', { target: 'db-1@node' }), labels: {} })
    happenings.tell(incident('i2', 'web-1'))

    const targets = (await stream.until('targets')).data
    expect(targets.changed.map(({ id }) => id)).toEqual(['web-1@node'])
    expect(await stream.nextBut('status')).toMatchObject({ name: 'incident', data: { incident: { id: 'i2' } } })
  })
})

describe('a target that comes to have other labels', () => {
  const as = (instance: string) => verdictOf('x', { target: { id: 'x', labels: { instance, job: 'node' } } })

  it('is gone for who sees it no more, and is told whole to who sees it still or for the first time', async () => {
    const { join, cycle } = await serve([], { access: guarded() })
    cycle([as('web-1')])
    const [scoped, whole] = [await join(bearer(TOKENS.web)), await join(bearer(TOKENS.read))]
    await Promise.all([scoped.until('status'), whole.until('status')])

    cycle([as('db-1')])
    cycle([as('web-2')])

    const told = async (stream: typeof scoped) => {
      const { changed, gone } = (await stream.until('targets')).data
      return { changed: changed.map(({ labels }) => labels['instance']), gone }
    }
    expect(await told(scoped)).toEqual({ changed: [], gone: ['x'] })
    expect(await told(scoped)).toEqual({ changed: ['web-2'], gone: [] })
    expect(await told(whole)).toEqual({ changed: ['db-1'], gone: [] })
    expect(await told(whole)).toEqual({ changed: ['web-2'], gone: [] })
  })

  it('is gone for who comes back, too, also where it was away in between', async () => {
    const { join, cycle, events } = await serve([], { access: guarded() })
    cycle([as('web-1')])
    const from = events.newest
    cycle([])
    cycle([as('db-1')])

    const scoped = await join(bearer(TOKENS.web), from)

    expect((await scoped.until('targets')).data).toMatchObject({ changed: [], gone: ['x'] })
  })
})

describe('who comes back', () => {
  it('hears what it missed, once, and of targets only how they are now', async () => {
    const { join, cycle, happenings } = await serve([])
    cycle([verdictOf('a', { level: 0.5 }), verdictOf('b', { level: 0.5 })])
    const first = await join()
    const { id } = await first.until('hello')
    first.answer.destroy()
    cycle([verdictOf('a', { level: 0.6 }), verdictOf('b', { level: 0.5 })])
    happenings.tell(incident('i1', 'a'))
    cycle([verdictOf('a', { level: 0.7 }), verdictOf('b', { level: 0.5 })])

    const second = await join({ 'Last-Event-ID': id! })

    expect((await second.until('hello')).id).toBe(id)
    expect(await second.next()).toMatchObject({ name: 'targets', data: { changed: [], levels: { 'a@node': 0.7 } } })
    expect(await second.next()).toMatchObject({ name: 'incident', data: { incident: { id: 'i1' } } })
    expect((await second.next())?.name).toBe('status')
  })

  it('misses nothing where the line breaks again while it catches up, whatever it has heard by then', async () => {
    const { join, cycle, happenings, events } = await serve([])
    const from = events.newest
    cycle([verdictOf('a', { level: 2, detected: true })])
    happenings.tell(incident('i1', 'a'))
    const heard: (string | undefined)[][] = []

    for (let count = 1; count <= 3; count++) {
      const broken = await join({ 'Last-Event-ID': from })
      await broken.until('hello')
      let last: string | undefined = from
      const names: (string | undefined)[] = []
      for (let i = 1; i < count; i++) {
        const { name, id } = (await broken.next())!
        names.push(name)
        last = id ?? last
      }
      broken.answer.destroy()
      const again = await join({ 'Last-Event-ID': last! })
      await again.until('hello')
      for (let one = await again.next(); one?.name !== 'status'; one = await again.next()) names.push(one?.name)
      heard.push([...new Set(names)].sort())
    }

    expect(heard).toEqual(Array.from({ length: 3 }, () => ['incident', 'targets']))
  })

  it('begins right after the picture of the fleet that it has', async () => {
    const { get, join, cycle } = await serve([])
    cycle([verdictOf('a', { level: 0.5 })])
    const fleet = (await (await get('/api/v1/fleet')).json()) as FleetJson
    cycle([verdictOf('a', { level: 0.5 }), verdictOf('b', { level: 0.5 })])

    const stream = await join({}, fleet.last_event_id)

    expect(fleet.targets.map(({ id }) => id)).toEqual(['a@node'])
    expect((await stream.until('targets')).data.changed.map(({ id }) => id)).toEqual(['b@node'])
  })

  it('begins anew after a restart, or with an id that is none', async () => {
    const { join, metric } = await serve([])

    for (const id of ['0123456789ab-7', 'nonsense', '0123456789ab-9'.repeat(100)]) {
      const stream = await join({}, encodeURIComponent(id))
      expect((await stream.until('reset')).data.reason).toBe('restarted')
    }
    expect(await metric('homeostat_event_streams')).toBe(3)
  })

  it('begins anew when it was away for too long', async () => {
    const { join, happenings, events } = await serve([])
    const from = events.newest
    for (let i = 0; i < 2100; i++) happenings.tell(incident(`i${i}`, 'a'))

    const stream = await join({}, from)

    expect((await stream.until('reset')).data.reason).toBe('too_old')
  })
})

describe('a stream of events', () => {
  it('ends with the process', async () => {
    const { join, events } = await serve([])
    const stream = await join()
    await stream.until('status')

    events.close()

    expect(await stream.rest()).toEqual([])
  })

  it('ends when another configuration is in force', async () => {
    const { join, happenings } = await serve([])
    const stream = await join()
    await stream.until('status')

    happenings.tell({ kind: 'reloaded' })

    expect(await stream.rest()).toEqual([])
  })

  it('calls nothing gone that another engine has not looked at yet, and then tells its fleet whole', async () => {
    const { join, cycle, fleet, happenings } = await serve([])
    cycle([verdictOf('a'), verdictOf('b'), verdictOf('c')])
    fleet.firstCycleDone = false
    fleet.all.splice(0)
    happenings.tell({ kind: 'reloaded' })
    const stream = await join()
    await stream.until('status')

    happenings.tell({ kind: 'cycle', at: NOON })
    cycle([verdictOf('a'), verdictOf('b')])

    const { changed, gone, levels } = (await stream.until('targets')).data
    expect(changed.map(({ id }) => id)).toEqual(['a@node', 'b@node'])
    expect(gone).toEqual(['c@node'])
    expect(levels).toEqual({})
  })

  it('is for those who may read, and ends when a session does', async () => {
    const { join, send, get } = await serve([], { access: guarded() })
    expect((await get('/api/v1/events')).status).toBe(401)
    const signedIn = await send('/api/v1/session', { token: TOKENS.read })
    const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0]
    const stream = await join({ cookie })
    await stream.until('status')

    await send('/api/v1/session', undefined, { cookie }, 'DELETE')

    expect(await stream.rest()).toEqual([])
  })

  it('is one of 64 at most', async () => {
    const { join, metric, get } = await serve([])
    const streams = await Promise.all(Array.from({ length: 64 }, () => join()))
    await Promise.all(streams.map((stream) => stream.until('hello')))

    const answer = await get('/api/v1/events')

    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('10')
    expect(await answer.json()).toMatchObject({ code: 'overloaded' })
    expect(await metric('homeostat_event_streams')).toBe(64)
    streams[0].answer.destroy()
    await expect.poll(() => metric('homeostat_event_streams')).toBe(63)
  })

  it('is one of 16 at most for one principal, by whatever way it came in, so that others can look on as well', async () => {
    const { join, get, send } = await serve([], { access: guarded() })
    const streams = await Promise.all(Array.from({ length: 16 }, () => join(bearer(TOKENS.read))))
    await Promise.all(streams.map((stream) => stream.until('hello')))
    const signedIn = await send('/api/v1/session', { token: TOKENS.read })
    const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0]

    const answers = [await get('/api/v1/events', bearer(TOKENS.read)), await get('/api/v1/events', { cookie })]
    const other = await join(bearer(TOKENS.operate))

    for (const answer of answers) {
      expect(answer.status).toBe(429)
      expect(answer.headers.get('retry-after')).toBe('10')
      expect(answer.headers.get('content-type')).toContain('application/problem+json')
      expect(await answer.json()).toMatchObject({
        code: 'too_many_streams',
        detail: expect.stringContaining('read has 16'),
      })
    }
    expect(other.answer.statusCode).toBe(200)
    streams[0].answer.destroy()
    await expect.poll(async () => (await join(bearer(TOKENS.read))).answer.statusCode).toBe(200)
  })

  it('leaves out what one that does not read has no room for, and tells it to begin anew', async () => {
    const { join, cycle, metric } = await serve([])
    const many = (level: number) =>
      Array.from({ length: 10_000 }, (_, i) => verdictOf(`a-long-name-of-a-host-${i}`, { level }))
    const stream = await join()
    await stream.until('status')
    stream.answer.pause()
    // More than sockets hold, and the megabyte that may wait.
    for (let i = 0; i < 40; i++) cycle(many(i))
    expect(await metric('homeostat_event_stream_resets_total{reason="slow"}')).toBe(0)

    stream.answer.resume()

    expect((await stream.until('reset')).data.reason).toBe('slow')
    cycle(many(100))
    const targets: TargetsEventJson = (await stream.until('targets')).data
    expect(Object.keys(targets.levels)).toHaveLength(10_000)
  })

  it('has no body for HEAD', async () => {
    const { server } = await serve([])

    const answer = await fetch(`${server.url}/api/v1/events`, { method: 'HEAD' })

    expect(answer.status).toBe(200)
    expect(await answer.text()).toBe('')
  })
})
