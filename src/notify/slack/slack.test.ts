import { describe, expect, it, onTestFinished } from 'vitest'
import { type SlackServer, startSlack } from '../../../test/support/slack-server.ts'
import { Secret } from '../../platform/secrets.ts'
import type { ChatReply, ChatServices } from '../answers.ts'
import type { Button } from '../notice.ts'
import { longNotice, noticeOf, PIXEL } from '../testing/chat-notice.ts'
import { notifierContract } from '../testing/contract.ts'
import { testContext } from '../testing/contract-context.ts'
import { slackConfig } from './config.ts'
import { slack } from './index.ts'

const [CHANNEL, OPERATOR, STRANGER] = ['C012345678', 'U012345678', 'U666666666']
const signal = () => AbortSignal.timeout(10_000)
const BUTTONS: readonly Button[] = [
  { kind: 'approve', label: 'Approve', nonce: 'a'.repeat(22) },
  { kind: 'freeze', label: 'Freeze all', nonce: 'f'.repeat(22) },
]

const AS_APP = { bot_token_env: 'BOT', channel: CHANNEL, app_token_env: 'APP', users: [{ id: OPERATOR }] }

function receiver(server: SlackServer, settings: object) {
  const secrets: Record<string, string> = { HOOK: server.webhookUrl, BOT: server.tokens.bot, APP: server.tokens.app }
  const context = testContext({ resolveSecret: ({ env = '' }) => new Secret(secrets[env]) })
  const notifier = slack.create(slackConfig.parse({ api_url: server.url, ...settings }), context)
  return { notifier, context, server }
}

async function open(settings: object = AS_APP) {
  const server = await startSlack(CHANNEL)
  onTestFinished(() => server.close())
  return receiver(server, settings)
}

async function harness(settings: object) {
  const { notifier, context, server } = receiver(await startSlack(CHANNEL), settings)
  return {
    notifier,
    secrets: [server.tokens.bot, server.tokens.app, 'secretsecretsecret'],
    react(reaction: 'take' | NonNullable<SlackServer['trouble']>) {
      server.trouble = reaction === 'take' ? undefined : reaction
    },
    texts: () => server.messages.map(({ blocks }) => blocks[0].text?.text ?? ''),
    attempts: server.attempts,
    log: context.logged,
    close: server.close,
  }
}

notifierContract('slack, as an app', () => harness(AS_APP))
notifierContract('slack, by a webhook', () => harness({ webhook_url_env: 'HOOK' }))

describe('a notice in Slack by a webhook', () => {
  it('is a text without picture and buttons', async () => {
    const { notifier, server } = await open({ webhook_url_env: 'HOOK' })

    await notifier.send(noticeOf({ buttons: BUTTONS, chart: PIXEL }), undefined, signal())

    expect(notifier.capabilities).toMatchObject({ updates: 'anew', picture: false, buttons: false })
    expect(notifier.answers).toBeUndefined()
    expect(server.messages).toMatchObject([{ blocks: [{ type: 'section' }] }])
    expect(server.messages[0].blocks[0].text?.text).toContain('&lt;cpu&gt; &amp; more')
  })
})

describe('a notice in Slack by an app', () => {
  it('is one message with buttons, its chart below it, and is changed in place', async () => {
    const { notifier, server } = await open()

    const { handle } = await notifier.send(noticeOf({ buttons: BUTTONS, chart: PIXEL }), undefined, signal())
    const [message] = server.messages
    expect(message.blocks[1].elements?.map(({ text, value }) => [text.text, value])).toEqual([
      ['Approve', 'a'.repeat(22)],
      ['Freeze all', 'f'.repeat(22)],
    ])
    await notifier.send(noticeOf({ chart: PIXEL }, 'recovered'), handle, signal())

    expect(server.messages).toHaveLength(1)
    expect(message).toMatchObject({ edits: 1, blocks: [{ type: 'section' }] })
    expect(message.blocks[0].text?.text).toContain('recovered')
    expect(server.files).toEqual([{ id: expect.any(String), channel: CHANNEL, thread: message.ts, bytes: PIXEL }])
  })

  it('is sent anew when it was deleted', async () => {
    const { notifier, server } = await open()
    const { handle } = await notifier.send(noticeOf(), undefined, signal())
    server.messages.length = 0

    const next = await notifier.send(noticeOf({}, 'recovered'), handle, signal())

    expect(next.handle).not.toBe(handle)
    expect(server.messages).toHaveLength(1)
  })

  it('of 10 kB is cut at what a section takes', async () => {
    const { notifier, server } = await open()

    await notifier.send(longNotice(10_000), undefined, signal())

    const text = server.messages[0].blocks[0].text?.text ?? ''
    expect(text.length).toBeLessThanOrEqual(3000)
    expect(text).toMatch(/…$/)
    expect(text.isWellFormed()).toBe(true)
  })
})

