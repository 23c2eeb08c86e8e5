import { describe, expect, it } from 'vitest'
import { verdictOf } from '../api/testing/fake-fleet.ts'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import type { Incident } from '../domain/incident.ts'
import type { Message } from '../domain/message.ts'
import { httpSide } from '../notify/testing/http-harness.ts'
import { smtpSide } from '../notify/testing/smtp-harness.ts'
import { manualClock } from '../pipeline/testing/manual-clock.ts'
import { incidentOf, messageOf, START } from '../pipeline/testing/telling.ts'
import { createLogger } from '../platform/logger.ts'
import { createMetrics } from '../platform/metrics.ts'
import { openMemoryStore } from '../store/sql/testing/memory-store.ts'
import { notificationChecks } from './notification-checks.ts'
import { createNotifications } from './notifications.ts'
import { receiverSchemas } from './registry.ts'
import { createScoreHistory } from './score-history.ts'

function configOf(text: string) {
  const loaded = loadConfig({
    flags: { config: '/etc/homeostat/homeostat.yaml' },
    env: {},
    readFile: () => text,
    receivers: receiverSchemas,
    checks: notificationChecks,
  })
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'))
  return loaded.config
}

async function start(text: string) {
  const clock = manualClock(START)
  const store = await openMemoryStore(clock)
  const metrics = createMetrics({ now: clock.now, version: '0', node: '0' })
  const lines: string[] = []
  const levels = createScoreHistory(() => [])
  const notifications = createNotifications(configOf(text), {
    store,
    levels,
    clock,
    metrics,
    environment: { variables: { PASSWORD: 'hunter2' }, hostName: 'here', readFile: () => '' },
    logger: createLogger('debug', { write: (line: string) => void lines.push(line) }),
    resolve: async () => [{ address: '169.254.169.254', family: 4 }],
  })
  const stopping = new AbortController()
  const running = notifications.run(stopping.signal)
  return {
    ...{ clock, store, metrics, notifications, levels },
    log: () => lines.join(''),
    say: (...messages: Message[]) => store.transaction((entries) => entries.say(messages)),
    save: (...incidents: Incident[]) => store.transaction((entries) => entries.saveIncidents(incidents)),
    async until(isSo: () => boolean) {
      await expect
        .poll(
          async () => {
            await clock.advance(1_000)
            return isSo()
          },
          { timeout: 10_000, interval: 10 },
        )
        .toBe(true)
    },
    async stop() {
      stopping.abort(new Error('stopping'))
      await running
    },
  }
}

describe('what people are told', () => {
  it('goes by its routes to real receivers, with a chart where one is shown, and is counted', async () => {
    const [http, smtp] = [await httpSide(), await smtpSide('hunter2')]
    const one = await start(`
notifications:
  receivers:
    - {name: hook, webhook: {url: "${http.url}/hook", allow_addresses: [127.0.0.1]}}
    - name: mail
      email: {to: [a@example.org], from: b@example.org, smarthost: "127.0.0.1:${smtp.port}", require_tls: false, auth_username: homeostat, auth_password_env: PASSWORD}
  route:
    receiver: hook
    group_wait: 0s
    routes: [{receiver: mail, matchers: ['target="web-1"'], continue: true}, {receiver: hook}]
  dashboard_url: https://homeostat.example.org
`)
    const [first, second] = [incidentOf('web-1'), incidentOf('web-2')]
    await one.save(first, second)
    for (let i = 40; i > 0; i--) {
      const target = { id: 'web-1', labels: {} }
      one.levels.add(START - i * 15_000, [verdictOf('web-1', { target, level: 40 - i })])
    }

    await one.say(messageOf(first, 'detected'), messageOf(second, 'detected'))
    await one.until(() => http.arrivals.length === 2 && smtp.mails.length === 1)
    const counted = () => one.metrics.registry.metrics()
    await expect.poll(counted).toContain('homeostat_notifications_total{receiver="mail",outcome="sent"} 1')
    await one.stop()

    expect(http.arrivals.map(({ body }) => JSON.parse(body).incidents[0].target).sort()).toEqual(['web-1', 'web-2'])
    expect(smtp.mails[0].parts.map(({ type }) => type)).toContain('image/png')
    expect(smtp.mails[0].parts[0].text).toContain('https://homeostat.example.org/#/incidents/incident-web-1')
    expect(await counted()).toContain('homeostat_notifications_total{receiver="hook",outcome="sent"} 2')
    await http.close()
    await smtp.close()
  }, 20_000)

  it('does not go to an address that is not public and not listed, and no connection is made', async () => {
    const http = await httpSide()
    const { port } = new URL(http.url)
    const one = await start(`
notifications:
  receivers:
    - {name: literal, webhook: {url: "http://127.0.0.1:${port}/"}}
    - {name: number, webhook: {url: "http://2130706433:${port}/"}}
    - {name: metadata, webhook: {url: "http://metadata.example.org:${port}/"}}
  route: {receiver: literal, group_wait: 0s, routes: [{receiver: literal, continue: true}, {receiver: number, continue: true}, {receiver: metadata}]}
`)
    const incident = incidentOf('web-1')
    await one.save(incident)

    await one.say(messageOf(incident, 'detected'))
    await one.until(() => one.log().split('has no public address').length === 4)
    await one.stop()

    expect(http.arrivals).toEqual([])
    await http.close()
  })

  it('is nothing without receivers, and costs no word in the log', async () => {
    const one = await start('{}')
    const incident = incidentOf('web-1')
    await one.save(incident)

    await one.say(messageOf(incident, 'detected'))
    await one.clock.advance(1_000)
    await expect.poll(() => one.store.unrouted(10)).toEqual([])
    await one.stop()

    expect(one.log()).toBe('')
  })
})

describe('a template in the configuration', () => {
  const problemsOf = (template: string) => {
    const text = `notifications: {templates: {text: ${JSON.stringify(template)}}}`
    const loaded = loadConfig({
      flags: { config: 'h.yaml' },
      env: {},
      readFile: () => text,
      checks: notificationChecks,
    })
    return loaded.ok ? [] : loaded.problems.map(formatProblem)
  }

  it('that can be rendered is good', () => {
    const text =
      '{{ target | bold }} {% for one in features %}{{ one.actual | number }}{% endfor %}{{ labels.instance }}'

    expect(problemsOf(text)).toEqual([])
  })

  it.each([
    '{{ targt }}',
    '{{ target | shout }}',
    "{% include 'x' %}",
    '{% if %}',
    '{% for i in (1..999999999) %}x{% endfor %}',
  ])('that cannot, such as %s, is refused with its place', (template) => {
    expect(problemsOf(template)).toEqual([
      expect.stringMatching(/^h\.yaml:1:35: notifications\.templates\.text: is not a template that can be rendered: /),
    ])
  })
})
