import { expect, it } from 'vitest'
import { recording } from '../../../test/fixtures/observe/recorded-fs.ts'
import type { PrometheusClient } from './client.ts'
import { findRateWindow, parseGoDuration } from './rate-window.ts'

const log = { info() {}, warn() {} }
const never = new AbortController().signal

it.each([
  ['15s', 15_000],
  ['1m0s', 60_000],
  ['1m30s', 90_000],
  ['500ms', 500],
  ['1h2m3.5s', 3_723_500],
  ['', undefined],
  ['15', undefined],
  [15, undefined],
])('reads the duration %j', (text, expected) => {
  expect(parseGoDuration(text)).toBe(expected)
})

it.each(['api/targets.json', 'api/victoria-targets.json'])('finds the scrape interval in %s', async (file) => {
  const client: PrometheusClient = {
    query: async () => ({ series: [{ metric: { instance: '127.0.0.1:29100', job: 'node' } }], warnings: [] }),
    queryRange: () => Promise.reject(new Error('not asked')),
    read: async () => JSON.parse(recording(file).replaceAll('"1s"', '"20s"')).data,
  }

  expect(await findRateWindow(client, ['node_time_seconds'], 0, 1000, never, log)).toBe(4 * 20_000)
})
