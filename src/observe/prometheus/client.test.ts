import { describe, expect, it, vi } from 'vitest'
import { recording } from '../../../test/fixtures/observe/recorded-fs.ts'
import type { ObserveError } from '../error.ts'
import type { HttpAnswer, HttpGet } from '../http.ts'
import { createPrometheusClient } from './client.ts'

const never = new AbortController().signal
const json = (body: unknown, status = 200): HttpAnswer => ({
  status,
  contentType: 'application/json',
  body: typeof body === 'string' ? body : JSON.stringify(body),
})

function asking(answer: HttpAnswer, baseUrl = 'http://prom:9090/') {
  const get = vi.fn<HttpGet>().mockResolvedValue(answer)
  return { client: createPrometheusClient(get, new URL(baseUrl)), get }
}

describe('a query', () => {
  it('reads a recorded vector of Prometheus and of VictoriaMetrics', async () => {
    for (const file of ['api/vector.json', 'api/victoria-vector.json']) {
      const answer = await asking(json(recording(file))).client.query('up', 0, 1000, never)

      expect(answer.series).toHaveLength(1)
      expect(answer.warnings).toEqual([])
    }
  })

  it('is sent to the root of the API, below a prefix and with parameters of the URL kept', async () => {
    const { client, get } = asking(json(recording('api/vector.json')), 'http://proxy/prometheus/?extra_label=team%3Da')
    await client.query('a{b="c"}', 1_500, 1000, never)

    const { url, form } = get.mock.calls[0][0]
    expect(url.origin + url.pathname).toBe('http://proxy/prometheus/api/v1/query')
    expect(Object.fromEntries(url.searchParams)).toEqual({
      extra_label: 'team=a',
      query: 'a{b="c"}',
      time: '1.5',
      nocache: '1',
    })
    expect(form).toBeUndefined()
  })

  it('is posted when the URL would be too long', async () => {
    const { client, get } = asking(json(recording('api/vector.json')), 'http://prom/?t=1')
    await client.query('x'.repeat(3_000), 0, 1000, never)

    const { url, form } = get.mock.calls[0][0]
    expect(url.href).toBe('http://prom/api/v1/query?t=1')
    expect(form?.get('query')).toHaveLength(3_000)
  })

  it('asks for a range in seconds', async () => {
    const { client, get } = asking(json(recording('api/matrix.json')))
    const answer = await client.queryRange('up', { fromMs: 1_000, toMs: 61_000, stepMs: 500 }, 1000, never)

    expect(Object.fromEntries(get.mock.calls[0][0].url.searchParams)).toMatchObject({
      start: '1',
      end: '61',
      step: '0.5',
    })
    expect(answer.series).toHaveLength(1)
  })

  it('passes warnings on and infos not, and takes a partial answer for a warning', async () => {
    const data = { resultType: 'vector', result: [] }
    const body = { status: 'success', data, warnings: ['one store is away'], infos: ['no counter'], isPartial: true }

    const answer = await asking(json(body)).client.query('up', 0, 1000, never)

    expect(answer.warnings).toEqual(['one store is away', expect.stringContaining('partial')])
  })
})

describe('an answer that is none', () => {
  const html = (status: number) => ({ status, contentType: 'text/html', body: '<html>Log in</html>' })
  it.each([
    ['a parse error', json(recording('api/parse-error-400.json'), 400), 'query', /query up.*unclosed left parenthesis/],
    ['one of VictoriaMetrics', json(recording('api/victoria-parse-error-422.json'), 422), 'query', /unexpected token/],
    ['too many points', json(recording('api/too-many-points-400.json'), 400), 'too_large', /11,000 points/],
    [
      'too many samples',
      json({ status: 'error', errorType: 'execution', error: 'query processing would load too many samples' }, 422),
      'too_large',
      /too many samples/,
    ],
    ['its own timeout', json({ status: 'error', errorType: 'timeout', error: 'slow' }, 503), 'timeout', /slow/],
    [
      'unavailability',
      json({ status: 'error', errorType: 'unavailable', error: 'starting' }, 503),
      'unreachable',
      /starting/,
    ],
    ['a scalar', json(recording('api/scalar.json')), 'query', /scalar/],
    ['a gateway', html(502), 'unreachable', /502/],
    ['a login page', html(200), 'bad_response', /HTML \(a login page\?\)/],
    ['a wrong path', { status: 404, contentType: 'text/plain', body: '404' }, 'bad_response', /root of a Prometheus/],
    ['an array', json([]), 'bad_response', /instead of JSON/],
    ['null', json('null'), 'bad_response', /instead of JSON/],
    ['cut JSON', json('{"status":"succ'), 'bad_response', /instead of JSON/],
    ['no data', json({ status: 'success' }), 'bad_response', /no data\.result/],
    [
      'data of another shape',
      json({ status: 'success', data: { resultType: 'vector' } }),
      'bad_response',
      /no data\.result/,
    ],
  ] as const)('%s is told', async (_, answer, reason, message) => {
    const asked = asking(answer, 'http://u:hunter2@prom/?t=hunter2').client.query('up', 0, 1000, never)

    const error: ObserveError = await asked.catch((thrown) => thrown)
    expect(error.reason).toBe(reason)
    expect(error.message).toMatch(message)
    expect(error.message).not.toContain('hunter2')
  })
})
