/** One series of an instant vector. */
export interface VectorSample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Asks Prometheus (or what speaks like it) one instant query that ends in a vector. */
export async function instantQuery(baseUrl: string, expr: string): Promise<VectorSample[]> {
  const url = `${baseUrl}/api/v1/query?query=${encodeURIComponent(expr)}`
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) })
  const body = (await response.json()) as {
    status: string
    error?: string
    data: { result: { metric: Record<string, string>; value: [number, string] }[] }
  }
  if (body.status !== 'success') throw new Error(`query ${expr}: ${body.error}`)
  return body.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
}