/** A chat whose services say what they were asked. */
async function listening(reply: Partial<ChatReply> = {}) {
  const { notifier, context, server } = await open()
  const asked: string[] = []
  const counted: string[] = []
  const answered = { done: true, text: 'so <be> it', shared: true, buttons: [], ...reply }
  const services: ChatServices = {
    async press(nonce, { by, role }) {
      asked.push(`${by} (${role}) pressed ${nonce}`)
      return answered
    },
    async command(name, words, { by }) {
      asked.push(`${by} said ${name} ${words.join(' ')}`)
      return answered
    },
  }
  const stop = new AbortController()
  const { answers } = notifier
  if (answers === undefined) throw new Error('nobody is heard')
  const answering = { services, counted: (result: string) => void counted.push(result), acquire: async () => undefined }
  const running = answers.listen(answers.people, answering, stop.signal)
  onTestFinished(async () => {
    stop.abort(new Error('stopping'))
    await running
  })
  await expect.poll(server.isHeard).toBe(true)
  const { handle } = await notifier.send(noticeOf({ buttons: BUTTONS }), undefined, signal())
  return { server, asked, counted, message: server.messages[0], handle, log: context.logged }
}

describe('answers in Slack', () => {
  it('are heard by a socket, acknowledged, done, and told in the thread', async () => {
    const { server, asked, message } = await listening()

    server.press(OPERATOR, message, 'Approve')
    await expect.poll(() => server.messages.length).toBe(2)

    expect(asked).toEqual([`slack:${OPERATOR} (operate) pressed ${'a'.repeat(22)}`])
    expect(server.acknowledged).toHaveLength(1)
    expect(server.messages[1]).toMatchObject({ thread: message.ts, text: 'so &lt;be&gt; it' })
  })

  it('may be commands', async () => {
    const { server, asked } = await listening()

    server.say(OPERATOR, CHANNEL, '  silence web-1   2h ')
    server.say(OPERATOR, CHANNEL, '')
    await expect.poll(() => asked.length).toBe(2)

    expect(asked).toEqual([`slack:${OPERATOR} said silence web-1 2h`, `slack:${OPERATOR} said help `])
  })

  it('are not taken from who is not on the list, or elsewhere', async () => {
    const { server, asked, counted, message } = await listening()

    server.press(STRANGER, message, 'Approve')
    server.say(OPERATOR, 'C999999999', 'freeze')
    await expect.poll(() => counted).toEqual(['ignored', 'ignored'])

    expect(asked).toEqual([])
    expect(server.messages).toHaveLength(1)
  })

  it('that are refused are told to whoever pressed alone, and a button that was renewed carries its new nonce', async () => {
    const { server, message } = await listening({ done: false, shared: false, renewed: 'n'.repeat(22) })

    server.press(OPERATOR, message, 'Approve')
    await expect.poll(() => message.edits).toBe(1)

    expect(server.messages[1]).toMatchObject({ user: OPERATOR })
    expect(message.blocks[1].elements?.map(({ value }) => value)).toEqual(['n'.repeat(22), 'f'.repeat(22)])
  })

  it('are heard on when Slack asks for a new socket', async () => {
    const { server, asked, message, log } = await listening()

    server.refresh()
    await expect
      .poll(() => {
        server.press(OPERATOR, message, 'Approve')
        return asked.length
      })
      .toBeGreaterThan(0)

    expect(log()).not.toContain('cannot be heard')
  })
})

describe('the settings of Slack', () => {
  it.each([
    { what: 'nothing', settings: {}, wrong: /either an incoming webhook or a bot/ },
    { what: 'both', settings: { ...AS_APP, webhook_url_env: 'HOOK' }, wrong: /either an incoming webhook or a bot/ },
    { what: 'a bot without a channel', settings: { bot_token_env: 'BOT' }, wrong: /without the other/ },
    {
      what: 'users without an app',
      settings: { bot_token_env: 'BOT', channel: CHANNEL, users: [{ id: OPERATOR }] },
      wrong: /cannot hear/,
    },
    {
      what: 'a name for a channel',
      settings: { bot_token_env: 'BOT', channel: '#ops' },
      wrong: /not the id of a channel/,
    },
  ])('refuse $what', ({ settings, wrong }) => {
    const result = slackConfig.safeParse(settings)

    expect(result.success).toBe(false)
    expect(JSON.stringify(result.error?.issues)).toMatch(wrong)
  })
})
