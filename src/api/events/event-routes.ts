import type { Request, Response } from 'express'
import type { Metrics } from '../../platform/metrics.ts'
import { type Gate, principalOf } from '../auth/gate.ts'
import type { Principal } from '../auth/principal.ts'
import type { EventsJson } from '../contract.ts'
import { ApiError } from '../problem.ts'
import { readQuery } from '../query.ts'
import { type Route, read } from '../routes.ts'
import { EventsQuery } from '../schemas/queries.ts'
import type { EventHub } from './event-hub.ts'
import { eventText } from './wire.ts'

/** Connections at once: a browser tab each, and other programs. */
const MOST = 64
/** Of them, those of one principal: one credential does not shut out the others. */
const MOST_EACH = 16
const HEARTBEAT_MS = 15_000
/** How long a browser waits before it comes back. */
const RETRY_MS = 2_000
/** Bytes that may wait for one that reads slowly; beyond, events are left out and it is told to begin anew. */
const MOST_WAITING_BYTES = 1024 * 1024
/** One that has not read what waits by then is cut off. */
const MOST_LAG_MS = 30_000

export interface EventRouteOptions {
  readonly hub: EventHub
  readonly gate: Gate
  /** ms since the epoch */
  readonly now: () => number
  readonly metrics: Pick<Metrics, 'eventStreams'>
  readonly heartbeatMs?: number
}

/** Streams of events that are open. */
export interface EventStreams {
  readonly routes: readonly Route[]
  /** Looks who may still see what they see: somebody has signed out. */
  recheck(): void
}

/** `GET /api/v1/events`. Whoever is no longer let in hears no more, at the next heartbeat at the latest. */
export function createEventStreams(options: EventRouteOptions): EventStreams {
  const { hub, gate, now, metrics, heartbeatMs = HEARTBEAT_MS } = options
  const open = new Set<{ readonly principal: Principal; recheck(): Promise<void> }>()

  /** @throws {ApiError} `too_many_streams` for this principal, `overloaded` for all together */
  function limit({ name }: Principal, res: Response): void {
    const own = [...open].filter(({ principal }) => principal.name === name).length
    // Without a name nobody is asked who they are: they are not one.
    const isFull = name !== '' && own >= MOST_EACH
    if (!isFull && open.size < MOST) return
    res.set('Retry-After', '10')
    if (!isFull)
      throw new ApiError('overloaded', `${MOST} streams of events are open already: close one, or try again later`)
    throw new ApiError(
      'too_many_streams',
      `${name} has ${MOST_EACH} streams of events open already, the most of one credential: close one, or use another`,
    )
  }

  function begin(req: Request, res: Response): void {
    const principal = principalOf(res)
    limit(principal, res)
    const from = lastHeard(req)
    // A proxy that collects what it passes on would make events come late.
    res.set({ 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' })
    if (req.method === 'HEAD') return void res.end()
    res.write(`retry: ${RETRY_MS}\n\n`)
    const sink = createSink(res, now, hub.resetText)
    const end = () => {
      clearInterval(beating)
      leave()
      open.delete(stream)
      metrics.eventStreams(open.size)
      res.end()
    }
    const stream = {
      principal,
      async recheck() {
        await gate.admit(req, res, { role: 'read' }).catch(end)
      },
    }
    const beating = setInterval(() => {
      sink.send(eventText('heartbeat', { at: new Date(now()).toISOString() } satisfies EventsJson['heartbeat']))
      void stream.recheck()
    }, heartbeatMs)
    const leave = hub.join({ principal, send: sink.send, end }, from)
    open.add(stream)
    metrics.eventStreams(open.size)
    res.once('close', end)
  }

  return {
    routes: [{ pattern: '/api/v1/events', methods: { GET: read(begin) } }],
    recheck() {
      for (const one of [...open]) void one.recheck()
    },
  }
}

/** Writes to one that may read slowly: what it has no room for is left out, and it is told so once it reads again. */
function createSink(res: Response, now: () => number, reset: () => Buffer) {
  /** Since when events are left out. */
  let laggingSince: number | undefined

  function send(text: Buffer): void {
    if (res.writableEnded || res.destroyed) return
    if (laggingSince !== undefined) {
      if (now() - laggingSince > MOST_LAG_MS) res.destroy()
    } else if (res.writableLength <= MOST_WAITING_BYTES) res.write(text)
    else {
      laggingSince = now()
      res.once('drain', () => {
        laggingSince = undefined
        if (!res.writableEnded && !res.destroyed) res.write(reset())
      })
    }
  }
  return { send }
}

/** A browser that comes back by itself says where it was in a header; a page that begins, in the address. */
function lastHeard(req: Request): string | undefined {
  const { last_event_id } = readQuery(req, EventsQuery)
  const text = req.get('Last-Event-ID') ?? last_event_id
  return text === undefined || text === '' ? undefined : text
}
