import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type HttpSide, httpSide } from '../../src/notify/testing/http-harness.ts'
import { type SmtpSide, smtpSide } from '../../src/notify/testing/smtp-harness.ts'
import { type Daemon, runCommand, startDaemon } from '../support/daemon.ts'

const PASSWORD = 'hunter2-of-the-tests'

let dir: string
let http: HttpSide
let smtp: SmtpSide
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'homeostat-notify-'))
  writeFileSync(join(dir, 'password'), `${PASSWORD}\n`)
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))
beforeEach(async () => {
  http = await httpSide()
  smtp = await smtpSide(PASSWORD)
})
afterEach(async () => {
  await http.close()
  await smtp.close()
})

const receivers = () => [
  { name: 'hook', webhook: { url: `${http.url}/hook`, allow_addresses: ['127.0.0.1'] } },
  {
    name: 'mail',
    email: {
      ...{ to: ['oncall@example.org'], from: 'homeostat@example.org', smarthost: `127.0.0.1:${smtp.port}` },
      ...{ require_tls: false, auth_username: 'homeostat', auth_password_file: join(dir, 'password') },
    },
  },
]

function configFile(): string {
  const path = join(dir, 'homeostat.yaml')
  writeFileSync(path, JSON.stringify({ data_dir: join(dir, 'data'), notifications: { receivers: receivers() } }))
  return path
}

describe('send-test-notification', () => {
  it('sends a mail with a chart, and says so', async () => {
    const result = await runCommand(['send-test-notification', '--config', configFile(), '--receiver', 'mail'])

    expect(result).toMatchObject({ code: 0, stdout: 'mail has taken the message\n', stderr: '' })
    expect(smtp.mails[0].parts.map(({ type }) => type)).toEqual(['text/plain', 'text/html', 'image/png'])
  })

  it('says what went wrong, without the secret, and fails', async () => {
    smtp.reaction = 'unauthorized'

    const result = await runCommand(['send-test-notification', '--config', configFile(), '--receiver', 'mail'])

    expect(result.code).toBe(1)
    expect(result.stderr).toMatch(
      /^homeostat: mail has not taken the message \(auth\): .*refuses user name and password\n$/,
    )
    expect(result.stdout + result.stderr).not.toContain(PASSWORD)
  })

  it.each([
    [['--receiver', 'mial'], 'there is no receiver mial: there are hook, mail'],
    [[], 'which receiver? --receiver takes one of hook, mail'],
  ])('with %j names the receivers that there are', async (args, problem) => {
    const result = await runCommand(['send-test-notification', '--config', configFile(), ...args])

    expect(result).toMatchObject({ code: 2, stderr: `homeostat: ${problem}\n` })
  })
})

describe('the daemon', () => {
  let daemon: Daemon
  afterEach(() => daemon?.stop())

  it('tells of an incident that an alert opens, and of its end, while another receiver is down', async () => {
    await smtp.close()
    const config = {
      interval: '1s',
      source: { type: 'local' },
      notifications: {
        receivers: receivers(),
        route: {
          receiver: 'hook',
          group_wait: '0s',
          routes: [{ receiver: 'mail', continue: true }, { receiver: 'hook' }],
        },
      },
    }
    daemon = await startDaemon({ config })
    await daemon.ready()
    const alert = {
      status: 'firing',
      labels: { alertname: 'Broken', instance: 'web-1', job: 'node', severity: 'critical' },
      annotations: { summary: 'it is <broken>' },
      startsAt: new Date(Date.now() - 5_000).toISOString(),
      endsAt: '0001-01-01T00:00:00Z',
    }
    const post = (status: string, endsAt: string) => {
      const common = { version: '4', groupKey: '{}', truncatedAlerts: 0, receiver: 'homeostat', groupLabels: {} }
      const payload = {
        ...common,
        status,
        commonLabels: {},
        commonAnnotations: {},
        externalURL: '',
        alerts: [{ ...alert, status, endsAt }],
      }
      const headers = { 'content-type': 'application/json' }
      return fetch(`${daemon.url}/api/v1/webhooks/alertmanager`, {
        method: 'POST',
        headers,
        body: JSON.stringify(payload),
      })
    }
    // This machine is a target too, and may have troubles of its own.
    const bodies = () =>
      http.arrivals.map(({ body }) => JSON.parse(body)).filter(({ incidents }) => incidents[0]?.target === 'web-1@node')

    const began = performance.now()
    const answer = await post('firing', alert.endsAt)
    await daemon.waitFor('the first message', () => bodies().some(({ kind }) => kind === 'detected'))
    const took = performance.now() - began
    await post('resolved', new Date().toISOString())
    await daemon.waitFor('its end', () => bodies().some(({ kind }) => kind === 'recovered'))

    expect(answer.status).toBe(202)
    expect(took).toBeLessThan(5_000)
    expect(bodies()[0]).toMatchObject({
      kind: 'detected',
      severity: 'critical',
      incidents: [{ target: 'web-1@node', alerts: [{ name: 'Broken', summary: 'it is <broken>' }] }],
    })
    const sent = await daemon.metric('homeostat_notifications_total', { receiver: 'hook', outcome: 'sent' })
    expect(sent).toBeGreaterThanOrEqual(2)
    await daemon.waitFor('a failure that is counted', async () => {
      const failed = await daemon.metric('homeostat_notification_failures_total', {
        receiver: 'mail',
        reason: 'unavailable',
      })
      return (failed ?? 0) > 0
    })
    expect(daemon.logs()).not.toContain(PASSWORD)
  })
})
