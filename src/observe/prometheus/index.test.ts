import { describe, expect, it, vi } from 'vitest'
import type { Snapshot } from '../../domain/snapshot.ts'
import { feature, gauge, rate } from '../catalogue/builders.ts'
import type { Preset } from '../catalogue/preset.ts'
import { ObserveError } from '../error.ts'
import type { HttpClientOptions, HttpGet } from '../http.ts'
import { createPrometheusSource, type PrometheusOptions } from './index.ts'

const never = new AbortController().signal
const preset: Preset = {
  heartbeat: 'beat',
  features: [feature('load', 'ratio', '', gauge('load')), feature('forks', 'per_second', '', rate('forks'))],
}
const LOAD = 'max by (instance, job) (load)'
const FORKS = 'max by (instance, job) (rate(forks[60s]))'
const BEAT = 'max by (instance, job) (timestamp(beat))'

type Answers = Record<string, Record<string, number> | object | Error>

/** A Prometheus that knows the answers to whole queries: values by instance, a payload, or an error. */
function given(answers: Answers, options: Partial<PrometheusOptions> = {}) {
  const get = vi.fn<HttpGet>(async ({ url, take }) => {
    const answer = answers[url.searchParams.get('query') ?? url.pathname]
    if (answer instanceof Error) throw answer
    const body = JSON.stringify(payloadOf(answer ?? {}))
    const exchanged = { status: 200, contentType: 'application/json' }
    return take?.(Buffer.from(body)) ? { ...exchanged, body: '', taken: true } : { ...exchanged, body }
  })
  const close = vi.fn()
  const http = vi.fn((_: HttpClientOptions) => ({ get, close }))
  const log = { info: vi.fn(), warn: vi.fn() }
  const source = createPrometheusSource(
    { url: 'http://prom', presets: [preset], rateWindowMs: 60_000, ...options },
    { log, http },
  )
  return { source, get, log, close, answers }
}

function payloadOf(answer: object): object {
  if ('status' in answer) return answer
  const result = Object.entries(answer).map(([instance, value]) => ({
    metric: { instance, job: 'node' },
    value: [100, String(value)],
  }))
  return { status: 'success', data: { resultType: 'vector', result } }
}

function rowsOf(snapshot: Snapshot): Record<string, number[]> {
  const width = snapshot.features.length
  return Object.fromEntries(
    snapshot.targets.map((target, slot) => [
      target?.id ?? `free ${slot}`,
      [...snapshot.values.subarray(slot * width, (slot + 1) * width)],
    ]),
  )
}

describe('an observation', () => {
  it('is a row of features per target, with the time of the newest sample', async () => {
    const { source } = given({ [BEAT]: { a: 95, b: 97.5 }, [LOAD]: { b: 2, a: 1 }, [FORKS]: { a: 3 } })

    const snapshot = await source.observe(100_000, never)

    expect(snapshot.at).toBe(100_000)
    expect(snapshot.features).toEqual(['load', 'forks'])
    expect(rowsOf(snapshot)).toEqual({ 'a@node': [1, 3], 'b@node': [2, Number.NaN] })
    expect([...snapshot.sampledAt]).toEqual([95_000, 97_500])
    expect(snapshot.warnings).toEqual([])
  })

  it('asks at the grid time', async () => {
    const { source, get } = given({ [BEAT]: { a: 95 }, [LOAD]: { a: 1 } })
    await source.observe(100_000, never)

    expect(new Set(get.mock.calls.map(([{ url }]) => url.searchParams.get('time')))).toEqual(new Set(['100']))
  })

  it('never has infinity in it', async () => {
    const { source } = given({ [BEAT]: { a: 95 }, [LOAD]: { a: '+Inf' as unknown as number }, [FORKS]: { a: 1 } })

    expect(rowsOf(await source.observe(0, never))).toEqual({ 'a@node': [Number.NaN, 1] })
  })

  it('reads what recording rules have computed, and the sample times that they have kept', async () => {
    const recorded = { 'homeostat:heartbeat': { a: 95 }, 'homeostat:load': { a: 1 }, 'homeostat:forks': { a: 3 } }
    const { source, get } = given(recorded, { recorded: true, rateWindowMs: undefined })

    const snapshot = await source.observe(100_000, never)

    expect(rowsOf(snapshot)).toEqual({ 'a@node': [1, 3] })
    expect([...snapshot.sampledAt]).toEqual([95_000])
    expect(get).toHaveBeenCalledTimes(3)
  })

  it('reads recorded features of some targets alone', async () => {
    const extraMatchers = [{ label: 'job', op: '=', value: 'node' }] as const
    const { source } = given(
      { 'homeostat:heartbeat{job="node"}': { a: 95 }, 'homeostat:load{job="node"}': { a: 1 } },
      {
        recorded: true,
        extraMatchers,
      },
    )

    expect(rowsOf(await source.observe(0, never))).toEqual({ 'a@node': [1, Number.NaN] })
  })

  it('takes the queries of the user, and passes them through', async () => {
    const custom = [{ name: 'mine', promql: 'avg by (instance, job) (x)' }]
    const { source } = given(
      { [BEAT]: { a: 95 }, 'avg by (instance, job) (x)': { a: 7 }, [LOAD]: { a: 1 } },
      { custom },
    )

    const snapshot = await source.observe(0, never)

    expect(snapshot.features).toEqual(['load', 'forks', 'mine'])
    expect(rowsOf(snapshot)).toEqual({ 'a@node': [1, Number.NaN, 7] })
  })

  it('has no more than four queries in flight', async () => {
    const custom = Array.from({ length: 20 }, (_, i) => ({ name: `f${i}`, promql: `x${i}` }))
    let flying = 0
    let most = 0
    const get: HttpGet = async () => {
      most = Math.max(most, ++flying)
      await new Promise(setImmediate)
      flying--
      return { status: 200, contentType: '', body: JSON.stringify(payloadOf({ a: 1 })) }
    }
    const options = { url: 'http://prom', presets: [preset], custom, rateWindowMs: 60_000 }
    const log = { info() {}, warn() {} }
    await createPrometheusSource(options, { log, http: () => ({ get, close() {} }) }).observe(0, never)

    expect(most).toBe(4)
  })
})

