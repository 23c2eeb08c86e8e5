import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseTelegramHtml } from '../../../test/support/telegram-html.ts'
import { startTelegram, type TelegramServer } from '../../../test/support/telegram-server.ts'
import { NotifyError } from '../../pipeline/receivers.ts'
import { Secret } from '../../platform/secrets.ts'
import { harmless, writeSpans } from '../markup.ts'
import type { Button } from '../notice.ts'
import type { Notifier } from '../notifier.ts'
import { longNotice, noticeOf, PIXEL } from '../testing/chat-notice.ts'
import { notifierContract } from '../testing/contract.ts'
import { testContext } from '../testing/contract-context.ts'
import { telegramConfig } from './config.ts'
import { telegram } from './index.ts'

const CHAT = -100123
const signal = () => AbortSignal.timeout(10_000)
const nonceOf = (letter: string) => letter.repeat(22)
const BUTTONS: readonly Button[] = [
  { kind: 'approve', label: 'Approve', nonce: nonceOf('a') },
  { kind: 'deny', label: 'Deny', nonce: nonceOf('d') },
  { kind: 'why', label: 'Why', nonce: nonceOf('w') },
  { kind: 'freeze', label: 'Freeze all', nonce: nonceOf('f') },
]

const contextWith = (token: string) => testContext({ resolveSecret: () => new Secret(token) })

notifierContract('telegram', async () => {
  const side = await startTelegram({ chats: [CHAT] })
  const context = contextWith(side.token)
  const config = telegramConfig.parse({ token_env: 'T', chat_id: CHAT, api_url: side.url })
  return {
    notifier: telegram.create(config, context),
    secrets: [side.token, side.token.split(':')[1]],
    react(reaction) {
      side.trouble = reaction === 'take' ? undefined : reaction
    },
    texts: () => side.messages(CHAT).map(({ source }) => source),
    attempts: () => side.calls.length,
    log: context.logged,
    close: side.close,
  }
})

let server: TelegramServer
beforeEach(async () => {
  server = await startTelegram({ chats: [CHAT, 42] })
})
afterEach(() => server.close())

function receiver(changes: Record<string, unknown> = {}, token = server.token): Notifier {
  const config = { token_env: 'TOKEN', chat_id: CHAT, users: [{ id: 42 }], api_url: server.url, ...changes }
  return telegram.create(telegramConfig.parse(config), contextWith(token))
}

async function failureOf(sending: Promise<unknown>): Promise<NotifyError> {
  const error = await sending.then(
    () => undefined,
    (failure: unknown) => failure,
  )
  expect(error).toBeInstanceOf(NotifyError)
  return error as NotifyError
}

