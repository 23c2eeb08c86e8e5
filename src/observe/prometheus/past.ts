import type { PastSeries } from '../source.ts'
import { isRecord, type PrometheusClient } from './client.ts'

/** The past of an expression; what is no series, and no number, is left out. @throws {ObserveError} */
export async function readPast(
  client: Pick<PrometheusClient, 'queryRange'>,
  promql: string,
  range: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number },
  timeoutMs: number,
  signal: AbortSignal,
): Promise<PastSeries[]> {
  const { series } = await client.queryRange(promql, range, timeoutMs, signal)
  return series.flatMap((one) => seriesOf(one) ?? [])
}

function seriesOf(one: unknown): PastSeries | undefined {
  if (!isRecord(one) || !isRecord(one['metric']) || !Array.isArray(one['values'])) return undefined
  const labels = Object.fromEntries(Object.entries(one['metric']).map(([name, value]) => [name, String(value)]))
  const samples = one['values'].flatMap((sample: unknown) => {
    if (!Array.isArray(sample)) return []
    const [at, value] = [Math.round(Number(sample[0]) * 1000), Number(sample[1])]
    return Number.isFinite(at) && Number.isFinite(value) ? [[at, value] as const] : []
  })
  return { labels, samples }
}
