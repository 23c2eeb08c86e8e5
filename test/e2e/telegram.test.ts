import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { type ShownMessage, startTelegram, type TelegramServer } from '../support/telegram-server.ts'

const CHAT = -100123
const [ADMIN, OPERATOR, STRANGER] = [40, 41, 66]
const FIRING = '0001-01-01T00:00:00Z'

let dir: string
let effects: string
let telegram: TelegramServer
let daemon: Daemon | undefined

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'homeostat-telegram-'))
  effects = join(dir, 'effects')
  telegram = await startTelegram({ chats: [CHAT] })
})
afterEach(async () => {
  await daemon?.stop()
  daemon = undefined
  await telegram.close()
  rmSync(dir, { recursive: true, force: true })
})

/** A daemon whose only rule answers the alert `Hanging` with a command that leaves a line, once somebody says yes. */
async function start(): Promise<Daemon> {
  const program = join(dir, 'restart-it')
  writeFileSync(program, `#!/usr/bin/env sh\necho "$1" >> ${effects}\n`, { mode: 0o755 })
  const rules = join(dir, 'rules.yaml')
  writeFileSync(
    rules,
    `rules:
  - name: restart-it
    priority: 1
    when: '"Hanging" in alerts'
    action: exec
    parameters: { command: restart-it }
    severity: high
    verification: { after: 1s, within: 1m }
`,
  )
  const command = { name: 'restart-it', match: '{job="web"}', argv: [program, 'restarted'] }
  const users = [{ id: ADMIN, role: 'admin' }, { id: OPERATOR }]
  const receiver = { token_env: 'BOT_TOKEN', chat_id: CHAT, users, api_url: telegram.url }
  daemon = await startDaemon({
    dataDir: join(dir, 'data'),
    env: { BOT_TOKEN: telegram.token },
    config: {
      interval: '1s',
      source: { local: { rate_window: '2s' } },
      targets: { stale_after: '5s' },
      remediation: { mode: 'approve', rules: [rules], groups: { sizes: { web: 50 } } },
      actions: { exec: { commands: [command] } },
      notifications: {
        receivers: [{ name: 'oncall', telegram: receiver }],
        route: { receiver: 'oncall', group_wait: '0s' },
      },
    },
  })
  await daemon.ready()
  return daemon
}

async function send(status: 'firing' | 'resolved', startsAt: Date): Promise<void> {
  const labels = { alertname: 'Hanging', instance: 'web-1', job: 'web' }
  const endsAt = status === 'firing' ? FIRING : new Date().toISOString()
  const times = { startsAt: startsAt.toISOString(), endsAt }
  const alert = { status, labels, annotations: { summary: 'it <hangs> & hangs' }, ...times, generatorURL: '' }
  const group = { version: '4', groupKey: '{}:{}', truncatedAlerts: 0, status, receiver: 'homeostat', externalURL: '' }
  const body = { ...group, groupLabels: {}, commonLabels: labels, commonAnnotations: {}, alerts: [alert] }
  const headers = { 'Content-Type': 'application/json' }
  const url = `${daemon?.url}/api/v1/webhooks/alertmanager`
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  expect(answer.status).toBe(202)
}

const lines = () => (existsSync(effects) ? readFileSync(effects, 'utf8').trim().split('\n') : [])
const labels = ({ keyboard }: ShownMessage) => keyboard.flat().map(({ text }) => text)
const question = () => telegram.messages(CHAT).find((message) => labels(message).includes('Approve')) ?? false
const replyTo = (id: number) => () => telegram.messages(CHAT).find((message) => message.replyTo === id) ?? false

describe('a chat in Telegram', () => {
  it('is asked about an alert, says yes once, and sees in the same message that it helped', async () => {
    const { waitFor, metric, logs } = await start()
    const startsAt = new Date()
    await send('firing', startsAt)
    const message = await waitFor('the question', question)
    expect(message.text).toContain('web-1@web')

    telegram.press(STRANGER, message, 'Approve')
    telegram.press(OPERATOR, message, 'Approve')
    telegram.press(ADMIN, message, 'Approve')
    await waitFor('the effect', () => lines().length > 0)
    await send('resolved', startsAt)
    await waitFor('the end of the story', () => /recovered/.test(message.text) && labels(message).includes('Useful'))

    expect(lines()).toEqual(['restarted'])
    expect(message.text).toContain(`approved by telegram:${OPERATOR}`)
    expect(message.edits).toBeGreaterThan(0)
    const stories = telegram
      .messages(CHAT)
      .filter(({ text, replyTo }) => replyTo === undefined && text.includes('web-1@web'))
    expect(stories).toEqual([message])
    expect(telegram.answered.map(({ alert }) => alert)).toEqual([false, true])
    expect(await metric('homeostat_chat_answers_total', { receiver: 'oncall', result: 'ignored' })).toBe(1)
    expect(await metric('homeostat_notifications_total', { receiver: 'oncall', outcome: 'failed' })).toBe(0)
    expect(logs()).not.toContain(telegram.token.split(':')[1])
  })

  it('freezes everything within a second, and a yes that comes later does nothing', async () => {
    const { waitFor, metric } = await start()
    await send('firing', new Date())
    const message = await waitFor('the question', question)

    const from = performance.now()
    const asked = telegram.say(OPERATOR, CHAT, '/freeze')
    const isFrozen = async () => (await metric('homeostat_frozen')) === 1
    await waitFor('the freeze', isFrozen, { withinMs: 10_000, everyMs: 10 })
    const tookMs = performance.now() - from
    // What is said of it keeps to one message a second.
    const reply = await waitFor('an answer', replyTo(asked))
    telegram.press(OPERATOR, message, 'Approve')
    await waitFor('a no', async () => {
      const { items } = (await (await fetch(`${daemon?.url}/api/v1/actions`)).json()) as { items: { reason: string }[] }
      return items.some(({ reason }) => reason.includes('kill_switch'))
    })

    expect(reply.text).toContain(`Frozen by telegram:${OPERATOR}`)
    expect(tookMs).toBeLessThan(1000)
    expect(lines()).toEqual([])
  })

  it('ends at once, however long a poll would last, and hears nothing twice after the start', async () => {
    const { waitFor, stop } = await start()
    const first = telegram.say(ADMIN, CHAT, '/freeze')
    await waitFor('the freeze', replyTo(first))

    const { code, tookMs } = await stop()
    await start()
    await daemon?.waitFor('an answer', replyTo(telegram.say(ADMIN, CHAT, '/status')))

    expect(code).toBe(0)
    expect(tookMs).toBeLessThan(5000)
    expect(telegram.messages(CHAT).filter(({ replyTo: id }) => id === first)).toHaveLength(1)
  })
})
