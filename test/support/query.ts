/** One series of an instant vector. */
export interface VectorSample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** One series over time. */
interface MatrixSeries {
  readonly labels: Readonly<Record<string, string>>
  readonly values: readonly number[]
}

interface WireSeries {
  readonly metric: Readonly<Record<string, string>>
  readonly value?: readonly [number, string]
  readonly values?: readonly (readonly [number, string])[]
}

async function ask(baseUrl: string, path: string, parameters: Readonly<Record<string, string>>): Promise<WireSeries[]> {
  const url = `${baseUrl}/api/v1/${path}?${new URLSearchParams(parameters)}`
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) })
  const body = (await response.json()) as { status: string; error?: string; data: { result: WireSeries[] } }
  if (body.status !== 'success') throw new Error(`query ${parameters['query']}: ${body.error}`)
  return body.data.result
}

/**
 * Asks Prometheus (or what speaks like it) one instant query that ends in a vector.
 *
 * @param atSeconds since the epoch; now unless given
 */
export async function instantQuery(baseUrl: string, expr: string, atSeconds?: number): Promise<VectorSample[]> {
  const time = atSeconds === undefined ? undefined : { time: String(atSeconds) }
  const series = await ask(baseUrl, 'query', { query: expr, ...time })
  return series.map(({ metric, value }) => ({ labels: metric, value: Number(value?.[1]) }))
}

/** Asks for the last `seconds`, in as many steps of `stepSeconds` as go into them. */
export async function rangeQuery(
  baseUrl: string,
  expr: string,
  { seconds, stepSeconds }: { readonly seconds: number; readonly stepSeconds: number },
): Promise<MatrixSeries[]> {
  const end = Math.floor(Date.now() / 1000)
  const range = { start: String(end - seconds), end: String(end), step: String(stepSeconds) }
  const series = await ask(baseUrl, 'query_range', { query: expr, ...range })
  return series.map(({ metric, values = [] }) => ({ labels: metric, values: values.map(([, value]) => Number(value)) }))
}
