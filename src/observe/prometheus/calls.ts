import { selector } from '../promql.ts'
import type { CallCounter } from '../source.ts'
import { isRecord, type PrometheusClient } from './client.ts'

/**
 * Who has called whom, by a counter of calls.
 *
 * @returns pairs of caller and called, each once; undefined when the answer may be incomplete
 * @throws {ObserveError}
 */
export async function readCalls(
  client: PrometheusClient,
  { metric, matchers, client: caller, server, windowMs }: CallCounter,
  at: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<readonly (readonly [string, string])[] | undefined> {
  const series = selector(metric, matchers, { identity: [], rateWindowMs: windowMs })
  const window = `${Math.ceil(windowMs / 1000)}s`
  const promql = `sum by (${caller}, ${server}) (increase(${series}[${window}])) > 0`
  const answer = await client.query(promql, at, timeoutMs, signal)
  if (answer.warnings.length > 0) return undefined
  return answer.series.flatMap((one) => {
    const labels = isRecord(one) && isRecord(one['metric']) ? one['metric'] : {}
    const [from, to] = [labels[caller], labels[server]]
    return typeof from === 'string' && typeof to === 'string' ? [[from, to] as const] : []
  })
}
