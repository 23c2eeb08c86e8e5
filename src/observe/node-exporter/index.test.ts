import { describe, expect, it, vi } from 'vitest'
import { recording } from '../../../test/fixtures/observe/recorded-fs.ts'
import { presets } from '../catalogue/presets.ts'
import { ObserveError } from '../error.ts'
import type { HttpGet } from '../http.ts'
import { createNodeExporterSource, type NodeExporterOptions } from './index.ts'

const never = new AbortController().signal
type Page = string | { status: number; body: string } | ObserveError

function given(pages: Record<string, Page>, options: Partial<NodeExporterOptions> = {}) {
  const clock = { time: 0, now: () => clock.time, sleep: async () => {} }
  const log = { info: vi.fn(), warn: vi.fn() }
  const get: HttpGet = async ({ url }) => {
    const page = pages[url.host]
    if (page instanceof Error) throw page
    return { contentType: 'text/plain', ...(typeof page === 'string' ? { status: 200, body: page } : page) }
  }
  const close = vi.fn()
  const targets = Object.keys(pages).map((host) => ({ url: `http://${host}/metrics` }))
  const source = createNodeExporterSource(
    { targets, presets: [presets.classic], ...options },
    { clock, log, http: () => ({ get, close }) },
  )
  const observe = async (at: number) => {
    clock.time = at + 5
    const snapshot = await source.observe(at, never)
    const row = (slot: number) =>
      Object.fromEntries(
        snapshot.features.map((name, f) => [name, snapshot.values[slot * snapshot.features.length + f]]),
      )
    return { snapshot, row }
  }
  return { source, pages, observe, log, close }
}

const page = (idle: number) =>
  `node_cpu_seconds_total{cpu="0",mode="idle"} ${idle}\nnode_procs_running 3\nnode_time_seconds 1\n`

describe('scraping', () => {
  it('reads gauges at once and rates from the second scrape on', async () => {
    const { observe, pages } = given({ 'web-1:9100': page(100) })
    const first = await observe(0)
    pages['web-1:9100'] = page(103)
    const second = await observe(15_000)

    expect(first.row(0)).toMatchObject({ active_processes: 3, cpu_usage: Number.NaN })
    expect(second.row(0)['cpu_usage']).toBeCloseTo(100 * (1 - 3 / 15))
  })

  it('names targets by host and port, and the job', async () => {
    const { snapshot } = await given({ 'web-1': page(1), '[::1]:9100': page(1) }, { job: 'linux' }).observe(7)

    expect(snapshot.targets.map((target) => target?.id)).toEqual(['web-1:80@linux', '[::1]:9100@linux'])
    expect([...snapshot.sampledAt]).toEqual([12, 12])
    expect(snapshot.at).toBe(7)
  })

  it('reads a recorded page in full', async () => {
    const { observe, pages } = given(
      { 'a:9100': recording('node_exporter-0.txt') },
      { presets: [presets['node-exporter']] },
    )
    await observe(0)
    pages['a:9100'] = recording('node_exporter-15.txt')
    const { row } = await observe(15_000)

    expect(Object.entries(row(0)).filter(([, value]) => Number.isNaN(value))).toEqual([])
  })
})

describe('a target that fails', () => {
  it('costs only itself, and is told once', async () => {
    const { observe, pages, log } = given({ a: new ObserveError('unreachable', 'refused'), b: page(1) })
    const { snapshot, row } = await observe(0)
    await observe(15_000)

    expect(row(0)['active_processes']).toBeNaN()
    expect(row(1)['active_processes']).toBe(3)
    expect([...snapshot.sampledAt]).toEqual([Number.NaN, 5])
    expect(snapshot.warnings).toEqual([])
    expect(log.warn).toHaveBeenCalledExactlyOnceWith(
      { target: 'a:80@node', reason: 'unreachable', error: 'refused' },
      'scrape fails',
    )

    pages['a'] = page(1)
    await observe(30_000)
    expect(log.info).toHaveBeenCalledExactlyOnceWith({ target: 'a:80@node' }, 'scrape works again')
  })

  it('is thrown when there is no other', async () => {
    const { observe } = given({ a: new ObserveError('timeout', 'slow') })

    await expect(observe(0)).rejects.toMatchObject({ name: 'ObserveError', reason: 'timeout' })
  })

  it.each([
    ['HTML', '<html>', 'bad_response', /http:\/\/a\/metrics: the answer is HTML/],
    ['a page of another program', 'x 1\n', 'bad_response', /is this a node_exporter/],
    ['broken labels', 'node_procs_running{x} 1\n', 'bad_response', /broken labels/],
    ['404', { status: 404, body: '' }, 'bad_response', /404: the metrics are usually at \/metrics/],
    ['503', { status: 503, body: '' }, 'unreachable', /503/],
  ] as const)('says why: %s', async (_, answer, reason, message) => {
    const error = await given({ a: answer })
      .observe(0)
      .catch((thrown) => thrown)

    expect(error).toBeInstanceOf(ObserveError)
    expect(error.reason).toBe(reason)
    expect(error.message).toMatch(message)
  })

  it('passes an abort of the caller through', async () => {
    const stop = new DOMException('stop', 'AbortError')

    await expect(given({ a: stop as unknown as ObserveError, b: page(1) }).observe(0)).rejects.toBe(stop)
  })
})

it('refuses no target, and the same twice', () => {
  expect(() => given({})).toThrow(RangeError)
  expect(() => given({ a: '', 'a:80': '' })).toThrow(/the same target a:80@node/)
})

it('closes every connection', async () => {
  const { source, close } = given({ a: '', b: '' })
  await source.close()

  expect(close).toHaveBeenCalledTimes(2)
})
