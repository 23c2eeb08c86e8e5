import { describe, expect, it } from 'vitest'
import { ObserveError } from '../error.ts'
import type { HttpGet } from '../http.ts'
import { createSuppressionReader } from './index.ts'

const never = new AbortController().signal
const NOON = Date.parse('2026-11-21T12:00:00Z')

/** As Alertmanager 0.25 answers. */
function silenceJson(changes: object = {}): object {
  return {
    id: '0b6f6f32-9c5e-4d6b-9b3c-3a3b6b0a9f10',
    status: { state: 'active' },
    updatedAt: '2026-11-21T11:00:00.000Z',
    comment: 'new disks',
    createdBy: 'alice',
    startsAt: '2026-11-21T11:00:00.000Z',
    endsAt: '2026-11-21T13:00:00.000Z',
    matchers: [{ isEqual: true, isRegex: false, name: 'instance', value: 'web-1' }],
    ...changes,
  }
}

function alertJson(fingerprint: string, labels: object, status: object = {}): object {
  return {
    annotations: {},
    endsAt: '2026-11-21T12:05:00.000Z',
    startsAt: '2026-11-21T11:00:00.000Z',
    updatedAt: '2026-11-21T12:00:00.000Z',
    fingerprint,
    receivers: [{ name: 'homeostat' }],
    status: { state: 'suppressed', silencedBy: [], inhibitedBy: [], ...status },
    labels,
  }
}

interface Answers {
  readonly silences?: unknown
  readonly suppressed?: unknown
  readonly active?: unknown
  readonly status?: number
}

function given({ silences = [], suppressed = [], active = [], status = 200 }: Answers, url = 'http://am:9093') {
  const asked: string[] = []
  const get: HttpGet = async ({ url: { pathname, search } }) => {
    asked.push(pathname + search)
    const answer = pathname.endsWith('/silences') ? silences : search.includes('active=false') ? suppressed : active
    const body = typeof answer === 'string' ? answer : JSON.stringify(answer)
    return { status, contentType: 'application/json', body }
  }
  const limits = { timeoutMs: 5000, maxAnswerBytes: 1_000_000 }
  const reader = createSuppressionReader({ url, option: 'remediation.maintenance.alertmanager', ...limits }, get)
  return { read: () => reader.read(never), asked }
}

const fits = async (matchers: readonly object[], labels: Readonly<Record<string, string>>) => {
  const { silences } = await given({ silences: [silenceJson({ matchers })] }).read()
  return silences[0].matches(labels)
}
const matcher = (name: string, value: string, isEqual?: boolean, isRegex = false) => ({ name, value, isEqual, isRegex })

describe('silences', () => {
  it('are read with who set them, why and until when; those that have expired are left out', async () => {
    const expired = silenceJson({ id: 'old', status: { state: 'expired' } })
    const pending = silenceJson({ id: 'next', status: { state: 'pending' }, comment: 'a\nb', createdBy: '' })

    const { silences } = await given({ silences: [silenceJson(), expired, pending] }).read()

    expect(silences).toMatchObject([
      { by: 'alice', comment: 'new disks', active: true, endsAt: NOON + 3_600_000 },
      { id: 'next', by: 'somebody', comment: 'a b', active: false },
    ])
  })

  it.each([
    ['=', matcher('job', 'web', true), { job: 'web' }, { job: 'web-2' }],
    ['= of an old Alertmanager', matcher('job', 'web'), { job: 'web' }, {}],
    ['!=', matcher('job', 'web', false), { job: 'db' }, { job: 'web' }],
    ['!= without the label', matcher('job', 'web', false), {}, { job: 'web' }],
    ['=~, anchored', matcher('job', 'w.b|db', true, true), { job: 'wib' }, { job: 'wib-2' }],
    ['!~', matcher('job', 'w.*', false, true), { job: 'db' }, { job: 'web' }],
    ['=~ in linear time', matcher('job', '(a+)+', true, true), { job: 'aaa' }, { job: `${'a'.repeat(5000)}!` }],
  ])('match by %s', async (_, one, yes, no) => {
    expect(await fits([one], yes)).toBe(true)
    expect(await fits([one], no)).toBe(false)
  })

  it('match when all of their matchers do, and never without any', async () => {
    const both = [matcher('job', 'web', true), matcher('instance', 'web-1', true)]

    expect(await fits(both, { job: 'web', instance: 'web-1' })).toBe(true)
    expect(await fits(both, { job: 'web', instance: 'web-2' })).toBe(false)
    expect(await fits([], { job: 'web' })).toBe(false)
  })

  it('with a pattern that cannot be read here may mean anybody', async () => {
    expect(await fits([matcher('job', '(', true, true), matcher('instance', 'a', true)], { instance: 'a' })).toBe(true)
    expect(await fits([matcher('job', '(', true, true), matcher('instance', 'a', true)], { instance: 'b' })).toBe(false)
  })
})

describe('suppressed alerts', () => {
  it('are read with the labels of what inhibits them', async () => {
    const inhibited = alertJson('a', { alertname: 'Slow' }, { inhibitedBy: ['b', 'gone'] })
    const active = alertJson('b', { alertname: 'Down' }, { state: 'active' })

    const { alerts } = await given({ suppressed: [inhibited], active: [active] }).read()

    expect(alerts).toMatchObject([
      { labels: { alertname: 'Slow' }, silencedBy: [], inhibitedBy: [{ alertname: 'Down' }, undefined] },
    ])
  })

  it('are all that is asked for where nothing is inhibited', async () => {
    const silenced = alertJson('a', { alertname: 'Slow' }, { silencedBy: ['s'] })
    const { read, asked } = given({ suppressed: [silenced] }, 'http://am:9093/prefix/')

    const { alerts } = await read()

    expect(alerts).toMatchObject([{ silencedBy: ['s'], inhibitedBy: [] }])
    expect(asked).toEqual(['/prefix/api/v2/silences', '/prefix/api/v2/alerts?active=false&unprocessed=false'])
  })
})

describe('an answer that is none of an Alertmanager’s', () => {
  it.each([
    ['no JSON', { silences: '<html>' }],
    ['no list', { silences: { status: 'success' } }],
    ['a silence without matchers', { silences: [silenceJson({ matchers: undefined })] }],
    ['a silence without an end', { silences: [silenceJson({ endsAt: 'soon' })] }],
    ['an alert without labels', { suppressed: [alertJson('a', [])] }],
    ['a label that is no text', { suppressed: [alertJson('a', { job: 1 })] }],
    ['an error', { status: 500 }],
    ['not found', { status: 404 }],
  ])('is refused: %s', async (_, answers) => {
    const refusal = await given(answers)
      .read()
      .catch((error: unknown) => error)

    expect(refusal).toBeInstanceOf(ObserveError)
    expect(refusal).toMatchObject({
      reason: 'bad_response',
      message: expect.stringContaining('root of an Alertmanager'),
    })
  })

  it('is told from one that is not ready', async () => {
    await expect(given({ status: 503 }).read()).rejects.toMatchObject({ reason: 'unreachable' })
  })
})
