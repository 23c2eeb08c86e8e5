import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ApiError } from '../problem.ts'
import { alertJson, messageJson } from '../testing/alerts.ts'
import { fingerprintOf, parseAlerts } from './parse-alerts.ts'

const recorded = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../test/fixtures/alertmanager/${name}.json`, import.meta.url), 'utf8'))
const one = (changes: Readonly<Record<string, unknown>>) =>
  parseAlerts('alertmanager', messageJson([alertJson(changes)])).alerts[0]

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof ApiError) return error.code
    throw error
  }
  return 'taken'
}

describe('a recorded message of Alertmanager', () => {
  it('that fires is read', () => {
    const { alerts, truncated, reason } = parseAlerts('alertmanager', recorded('firing-0.25'))

    expect({ truncated, reason }).toEqual({ truncated: 0, reason: undefined })
    expect(alerts).toEqual([
      {
        source: 'alertmanager',
        groupKey: '{}:{alertname="LabPushed", instance="web1"}',
        fingerprint: fingerprintOf(alerts[0].labels),
        status: 'firing',
        labels: expect.objectContaining({ alertname: 'LabPushed', instance: 'web1', severity: 'critical' }),
        annotations: { summary: 'pushed fault disk' },
        startsAt: Date.parse('2026-11-21T03:11:16.292Z'),
      },
    ])
  })

  it('that is resolved is the same alert, with its end', () => {
    const [firing] = parseAlerts('alertmanager', recorded('firing-0.25')).alerts
    const [resolved] = parseAlerts('alertmanager', recorded('resolved-0.25')).alerts

    expect(resolved).toMatchObject({ status: 'resolved', endsAt: Date.parse('2026-11-21T03:11:36.292Z') })
    expect(resolved.fingerprint).toBe(firing.fingerprint)
  })
})

describe('a message', () => {
  it('may carry what newer senders add', () => {
    const added = { version: '4', notification_reason: 'repeat interval elapsed', routeLabels: { a: 'b' }, x: [[{}]] }

    expect(parseAlerts('alertmanager', messageJson([alertJson({ y: null })], added)).reason).toBe(
      'repeat interval elapsed',
    )
  })

  it('of Grafana is read with values that are null', () => {
    const grafana = { version: '1', orgId: 1, state: 'alerting', title: 't', message: 'm', appVersion: '12.0.0' }
    const alert = alertJson({ values: null, valueString: '', silenceURL: 'x', ruleUID: 'r', imageURL: '' })

    expect(parseAlerts('grafana', messageJson([alert], grafana)).alerts[0].source).toBe('grafana')
  })

  it('may mix what fires and what is resolved', () => {
    const mixed = messageJson([alertJson(), alertJson({ status: 'resolved', endsAt: '2026-11-21T12:00:00Z' })])

    expect(parseAlerts('alertmanager', mixed).alerts.map(({ status }) => status)).toEqual(['firing', 'resolved'])
  })

  it('says how many alerts were left out', () => {
    expect(parseAlerts('alertmanager', messageJson([], { truncatedAlerts: 7 })).truncated).toBe(7)
  })

  it.each([
    ['a list', []],
    ['null', null],
    ['a text', 'x'],
    ['a number', 1],
    ['without alerts', {}],
    ['with alerts that are no list', messageJson({ length: 1 } as never)],
    ['with alerts from its prototype alone', JSON.parse('{"__proto__": {"alerts": []}}')],
    ['with an alert that is null', messageJson([null])],
    ['with an alert that is a list', messageJson([[]])],
    ['with a negative truncatedAlerts', messageJson([], { truncatedAlerts: -1 })],
    ['with a broken truncatedAlerts', messageJson([], { truncatedAlerts: 1.5 })],
    ['with a groupKey that is no text', messageJson([], { groupKey: 1 })],
    ['with an unknown status', messageJson([alertJson({ status: 'pending' })])],
    ['with labels that are a list', messageJson([alertJson({ labels: [] })])],
    ['without labels', messageJson([alertJson({ labels: undefined })])],
    ['with a label that is a number', messageJson([alertJson({ labels: { a: 1 } })])],
    ['with annotations that are a text', messageJson([alertJson({ annotations: 'x' })])],
    ['without startsAt', messageJson([alertJson({ startsAt: undefined })])],
    ['with a startsAt that is no time', messageJson([alertJson({ startsAt: 'yesterday' })])],
    ['with an endsAt that is no time', messageJson([alertJson({ endsAt: 12 })])],
  ])('%s has the wrong shape', (_, body) => {
    expect(codeOf(() => parseAlerts('alertmanager', body))).toBe('invalid_body')
  })

  it.each([
    ['another version', messageJson([], { version: '5' })],
    ['a label value of 1 MB', messageJson([alertJson({ labels: { a: 'x'.repeat(2 ** 20) } })])],
    ['a label name of 5 kB', messageJson([alertJson({ labels: { ['x'.repeat(5000)]: 'a' } })])],
    [
      '129 labels',
      messageJson([alertJson({ labels: Object.fromEntries(Array.from({ length: 129 }, (_, i) => [`l${i}`, ''])) })]),
    ],
    ['a groupKey of 20 kB', messageJson([], { groupKey: 'x'.repeat(20_000) })],
    ['50,001 alerts', messageJson(Array.from({ length: 50_001 }, () => 0))],
  ])('with %s is over our limits', (_, body) => {
    expect(codeOf(() => parseAlerts('alertmanager', body))).toBe('unprocessable')
  })
})

describe('labels', () => {
  it('of any name are data', () => {
    const names = ['__proto__', 'toString', 'hasOwnProperty', 'constructor', 'a b', 'line\nbreak', 'größe', '']
    const sent = JSON.parse(JSON.stringify(alertJson()).replace(/"labels":\{[^}]*\}/, `"labels":${pairs(names)}`))

    const alert = parseAlerts('alertmanager', messageJson([sent])).alerts[0]

    expect(Object.keys(alert.labels).sort()).toEqual([...names].sort())
    for (const name of names) expect(alert.labels[name]).toBe(`value of ${name}`)
    expect(Object.getPrototypeOf(alert.labels)).toBeNull()
    expect(({} as Record<string, unknown>)['value of __proto__']).toBeUndefined()
  })

  it('lose what no database keeps', () => {
    expect(one({ labels: { a: 'x\0y', b: '\ud800z' } }).labels).toEqual({ a: 'x\uFFFDy', b: '\uFFFDz' })
  })

  it('of 4,096 characters are kept whole', () => {
    expect(one({ labels: { a: 'x'.repeat(4096) } }).labels['a']).toHaveLength(4096)
  })
})

it('annotations are cut, never refused', () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`a${i}`, 'x'.repeat(10_000)]))

  const { annotations } = one({ annotations: many })

  expect(Object.keys(annotations)).toHaveLength(64)
  expect(annotations['a0']).toHaveLength(4096)
  expect(one({ annotations: null }).annotations).toEqual({})
})

describe('an alert', () => {
  it('that ended before it began is over', () => {
    const alert = one({ endsAt: '2026-11-21T11:00:00Z' })

    expect(alert).toMatchObject({ status: 'resolved', endsAt: Date.parse('2026-11-21T11:00:00Z') })
  })

  it('that is resolved without an end ended as it began', () => {
    expect(one({ status: 'resolved' }).endsAt).toBe(Date.parse('2026-11-21T11:59:00.123Z'))
  })

  it('has no end while it fires, whatever the sender expects', () => {
    const alert = one({ endsAt: '2026-11-21T13:00:00Z' })

    expect(alert).not.toHaveProperty('endsAt')
    expect(alert.expiresAt).toBe(Date.parse('2026-11-21T13:00:00Z'))
  })
})

describe('our fingerprint', () => {
  it('does not trust the sender’s', () => {
    expect(one({ fingerprint: 'x' }).fingerprint).toBe(one({ fingerprint: undefined }).fingerprint)
  })

  it('does not depend on the order of the labels, and on nothing but them', () => {
    const labels = fc.dictionary(fc.string(), fc.string())
    fc.assert(
      fc.property(labels, (given) => {
        const turned = Object.fromEntries(Object.entries(given).reverse())
        expect(fingerprintOf(turned)).toBe(fingerprintOf(given))
      }),
    )
    fc.assert(
      fc.property(labels, labels, (a, b) => {
        const same = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
        expect(fingerprintOf(a) === fingerprintOf(b)).toBe(same)
      }),
    )
  })
})

function sorted(labels: Readonly<Record<string, string>>) {
  return Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))
}

function pairs(names: readonly string[]): string {
  return `{${names.map((name) => `${JSON.stringify(name)}:${JSON.stringify(`value of ${name}`)}`).join(',')}}`
}
