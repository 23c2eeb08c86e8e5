import { afterAll, beforeAll, expect, it } from 'vitest'
import { alertmanager } from '../../src/notify/alertmanager/index.ts'
import { testContext } from '../../src/notify/testing/contract-context.ts'
import { noticeWith } from '../../src/notify/testing/notices.ts'
import { type Alertmanager, startAlertmanager } from '../support/alertmanager.ts'
import { until } from '../support/deadline.ts'

interface AlertAnswer {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAt: string
  readonly endsAt: string
  readonly status: { readonly state: string }
}

const calm = new AbortController().signal
let real: Alertmanager

beforeAll(async () => {
  real = await startAlertmanager({ webhookUrl: 'http://127.0.0.1:9/', groupBy: ['alertname'] })
})
afterAll(() => real?.stop())

const alerts = async () => (await (await fetch(`${real.url}/api/v2/alerts`)).json()) as AlertAnswer[]

function notifierAt(now: () => number) {
  const config = alertmanager.configSchema.parse({ urls: [real.url] })
  return alertmanager.create(config, testContext({ clock: { now, sleep: async () => undefined } }))
}

it('a real Alertmanager takes an anomaly, keeps it as one alert while it is repeated, and sees it resolved', async () => {
  const notifier = notifierAt(Date.now)

  await notifier.send(noticeWith({ summary: 'Last <b> "quoted" ä😀' }), undefined, calm)
  const [first] = await alerts()
  await notifier.send(noticeWith({ summary: 'another text' }), 'posted', calm)
  const again = await alerts()
  await notifier.send(noticeWith({ state: 'recovered', kind: 'recovered' }), 'posted', calm)

  expect(first.labels).toMatchObject({ origin: 'homeostat', alertname: 'HomeostatAnomaly', instance: 'web-1:9100' })
  expect(first.annotations['description']).toContain('Last <b> "quoted" ä😀')
  expect(Date.parse(first.endsAt) - Date.now()).toBeGreaterThan(200_000)
  expect(again).toHaveLength(1)
  expect(again[0].startsAt).toBe(first.startsAt)
  await until(async () => (await alerts()).length === 0, { what: 'the alert’s end', withinMs: 20_000 })
})

it('a real Alertmanager lets an anomaly run out of which nothing more is heard', async () => {
  const notifier = notifierAt(() => Date.now() - 4 * 60_000 + 3_000)

  await notifier.send(
    noticeWith({ target: 'silent@node', labels: { instance: 'silent', job: 'node' } }),
    undefined,
    calm,
  )
  const before = (await alerts()).filter(({ labels }) => labels['instance'] === 'silent')

  expect(before).toHaveLength(1)
  await until(async () => (await alerts()).length === 0, { what: 'the alert’s end', withinMs: 20_000 })
})