describe('what goes wrong', () => {
  const refused = new ObserveError('query', 'query refused')

  it('costs one feature when one query fails, and is told', async () => {
    const { source } = given({ [BEAT]: { a: 95 }, [LOAD]: refused, [FORKS]: { a: 3 } })

    const snapshot = await source.observe(0, never)

    expect(rowsOf(snapshot)).toEqual({ 'a@node': [Number.NaN, 3] })
    expect(snapshot.warnings).toEqual(['feature load not read: query refused'])
  })

  it('is thrown when all queries fail, or the heartbeat', async () => {
    const all = given({ [BEAT]: { a: 95 }, [LOAD]: refused, [FORKS]: refused })
    await expect(all.source.observe(0, never)).rejects.toMatchObject({ reason: 'query', name: 'ObserveError' })

    const gone = new ObserveError('unreachable', 'connection refused')
    const heartbeat = given({ [BEAT]: gone, [LOAD]: { a: 1 } })
    await expect(heartbeat.source.observe(0, never)).rejects.toBe(gone)
    expect(heartbeat.get).toHaveBeenCalledTimes(1)
  })

  it('passes an abort of the caller through', async () => {
    const { source } = given({ [BEAT]: { a: 95 }, [LOAD]: new DOMException('stop', 'AbortError') })

    await expect(source.observe(0, never)).rejects.toThrow('stop')
  })

  it('carries the warnings of an answer, and which feature they are about', async () => {
    const data = { resultType: 'vector', result: [{ metric: { instance: 'a', job: 'node' }, value: [1, '2'] }] }
    const { source } = given({ [BEAT]: { a: 95 }, [LOAD]: { status: 'success', data, warnings: ['cut by limit'] } })

    expect((await source.observe(0, never)).warnings).toEqual(['feature load: cut by limit'])
  })

  it('says "no data" when nothing matches, with no fresh target', async () => {
    const { source, answers } = given({ [BEAT]: { a: 95 }, [LOAD]: { a: 1 } })
    await source.observe(0, never)
    answers[BEAT] = answers[LOAD] = {}

    const snapshot = await source.observe(15_000, never)

    expect(snapshot.warnings).toEqual([`no data: no series matched ${BEAT}, nor any feature`])
    expect([...snapshot.sampledAt]).toEqual([Number.NaN])
  })

  it('says so when there are values and no heartbeat', async () => {
    const { source } = given({ [LOAD]: { a: 1 } })

    expect((await source.observe(0, never)).warnings).toEqual([expect.stringContaining('no heartbeat')])
  })
})

