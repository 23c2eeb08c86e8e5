import { QueryClient } from '@tanstack/react-query'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { followEvents, liveState } from './live.ts'
import { keyOf } from './queries.ts'

class FakeEventSource extends EventTarget {
  static readonly opened: FakeEventSource[] = []
  readonly address: string
  onerror: (() => void) | null = null
  isClosed = false

  constructor(address: string) {
    super()
    this.address = address
    FakeEventSource.opened.push(this)
  }

  close(): void {
    this.isClosed = true
  }

  tell(name: string, data: unknown, lastEventId = ''): void {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data), lastEventId }))
  }
}

const at = '2026-11-21T10:00:00Z'
let answers: Record<string, () => Response>
let stop: () => void
let queries: QueryClient

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse(at) })
  FakeEventSource.opened.length = 0
  answers = {
    'api/v1/fleet': () => Response.json({ at, last_event_id: 'p-7', targets: [] }),
    'api/v1/session': () => Response.json({ name: 'a' }),
  }
  vi.stubGlobal('EventSource', FakeEventSource)
  vi.stubGlobal('fetch', async (address: string) => answers[address]())
  queries = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  stop = followEvents(queries)
})

afterEach(() => {
  stop()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function opened(count: number): Promise<FakeEventSource> {
  // Longer than the first waits, and shorter than it takes to call a line dead.
  await vi.advanceTimersByTimeAsync(2000)
  expect(FakeEventSource.opened).toHaveLength(count)
  return FakeEventSource.opened[count - 1]
}

const offline = () => {
  throw new TypeError('Failed to fetch')
}

describe('who follows the events', () => {
  it('begins right after the picture of the fleet, and is live with the first event', async () => {
    const line = await opened(1)
    expect(line.address).toBe('api/v1/events?last_event_id=p-7')
    expect(liveState()).toEqual({ kind: 'connecting' })

    line.tell('hello', { at, id: 'p-7' }, 'p-7')

    expect(liveState()).toEqual({ kind: 'live', at: Date.now() })
    expect(queries.getQueryData(keyOf('fleet'))).toMatchObject({ last_event_id: 'p-7' })
  })

  it('says since when it has heard nothing, and goes on after the newest event', async () => {
    const line = await opened(1)
    line.tell('heartbeat', { at }, 'p-9')
    const heardAt = Date.now()
    answers['api/v1/session'] = offline

    line.onerror?.()

    expect(liveState()).toMatchObject({ kind: 'reconnecting', at: heardAt })
    expect(line.isClosed).toBe(true)
    const next = await opened(2)
    expect(next.address).toBe('api/v1/events?last_event_id=p-9')
    next.tell('hello', { at, id: 'p-9' }, 'p-9')
    expect(liveState().kind).toBe('live')
  })

  it('takes a line without a heartbeat for dead', async () => {
    const line = await opened(1)
    line.tell('hello', { at, id: 'p-7' }, 'p-7')

    await vi.advanceTimersByTimeAsync(40_000)

    expect(line.isClosed).toBe(true)
    expect(FakeEventSource.opened.length).toBeGreaterThan(1)
  })

  it('gives up when nobody is signed in any more', async () => {
    const line = await opened(1)
    answers['api/v1/session'] = () => Response.json({ code: 'unauthorized', detail: 'sign in' }, { status: 401 })

    line.onerror?.()
    await vi.advanceTimersByTimeAsync(60_000)

    expect(liveState()).toEqual({ kind: 'signed_out' })
    expect(FakeEventSource.opened).toHaveLength(1)
  })

  it('takes a new picture after a reset', async () => {
    const line = await opened(1)
    answers['api/v1/fleet'] = () => Response.json({ at, last_event_id: 'q-1', targets: [] })

    line.tell('reset', { at, reason: 'restarted' }, 'q-1')

    expect((await opened(2)).address).toBe('api/v1/events?last_event_id=q-1')
    expect(queries.getQueryData(keyOf('fleet'))).toMatchObject({ last_event_id: 'q-1' })
  })
})