describe('a notice in Telegram', () => {
  it('is one message, with names of others escaped and buttons that carry nonces alone', async () => {
    await receiver().send(noticeOf({ buttons: BUTTONS }), undefined, signal())

    const [message, ...more] = server.messages(CHAT)
    expect(more).toEqual([])
    expect(message.text).toContain('<b>web-1</b>&"@node')
    expect(message.text).toContain('level 4: <cpu> & more')
    expect(message.source).toContain('&lt;cpu&gt; &amp; more')
    expect(message.keyboard.map((row) => row.map(({ text }) => text))).toEqual([
      ['Approve', 'Deny'],
      ['Why'],
      ['Freeze all'],
    ])
    expect(message.keyboard.flat().map(({ callback_data }) => callback_data)).toEqual(['a', 'd', 'w', 'f'].map(nonceOf))
    expect(message.silent).toBe(false)
  })

  it('is changed in place, buttons included, and its handle stays', async () => {
    const notifier = receiver()
    const { handle } = await notifier.send(noticeOf({ buttons: BUTTONS }), undefined, signal())

    const again = await notifier.send(noticeOf({}, 'recovered'), handle, signal())

    const [message, ...more] = server.messages(CHAT)
    expect(more).toEqual([])
    expect(again).toEqual({ handle })
    expect(message).toMatchObject({ keyboard: [], edits: 1 })
    expect(message.text).toContain('recovered')
  })

  it('may be the same as before', async () => {
    const notifier = receiver()
    const { handle } = await notifier.send(noticeOf(), undefined, signal())

    expect(await notifier.send(noticeOf(), handle, signal())).toEqual({ handle })
    expect(server.messages(CHAT)).toMatchObject([{ edits: 0 }])
  })

  it('is sent anew when its message was deleted', async () => {
    const notifier = receiver()
    const { handle } = await notifier.send(noticeOf(), undefined, signal())
    server.erase(server.messages(CHAT)[0])

    const next = await notifier.send(noticeOf({}, 'recovered'), handle, signal())

    expect(next.handle).not.toBe(handle)
    expect(server.messages(CHAT).map(({ text }) => text)).toEqual([expect.stringContaining('recovered')])
  })

  it('goes to the new chat when the configuration names another', async () => {
    const { handle } = await receiver().send(noticeOf(), undefined, signal())

    await receiver({ chat_id: 42 }).send(noticeOf({}, 'recovered'), handle, signal())

    expect(server.messages(CHAT)[0].text).not.toContain('recovered')
    expect(server.messages(42)).toHaveLength(1)
  })

  it('comes with its chart, which is changed with it', async () => {
    const notifier = receiver()
    const { handle } = await notifier.send(noticeOf({ chart: PIXEL, buttons: BUTTONS }), undefined, signal())
    const other = new Uint8Array([...PIXEL, 0])

    await notifier.send(noticeOf({ chart: other }, 'recovered'), handle, signal())
    expect(server.messages(CHAT)).toMatchObject([{ photo: other, edits: 1, keyboard: [] }])

    await notifier.send(noticeOf({}, 'closed'), handle, signal())
    expect(server.messages(CHAT)).toMatchObject([{ photo: other, edits: 2 }])
    expect(server.messages(CHAT)[0].text).toContain('closed')
  })

  it('comes without its chart where a chat takes texts only', async () => {
    server.textsOnly = true

    await receiver().send(noticeOf({ chart: PIXEL }), undefined, signal())

    expect(server.messages(CHAT)).toHaveLength(1)
    expect(server.messages(CHAT)[0].photo).toBeUndefined()
  })

  it('of 10 kB is cut at 4,096 without breaking an entity, a tag or a letter', async () => {
    await receiver().send(longNotice(10_000), undefined, signal())

    const [{ text, source }] = server.messages(CHAT)
    expect(source.length).toBeLessThanOrEqual(4096)
    expect(source.length).toBeGreaterThan(4080)
    expect(text.endsWith('…')).toBe(true)
    expect(text.isWellFormed()).toBe(true)
  })

  it('shows all of a text that fits below a photo only without its marks, and leaves out the photo of a longer one', async () => {
    const notifier = receiver()

    await notifier.send(longNotice(1000, { chart: PIXEL }), undefined, signal())
    await notifier.send(longNotice(1100, { chart: PIXEL }), undefined, signal())

    const [short, long] = server.messages(CHAT)
    expect(short.source.length).toBeGreaterThan(1024)
    expect(short).toMatchObject({ photo: PIXEL })
    expect(short.text.endsWith('…')).toBe(false)
    expect(long.photo).toBeUndefined()
    expect(long.text.endsWith('…')).toBe(false)
  })

  it('that grows beyond a caption is cut at 1,024 and stays one message', async () => {
    const notifier = receiver()
    const { handle } = await notifier.send(longNotice(900, { chart: PIXEL }), undefined, signal())

    await notifier.send(longNotice(9_000), handle, signal())

    const [message, ...more] = server.messages(CHAT)
    expect(more).toEqual([])
    expect(message.text.endsWith('…')).toBe(true)
  })

  it('is sent without marks when Telegram cannot read them', async () => {
    const broken = noticeOf()
    const text: typeof broken.text = (format, length) =>
      format === 'html' ? '<nonsense>' : broken.text(format, length)

    await receiver().send({ ...broken, text }, undefined, signal())

    expect(server.messages(CHAT)[0].source).toContain('level 4: <cpu> & more')
  })

  it('comes in silence when it only follows', async () => {
    await receiver().send(noticeOf({ attention: false }), undefined, signal())

    expect(server.messages(CHAT)[0].silent).toBe(true)
  })
})

