/** The least that reading a fleet can cost: the answers of a tick fetched and parsed as JSON, and nothing else. */
import { mapLimit } from '../../src/observe/concurrency.ts'
import { createHttpClient } from '../../src/observe/http.ts'
import { answerRequests } from './child.ts'

export interface FloorRequest {
  readonly url: string
  readonly queries: readonly string[]
  readonly atMs: number
}

const IN_FLIGHT = 4
const TIMEOUT_MS = 60_000

const client = createHttpClient({
  peer: 'replay',
  option: 'none',
  maxBytes: 64 * 1024 * 1024,
  maxSockets: IN_FLIGHT,
})

/** @returns milliseconds */
answerRequests(async ({ url, queries, atMs }: FloorRequest): Promise<number> => {
  const { signal } = new AbortController()
  const start = performance.now()
  await mapLimit(queries, IN_FLIGHT, async (query) => {
    const address = new URL('/api/v1/query', url)
    for (const [name, value] of Object.entries({ query, time: String(atMs / 1000), nocache: '1' })) {
      address.searchParams.set(name, value)
    }
    const answer = await client.get({ url: address, accept: 'application/json', timeoutMs: TIMEOUT_MS }, signal)
    if (JSON.parse(answer.body).status !== 'success') throw new Error(`the replay has no answer to ${query}`)
  })
  return performance.now() - start
})
