import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/**
 * What real ones do rarely and not on demand:
 * - `well`: answers all
 * - `warnings`: as Thanos does when one of its stores is away
 * - `truncated`: only so many series, and a warning that a limit cut off the others
 * - `partial`: as VictoriaMetrics' cluster says that a storage node is away
 * - `stale`: samples that are two minutes old
 * - `empty`: no series
 * - `half`: the heartbeat, and errors in place of the features
 * - `cut`: a body that ends in the middle
 * - `hanging`: no answer at all
 */
export const MOODS = ['well', 'warnings', 'truncated', 'partial', 'stale', 'empty', 'half', 'cut', 'hanging'] as const
export type Mood = (typeof MOODS)[number]

export interface FakePrometheus {
  readonly url: string
  /** Queries answered, or left without an answer, in this mood so far. */
  readonly asked: number
  setMood(mood: Mood): void
  close(): Promise<void>
}

const STALE_S = 120

/** A Prometheus that knows hosts of one job, whose every feature has the same value. */
export async function startFakePrometheus(instances: readonly string[], job: string): Promise<FakePrometheus> {
  let mood: Mood = 'well'
  let asked = 0

  function answer(query: string): object {
    const isHeartbeat = query.includes('timestamp(')
    const now = Date.now() / 1000
    const value = isHeartbeat ? now - (mood === 'stale' ? STALE_S : 0.1) : 0.2
    const shown = mood === 'empty' ? [] : mood === 'truncated' ? instances.slice(0, -1) : instances
    const result = shown.map((instance) => ({ metric: { instance, job }, value: [now, String(value)] }))
    const data = { resultType: 'vector', result }
    if (mood === 'warnings') return { status: 'success', data, warnings: ['store 2 is not reachable'] }
    if (mood === 'truncated') return { status: 'success', data, warnings: ['results truncated due to limit'] }
    if (mood === 'partial') return { status: 'success', data, isPartial: true }
    if (mood === 'half' && !isHeartbeat) return { status: 'error', errorType: 'execution', error: 'no such chunk' }
    return { status: 'success', data }
  }

  function send(response: ServerResponse, query: string): void {
    const body = answer(query)
    const json = JSON.stringify(body)
    response.writeHead('error' in body ? 422 : 200, { 'content-type': 'application/json' })
    response.end(mood === 'cut' ? json.slice(0, json.length / 2) : json)
  }

  const server = createServer(async (request, response) => {
    asked++
    if (mood === 'hanging') return
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const form = request.method === 'POST' ? new URLSearchParams(await text(request)) : searchParams
    send(response, form.get('query') ?? '')
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get asked() {
      return asked
    },
    setMood(next) {
      mood = next
      asked = 0
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
