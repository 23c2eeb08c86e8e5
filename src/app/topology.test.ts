import { describe, expect, it, vi } from 'vitest'
import { loadConfig } from '../config/load.ts'
import { ObserveError } from '../observe/error.ts'
import type { Source } from '../observe/source.ts'
import type { Logger } from '../platform/logger.ts'
import { createTopologyKeeper } from './topology.ts'

const MINUTE = 60_000
const SERVICE_GRAPH = 'metric: traces_service_graph_request_total, memory: 1h'

function given(topology: string, calls: Source['calls']) {
  const text = `{source: {prometheus: {url: "http://prometheus:9090"}}, topology: {${topology}}}`
  const loaded = loadConfig({ flags: { config: 'x.yaml' }, env: {}, readFile: () => text })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const log = { info: vi.fn(), warn: vi.fn() }
  return { keeper: createTopologyKeeper(loaded.config, calls, log as unknown as Logger), log }
}

/** Asks at each of these minutes, one after the other. */
async function polled({ keeper }: ReturnType<typeof given>, ...minutes: readonly number[]) {
  for (const minute of minutes) {
    keeper.poll(minute * MINUTE)
    await new Promise(setImmediate)
  }
  return keeper.current()
}

describe('calls between services', () => {
  it('are those that the configuration names', () => {
    const { keeper } = given('dependencies: {checkout: [payments, cart]}', undefined)

    expect(keeper.current().calledBy('checkout')).toEqual(['payments', 'cart'])
    expect(keeper.current().serviceOf({ instance: 'cart' })).toBe('cart')
  })

  it('and those that are seen, asked for now and then', async () => {
    const ask = vi.fn(async () => [['checkout', 'fraud'] as const, ['', 'gateway'] as const])
    const topology = await polled(given(`dependencies: {checkout: [cart]}, ${SERVICE_GRAPH}`, ask), 0, 1, 2, 6)

    expect(topology.calledBy('checkout')).toEqual(['cart', 'fraud'])
    expect(topology.size).toBe(2)
    expect(ask).toHaveBeenCalledTimes(2)
  })

  it('are remembered for a while when they are no longer seen', async () => {
    const all = given(SERVICE_GRAPH, async (_, at) => (at === 0 ? [['checkout', 'fraud']] : []))

    expect((await polled(all, 0, 30)).size).toBe(1)
    expect((await polled(all, 61)).size).toBe(0)
  })

  it('stay as they are while the source fails or says only a part, which is told once', async () => {
    const answers = [
      async () => [['checkout', 'fraud'] as const],
      () => Promise.reject(new ObserveError('unreachable', 'Prometheus is down')),
      () => Promise.reject(new ObserveError('unreachable', 'Prometheus is down')),
      async () => undefined,
    ]
    const all = given(SERVICE_GRAPH, () => answers.shift()!())

    const topology = await polled(all, 0, 10, 20, 30)

    expect(topology.size).toBe(1)
    expect(all.log.warn.mock.calls.map(([{ reason }]) => reason)).toEqual(['unreachable', 'the answer is incomplete'])
  })
})
