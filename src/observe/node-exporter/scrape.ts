import type { Clock } from '../../platform/clock.ts'
import { ObserveError } from '../error.ts'
import { parseExposition } from '../exposition.ts'
import type { HttpClient } from '../http.ts'
import type { ScrapedTarget } from '../scraped-target.ts'
import { redactUrl } from '../url.ts'

export interface Exporter {
  readonly url: URL
  readonly client: HttpClient
  readonly state: ScrapedTarget
}

const ACCEPT = 'text/plain;version=0.0.4;q=0.9,*/*;q=0.1'

/**
 * Fetches one metrics page into the exporter's store.
 *
 * @returns why it failed, or undefined
 * @throws the signal's reason, when the caller stopped it
 */
export async function scrape(
  exporter: Exporter,
  wanted: ReadonlySet<string>,
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ObserveError | undefined> {
  const startedAt = clock.now()
  try {
    const page = await fetchPage(exporter, timeoutMs, signal)
    takeIn(page, exporter, wanted, startedAt)
    return undefined
  } catch (error) {
    if (error instanceof ObserveError) return error
    throw error
  }
}

async function fetchPage({ url, client }: Exporter, timeoutMs: number, signal: AbortSignal): Promise<string> {
  const { status, body } = await client.get({ url, accept: ACCEPT, timeoutMs }, signal)
  if (status === 200) return body
  const hint = status === 404 ? ': the metrics are usually at /metrics' : ''
  throw new ObserveError(status >= 500 ? 'unreachable' : 'bad_response', `${redactUrl(url)} answers ${status}${hint}`)
}

/** @throws {ObserveError} `bad_response`; the page then counts as a whole or not at all */
function takeIn(page: string, { url, state }: Exporter, wanted: ReadonlySet<string>, startedAt: number): void {
  const samples: Parameters<typeof state.store.append>[] = []
  try {
    parseExposition(page, wanted, (...sample) => samples.push(sample))
    if (samples.length === 0)
      throw new ObserveError('bad_response', 'it has no metric of the preset: is this a node_exporter?')
    state.store.begin(startedAt)
    for (const sample of samples) state.store.append(...sample)
  } catch (cause) {
    throw new ObserveError('bad_response', `${redactUrl(url)}: ${(cause as Error).message}`, { cause })
  }
}