describe('targets', () => {
  it('keep their slot, which is free when they are gone for long enough', async () => {
    const { source, answers } = given({ [BEAT]: { a: 1, b: 1 }, [LOAD]: { a: 1, b: 2 } }, { goneAfterMs: 30_000 })
    await source.observe(0, never)
    answers[BEAT] = answers[LOAD] = { b: 2 }
    expect(rowsOf(await source.observe(15_000, never))).toEqual({
      'a@node': [Number.NaN, Number.NaN],
      'b@node': [2, Number.NaN],
    })
    await source.observe(45_000, never)
    answers[BEAT] = answers[LOAD] = { b: 2, c: 3 }

    expect(rowsOf(await source.observe(60_000, never))).toEqual({
      'c@node': [3, Number.NaN],
      'b@node': [2, Number.NaN],
    })
  })

  it('are not taken for gone while Prometheus finds nothing, or warns', async () => {
    const { source, answers } = given({ [BEAT]: { a: 1, b: 1 } }, { goneAfterMs: 1 })
    await source.observe(0, never)
    const half = { resultType: 'vector', result: [{ metric: { instance: 'b', job: 'node' }, value: [1, '2'] }] }
    answers[BEAT] = { status: 'success', data: half, isPartial: true }
    for (const at of [1_000, 2_000]) await source.observe(at, never)
    answers[BEAT] = {}
    for (const at of [3_000, 4_000]) await source.observe(at, never)

    expect((await source.observe(5_000, never)).targets.map((target) => target?.id)).toEqual(['a@node', 'b@node'])
  })

  it('are told apart by the identity labels of the configuration', async () => {
    const data = { resultType: 'vector', result: [{ metric: { host: 'x', instance: 'a' }, value: [1, '2'] }] }
    const { source } = given(
      { 'max by (host) (load)': { status: 'success', data }, 'max by (host) (timestamp(beat))': {} },
      { identity: ['host'] },
    )

    expect((await source.observe(0, never)).targets).toEqual([{ id: 'x', labels: { host: 'x' } }])
  })
})

describe('the rate window', () => {
  const counted = 'count by (instance, job) (beat)'
  const targets = (...pairs: [string, string][]) => ({
    status: 'success',
    data: {
      activeTargets: pairs.map(([instance, scrapeInterval]) => ({ labels: { instance, job: 'node' }, scrapeInterval })),
    },
  })
  const windowOf = ({ get }: { get: { mock: { calls: [{ url: URL }, ...unknown[]][] } } }) =>
    get.mock.calls.map(([{ url }]) => /forks\[(.*?)\]/.exec(url.searchParams.get('query') ?? '')?.[1]).filter(Boolean)

  it('is four times the longest scrape interval of the targets under watch', async () => {
    const told = targets(['a', '15s'], ['b', '1m'], ['other', '1h'])
    const prom = given(
      { [counted]: { a: 1, b: 1 }, '/api/v1/targets': told, [BEAT]: { a: 1 }, [LOAD]: { a: 1 } },
      { rateWindowMs: undefined },
    )
    await prom.source.observe(0, never)
    await prom.source.observe(1, never)

    expect(windowOf(prom)).toEqual(['240s', '240s'])
    expect(prom.get.mock.calls.filter(([{ url }]) => url.pathname === '/api/v1/targets')).toHaveLength(1)
  })

  it('is at least one minute', async () => {
    const prom = given({ [counted]: { a: 1 }, '/api/v1/targets': targets(['a', '1s']) }, { rateWindowMs: undefined })
    await prom.source.observe(0, never)

    expect(windowOf(prom)).toEqual(['60s'])
  })

  it('is measured where the server does not tell', async () => {
    const prom = given(
      {
        [counted]: { a: 1 },
        '/api/v1/targets': new ObserveError('bad_response', '404'),
        'min(count_over_time(beat[600s]) and beat offset 600s)': { '': 10 },
      },
      { rateWindowMs: undefined },
    )
    await prom.source.observe(0, never)

    expect(windowOf(prom)).toEqual(['240s'])
  })

  it('is one minute for now where nothing is known, with one hint, and looked for again', async () => {
    const prom = given({}, { rateWindowMs: undefined })
    await prom.source.observe(0, never)
    await prom.source.observe(1, never)
    expect(windowOf(prom)).toEqual(['60s', '60s'])
    expect(prom.log.warn).toHaveBeenCalledOnce()

    Object.assign(prom.answers, { [counted]: { a: 1 }, '/api/v1/targets': targets(['a', '30s']) })
    await prom.source.observe(2, never)
    expect(windowOf(prom).at(-1)).toBe('120s')
  })
})

it('refuses a name used twice and a URL that is none', () => {
  expect(() => given({}, { custom: [{ name: 'load', promql: 'x' }] })).toThrow('feature load is defined twice')
  expect(() => given({}, { url: 'prom:9090:x' })).toThrow()
})

it('closes its connections', async () => {
  const { source, close } = given({})
  await source.close()

  expect(close).toHaveBeenCalledOnce()
})