describe('what Telegram refuses', () => {
  it.each([
    { what: 'a wrong token', token: '123456:wrong', changes: {}, reason: 'auth', retryable: false },
    { what: 'what is no token', token: 'my secret phrase', changes: {}, reason: 'auth', retryable: false },
    { what: 'an unknown chat', token: undefined, changes: { chat_id: 7 }, reason: 'rejected', retryable: false },
  ])('$what is told as $reason, and the token by nobody', async ({ token, changes, reason, retryable }) => {
    const notifier = receiver(changes, token ?? server.token)

    const failure = await failureOf(notifier.send(noticeOf(), undefined, signal()))

    expect(failure).toMatchObject({ reason, retryable })
    expect(inspect(failure, { depth: 9 })).not.toContain(token ?? server.token)
  })

  it('a bot that was thrown out is told what to do', async () => {
    server.block(CHAT)

    const failure = await failureOf(receiver().send(noticeOf(), undefined, signal()))

    expect(failure).toMatchObject({ reason: 'auth' })
    expect(failure.message).toContain('add the bot to the chat again')
  })

  it('too much at once is left alone for as long as Telegram asks for', async () => {
    server.flood('sendMessage', 7)

    const failure = await failureOf(receiver().send(noticeOf(), undefined, signal()))

    expect(failure).toMatchObject({ reason: 'rate_limited', retryable: true, retryAfterMs: 7000 })
    expect(server.calls).toHaveLength(1)
  })

  it('a server that is not there, or speaks another language, is tried again', async () => {
    const other = createServer((_, response) => response.end('<html>'))
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo

    const language = await failureOf(
      receiver({ api_url: `http://127.0.0.1:${port}` }).send(noticeOf(), undefined, signal()),
    )
    await new Promise((resolve) => other.close(resolve))
    const gone = await failureOf(
      receiver({ api_url: `http://127.0.0.1:${port}` }).send(noticeOf(), undefined, signal()),
    )

    for (const failure of [language, gone]) {
      expect(failure).toMatchObject({ reason: 'unavailable', retryable: true })
      expect(inspect(failure, { depth: 9 })).not.toContain(server.token)
    }
  })

  it('a redirect, which would carry the token elsewhere, is not followed', async () => {
    let asked = 0
    const other = createServer((_, response) => {
      asked++
      response.writeHead(307, { location: `${server.url}/bot${server.token}/sendMessage` }).end()
    })
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo

    const failure = await failureOf(
      receiver({ api_url: `http://127.0.0.1:${port}` }).send(noticeOf(), undefined, signal()),
    )
    await new Promise((resolve) => other.close(resolve))

    expect(failure.reason).toBe('unavailable')
    expect(asked).toBe(1)
    expect(server.calls).toEqual([])
  })

  it('a server that hangs is left when the caller says so', async () => {
    const hanging = createServer(() => undefined)
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve))
    const { port } = hanging.address() as AddressInfo
    const stop = new AbortController()
    const sending = failureOf(
      receiver({ api_url: `http://127.0.0.1:${port}` }).send(noticeOf(), undefined, stop.signal),
    )

    stop.abort()

    expect((await sending).reason).toBe('unavailable')
    hanging.closeAllConnections()
    await new Promise((resolve) => hanging.close(resolve))
  })
})

describe('what Telegram must not be sent too often', () => {
  it('is limited for the bot, for a chat and, in a group, by the minute', () => {
    const group = receiver().limits
    const person = receiver({ chat_id: 42 }).limits

    expect(group.map(({ count, perMs }) => [count, perMs])).toEqual([
      [30, 1000],
      [1, 1000],
      [20, 60_000],
    ])
    expect(person.map(({ count, perMs }) => [count, perMs])).toEqual([
      [30, 1000],
      [1, 1000],
    ])
    expect(person[0].key).toBe(group[0].key)
    expect(person[1].key).not.toBe(group[1].key)
  })
})

describe('who may answer in Telegram', () => {
  it('is nobody without a list: there are no buttons then', () => {
    const quiet = receiver({ users: [] })

    expect(quiet.answers).toBeUndefined()
    expect(quiet.capabilities.buttons).toBe(false)
  })

  it('is who is listed, in the chat that is told and those beside it, but not in a channel', () => {
    const people = receiver({ chats: [42], users: [{ id: 42, role: 'admin' }] }).answers?.people

    expect(people).toEqual([
      { chat: String(CHAT), user: '42', role: 'admin' },
      { chat: '42', user: '42', role: 'admin' },
    ])
    expect(receiver({ chat_id: '@operations' }).answers).toBeUndefined()
  })
})

describe('the settings of Telegram', () => {
  it.each([
    { what: 'no token', settings: { chat_id: 42 }, wrong: /neither token_file nor token_env/ },
    {
      what: 'two tokens',
      settings: { token_env: 'A', token_file: '/b', chat_id: 42 },
      wrong: /both token_file and token_env/,
    },
    { what: 'a token in the file', settings: { token: '1:a', token_env: 'A', chat_id: 42 }, wrong: /token/ },
    { what: 'a chat by its title', settings: { token_env: 'A', chat_id: 'Operations' }, wrong: /the id of a chat/ },
    {
      what: 'a user by name',
      settings: { token_env: 'A', chat_id: 42, users: [{ id: 'alice' }] },
      wrong: /expected number/,
    },
    {
      what: 'an unknown role',
      settings: { token_env: 'A', chat_id: 42, users: [{ id: 42, role: 'root' }] },
      wrong: /one of/,
    },
  ])('refuse $what', ({ settings, wrong }) => {
    const result = telegramConfig.safeParse(settings)

    expect(result.success).toBe(false)
    expect(JSON.stringify(result.error?.issues)).toMatch(wrong)
  })
})

it('any text, however it is cut, is one that Telegram can read', () => {
  const pieces = fc.array(
    fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('<b>', '&amp;', '&', '</code>', '😀', '"')),
  )
  const styles = fc.constantFrom('bold' as const, 'code' as const, undefined)
  const spans = fc.array(fc.record({ text: pieces.map((some) => harmless(some.join(''))), style: styles }))

  fc.assert(
    fc.property(spans, fc.integer({ min: 1, max: 200 }), (some, length) => {
      const html = writeSpans(some, 'html', length)

      expect(html.length).toBeLessThanOrEqual(length)
      expect(parseTelegramHtml(html)).toHaveProperty('text')
    }),
  )
})
