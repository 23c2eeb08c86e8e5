import { describe, expect, it } from 'vitest'
import { JournalError } from '../../pipeline/journal.ts'
import type { NotHeard, Reading, ReceiveReading } from '../../pipeline/push.ts'
import { verdictOf } from '../testing/fake-fleet.ts'
import { serveApi } from '../testing/serve.ts'

const OBSERVATION = {
  service: 'checkout',
  timestamp: '2026-11-21T10:00:00Z',
  labels: { tier: 'web' },
  metrics: { cpu_percent: 91.2, restarts: 0 },
}

const changed = (changes: object) => ({ ...OBSERVATION, ...changes })
const withMetrics = (metrics: unknown) => changed({ metrics })
const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${i}`, i]))

/** The API with a door that takes every reading for normal, and remembers it. */
async function api(receive?: ReceiveReading) {
  const readings: Reading[] = []
  const takesAll: ReceiveReading = async (reading) => {
    readings.push(reading)
    return { ok: true, judgement: { verdict: verdictOf(reading.service) } }
  }
  return { readings, ...(await serveApi({ receiveReading: receive ?? takesAll })) }
}

const refusing = (why: NotHeard['why']): ReceiveReading => {
  return async () => ({ ok: false, why, text: `because it is ${why}` })
}

describe('POST /api/v1/observations', () => {
  it('takes a reading as in the contract and answers what was made of it', async () => {
    const { send, readings, metric } = await api()

    const answer = await send('/api/v1/observations', OBSERVATION)

    expect(answer.status).toBe(200)
    expect(readings).toEqual([
      {
        service: 'checkout',
        at: Date.parse('2026-11-21T10:00:00Z'),
        labels: { tier: 'web' },
        metrics: new Map([
          ['cpu_percent', 91.2],
          ['restarts', 0],
        ]),
      },
    ])
    expect(await answer.json()).toMatchObject({
      observation: changed({ timestamp: '2026-11-21T10:00:00.000Z' }),
      anomaly: { detected: false, contributions: [] },
      diagnosis: null,
      decision: { rule: null, action: null, severity: null, verdict: 'none', reason: '' },
      action: null,
    })
    expect(await metric('homeostat_observations_total{result="accepted"}')).toBe(1)
  })

  it.each<[name: string, body: unknown, status: number, words: RegExp]>([
    ['an empty body', undefined, 400, /empty/],
    ['a list', [], 400, /the body must be an object/],
    ['null', 'null', 400, /the body must be an object/],
    ['no JSON', '{', 400, /cannot be read as JSON/],
    ['NaN', '{"service": "a", "metrics": {"cpu_percent": NaN}}', 400, /NaN is no number in JSON/],
    ['infinity', '{"metrics": {"cpu_percent": -Infinity}}', 400, /-Infinity is no number in JSON/],
    ['a key of another shape', changed({ value: 1 }), 400, /value is not known; there are service, timestamp/],
    ['a batch', { observations: [OBSERVATION] }, 400, /observations is not known/],
    ['no service', changed({ service: undefined }), 400, /service is missing/],
    ['a number for a service', changed({ service: 7 }), 400, /service must be a text/],
    ['a command for a service', changed({ service: '; reboot' }), 422, /service must have/],
    ['a path for a service', changed({ service: '../../etc/passwd' }), 422, /service must have/],
    ['a template for a service', changed({ service: '{{constructor}}' }), 422, /service must have/],
    ['a service of 4 kB', changed({ service: 'a'.repeat(4096) }), 422, /service must have/],
    ['no time', changed({ timestamp: undefined }), 400, /timestamp is missing/],
    ['a time in seconds', changed({ timestamp: 1_795_000_000 }), 400, /timestamp must be a time such as/],
    ['a time without a zone', changed({ timestamp: '2026-11-21T10:00:00' }), 400, /timestamp must be a time such as/],
    ['no metrics', changed({ metrics: undefined }), 400, /metrics is missing/],
    ['an empty set of metrics', withMetrics({}), 422, /one number at least/],
    ['a list of metrics', withMetrics([1]), 400, /metrics must be an object/],
    [
      'a text for a metric',
      withMetrics({ cpu_percent: 'NaN' }),
      400,
      /metrics.cpu_percent must be a number, not "NaN"/,
    ],
    ['null for a metric', withMetrics({ cpu_percent: null }), 400, /metrics.cpu_percent must be a number, not null/],
    ['what reads as infinity', '{"service":"a","timestamp":"2026-11-21T10:00:00Z","metrics":{"x":1e999}}', 422, /1e30/],
    ['a metric named as none is', withMetrics({ 'CPU %': 1 }), 422, /small letters/],
    [
      'a metric named __proto__',
      '{"service":"a","timestamp":"2026-11-21T10:00:00Z","metrics":{"__proto__":1}}',
      422,
      /small/,
    ],
    ['65 metrics', withMetrics(many(65)), 422, /64 at most/],
    ['a label that is no text', changed({ labels: { tier: 1 } }), 400, /labels.tier must be a text/],
    ['a label of 5 kB', changed({ labels: { tier: 'x'.repeat(5000) } }), 422, /4096 characters/],
    ['a label with NUL', changed({ labels: { tier: 'a\0b' } }), 422, /cannot be kept/],
    ['the label instance', changed({ labels: { instance: 'other' } }), 422, /labels.instance is given by Homeostat/],
    ['a body that is too large', `{"service":"${'x'.repeat(300_000)}"}`, 413, /at most/],
    ['deep JSON', changed({ labels: { a: { b: { c: { d: {} } } } } }), 400, /nested deeper/],
  ])('refuses %s in clear words', async (_name, body, status, words) => {
    const { send, readings } = await api()

    const answer = await send('/api/v1/observations', body)

    expect([answer.status, ((await answer.json()) as { detail: string }).detail]).toEqual([
      status,
      expect.stringMatching(words),
    ])
    expect(readings).toEqual([])
  })

  it.each([
    ['older', 409, 'older'],
    ['future', 422, 'invalid'],
    ['full', 503, 'unavailable'],
    ['too_many_metrics', 422, 'invalid'],
    ['busy', 503, 'unavailable'],
  ] as const)('passes on that a reading is not heard: %s', async (why, status, result) => {
    const { send, metric } = await api(refusing(why))

    const answer = await send('/api/v1/observations', OBSERVATION)

    expect([answer.status, await answer.json()]).toMatchObject([status, { detail: `because it is ${why}` }])
    expect(await metric(`homeostat_observations_total{result="${result}"}`)).toBe(1)
  })

  it('says that a reading counts although nothing could be stored', async () => {
    const { send } = await api(() => Promise.reject(new JournalError('full', 'at /var/secret')))

    const answer = await send('/api/v1/observations', OBSERVATION)

    expect(answer.status).toBe(503)
    expect(await answer.text()).not.toContain('secret')
  })

  it('answers no other method', async () => {
    const { get } = await api()

    expect((await get('/api/v1/observations')).status).toBe(405)
  })
})
