import type { SuppressedAlert, Suppressions } from '../../domain/suppression.ts'
import { messageOf, ObserveError } from '../error.ts'
import { type ConnectionOptions, createHttpClient, type HttpGet } from '../http.ts'
import { httpUrl, redactUrl } from '../url.ts'
import { type KeptAlert, readAlerts, readSilences } from './payload.ts'

export interface AlertmanagerOptions extends ConnectionOptions {
  /** Its root, perhaps with a path prefix. */
  readonly url: string
  /** Where that is configured, for messages. */
  readonly option: string
  /** For each request, ms. */
  readonly timeoutMs: number
  readonly maxAnswerBytes: number
}

/** What one Alertmanager keeps from people. */
export interface SuppressionReader {
  /** @throws {ObserveError} @throws the signal's reason when the caller stopped it */
  read(signal: AbortSignal): Promise<Suppressions>
  close(): void
}

/** Of the alerts that Alertmanager has, those that reach nobody; and those that reach people. */
const SUPPRESSED = 'alerts?active=false&unprocessed=false'
const ACTIVE = 'alerts?silenced=false&inhibited=false&unprocessed=false'

/** Reads version 2 of Alertmanager's API. */
export function createSuppressionReader(
  { url, option, timeoutMs, maxAnswerBytes, ...connection }: AlertmanagerOptions,
  get?: HttpGet,
): SuppressionReader {
  const root = httpUrl(url, option)
  const client = createHttpClient({
    ...connection,
    peer: 'Alertmanager',
    option,
    maxBytes: maxAnswerBytes,
    maxSockets: 2,
  })
  const ask = get ?? client.get

  async function list<T>(path: string, read: (answer: unknown) => T, signal: AbortSignal): Promise<T> {
    const [name, query = ''] = path.split('?')
    const where = new URL(root)
    where.pathname = `${root.pathname.replace(/\/+$/, '')}/api/v2/${name}`
    where.search = query
    const { status, body } = await ask({ url: where, accept: 'application/json', timeoutMs }, signal)
    const wrong = (what: string) =>
      new ObserveError('bad_response', `${redactUrl(where)} ${what}: ${option} must be the root of an Alertmanager`)
    if (status === 502 || status === 503 || status === 504) {
      throw new ObserveError('unreachable', `Alertmanager at ${redactUrl(where)} is not ready (${status})`)
    }
    if (status !== 200) throw wrong(`answered ${status}`)
    try {
      return read(JSON.parse(body))
    } catch (error) {
      throw wrong(`gave an answer that cannot be read (${messageOf(error).slice(0, 100)})`)
    }
  }

  return {
    async read(signal) {
      const [silences, kept] = await Promise.all([
        list('silences', readSilences, signal),
        list(SUPPRESSED, readAlerts, signal),
      ])
      const inhibits = kept.some(({ inhibitedBy }) => inhibitedBy.length > 0)
      // What inhibits is seldom inhibited itself; thousands of others are not asked for without need.
      const others = inhibits ? await list(ACTIVE, readAlerts, signal) : []
      return { silences, alerts: suppressed(kept, others) }
    },
    close: client.close,
  }
}

function suppressed(kept: readonly KeptAlert[], others: readonly KeptAlert[]): SuppressedAlert[] {
  const labels = new Map([...others, ...kept].map((alert) => [alert.fingerprint, alert.labels]))
  return kept.map((alert) => ({
    labels: alert.labels,
    silencedBy: alert.silencedBy,
    inhibitedBy: alert.inhibitedBy.map((fingerprint) => labels.get(fingerprint)),
  }))
}
