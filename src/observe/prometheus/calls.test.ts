import { expect, it } from 'vitest'
import { readCalls } from './calls.ts'
import type { PrometheusClient } from './client.ts'

const COUNTER = {
  metric: 'traces_service_graph_request_total',
  matchers: [{ label: 'env', op: '=', value: 'prod' }] as const,
  client: 'client',
  server: 'server',
  windowMs: 600_000,
}

async function calls(series: readonly unknown[], warnings: readonly string[] = []) {
  const asked: string[] = []
  const client = {
    query: async (promql: string) => {
      asked.push(promql)
      return { series, warnings }
    },
  } as unknown as PrometheusClient
  return { found: await readCalls(client, COUNTER, 0, 1000, new AbortController().signal), asked }
}

it('asks for the calls of the last while, and reads who calls whom', async () => {
  const { found, asked } = await calls([
    { metric: { client: 'checkout', server: 'payments' }, value: [0, '12'] },
    { metric: { server: 'gateway' }, value: [0, '1'] },
    'nonsense',
  ])

  expect(found).toEqual([['checkout', 'payments']])
  expect(asked).toEqual([
    'sum by (client, server) (increase(traces_service_graph_request_total{env="prod"}[600s])) > 0',
  ])
})

it('knows nothing for sure from an answer with warnings', async () => {
  const { found } = await calls([{ metric: { client: 'a', server: 'b' } }], ['a store did not answer'])

  expect(found).toBeUndefined()
})
