import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseTelegramHtml } from './telegram-html.ts'

export interface ShownKey {
  readonly text: string
  readonly callback_data?: string
}

/** A message as people see it now. */
export interface ShownMessage {
  readonly message_id: number
  readonly chat: number
  /** What is shown, without markup: of a photo its caption. */
  text: string
  /** As it was sent. */
  source: string
  photo?: Uint8Array
  keyboard: readonly (readonly ShownKey[])[]
  readonly silent: boolean
  readonly replyTo?: number
  edits: number
}

export interface AnsweredCallback {
  readonly id: string
  readonly text: string
  readonly alert: boolean
}

export interface Call {
  readonly method: string
  readonly at: number
}

/** What a server in trouble does with every call. */
export type Trouble = 'unauthorized' | 'slow_down' | 'refuse' | 'fail' | 'hang'

export interface TelegramServer {
  trouble: Trouble | undefined
  /** Whether chats take texts only, as groups may. */
  textsOnly: boolean
  readonly url: string
  readonly token: string
  /** Every message of a chat, oldest first. */
  messages(chat: number): readonly ShownMessage[]
  readonly answered: readonly AnsweredCallback[]
  readonly calls: readonly Call[]
  /** Somebody presses the button with this label, or one with this data. @returns the id of the callback */
  press(user: number, message: ShownMessage, button: string | { readonly data: string }): string
  /** Somebody says something. @param ageS how long ago @returns the id of the message */
  say(user: number, chat: number, text: string, ageS?: number): number
  /** The message is deleted by somebody in the chat. */
  erase(message: ShownMessage): void
  /** The next calls of a method are answered with 429. */
  flood(method: string, retryAfterS: number, times?: number): void
  /** The bot is thrown out of a chat. */
  block(chat: number): void
  /** Updates that nobody has confirmed yet. */
  pending(): number
  close(): Promise<void>
}

export interface TelegramServerOptions {
  readonly token?: string
  /** Chats that the bot is a member of. */
  readonly chats: readonly number[]
  readonly now?: () => number
}

class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: number
  readonly parameters?: object

  constructor(code: number, description: string, parameters?: object) {
    super(description)
    this.code = code
    this.parameters = parameters
  }
}

const bad = (description: string) => new Refusal(400, `Bad Request: ${description}`)

type Fields = Readonly<Record<string, string | Uint8Array | undefined>>

/** A Bot API server as Telegram's own behaves: limits, words of errors, long polls with one poller at a time. */
export async function startTelegram(options: TelegramServerOptions): Promise<TelegramServer> {
  const { token = '123456:AAH-secret_secret_secret_secret_se', chats, now = Date.now } = options
  const members = new Set(chats)
  const blocked = new Set<number>()
  const shown = new Map<number, ShownMessage>()
  const calls: Call[] = []
  const answered: AnsweredCallback[] = []
  const openCallbacks = new Set<string>()
  const floods = new Map<string, { retryAfterS: number; times: number }>()
  let updates: { update_id: number; [kind: string]: unknown }[] = []
  let lastUpdate = 1000
  let lastMessage = 0
  let lastCallback = 0
  let poller: { end: (refusal?: Refusal) => void } | undefined

  function add(update: Record<string, unknown>): void {
    updates.push({ update_id: ++lastUpdate, ...update })
    poller?.end()
  }

  const seconds = () => Math.floor(now() / 1000)
  const chatJson = (id: number) => ({ id, type: id < 0 ? 'supergroup' : 'private' })
  const messageJson = (message: ShownMessage) => ({
    message_id: message.message_id,
    date: seconds(),
    chat: chatJson(message.chat),
    from: { id: Number(token.split(':')[0]), is_bot: true, first_name: 'Homeostat' },
    ...(message.photo === undefined ? { text: message.text } : { caption: message.text, photo: [] }),
    reply_markup: { inline_keyboard: message.keyboard },
  })

  function chatOf({ chat_id }: Fields): number {
    const chat = Number(chat_id)
    if (blocked.has(chat)) {
      const who = chat < 0 ? 'bot was kicked from the supergroup chat' : 'bot was blocked by the user'
      throw new Refusal(403, `Forbidden: ${who}`)
    }
    if (!members.has(chat)) throw bad('chat not found')
    return chat
  }

  function textOf(source: string, parseMode: unknown, limit: number, what: string): string {
    const parsed = parseMode === 'HTML' ? parseTelegramHtml(source) : { text: source.trim() }
    if ('problem' in parsed) throw bad(`can't parse entities: ${parsed.problem}`)
    if (parsed.text === '' && limit > 1024) throw bad('message text is empty')
    if (parsed.text.length > limit) throw bad(`${what} is too long`)
    return parsed.text
  }

  function keyboardOf(fields: Fields): ShownMessage['keyboard'] {
    if (fields['reply_markup'] === undefined) return []
    const { inline_keyboard } = JSON.parse(String(fields['reply_markup'])) as { inline_keyboard: ShownKey[][] }
    for (const { callback_data } of inline_keyboard.flat()) {
      const bytes = Buffer.byteLength(callback_data ?? '')
      if (bytes < 1 || bytes > 64) throw bad('BUTTON_DATA_INVALID')
    }
    return inline_keyboard
  }

  function send(fields: Fields, source: string, photo: Uint8Array | undefined): object {
    const chat = chatOf(fields)
    const [limit, what] = photo === undefined ? [4096, 'message'] : [1024, 'message caption']
    const text = textOf(source, fields['parse_mode'], limit, what)
    const reply = fields['reply_parameters'] === undefined ? undefined : JSON.parse(String(fields['reply_parameters']))
    const keyboard = keyboardOf(fields)
    const silent = fields['disable_notification'] === 'true'
    const message_id = ++lastMessage
    const message = { message_id, chat, text, source, photo, keyboard, silent, replyTo: reply?.message_id, edits: 0 }
    shown.set(message_id, message)
    return messageJson(message)
  }

  function edited(fields: Fields, change: (message: ShownMessage) => Partial<ShownMessage>): object {
    const message = shown.get(Number(fields['message_id']))
    if (message === undefined || message.chat !== chatOf(fields)) throw bad('message to edit not found')
    const next = change(message)
    const keyboard = keyboardOf(fields)
    const same = JSON.stringify(keyboard) === JSON.stringify(message.keyboard)
    if (same && next.photo === undefined && (next.source ?? message.source) === message.source) {
      throw bad(
        'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
      )
    }
    Object.assign(message, next, { keyboard, edits: message.edits + 1 })
    return messageJson(message)
  }

  function poll(fields: Fields, request: IncomingMessage): Promise<unknown> {
    const offset = Number(fields['offset'] ?? 0)
    if (offset > 0) updates = updates.filter(({ update_id }) => update_id >= offset)
    poller?.end(
      new Refusal(
        409,
        'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
      ),
    )
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const current = {
      end(refusal?: Refusal) {
        clearTimeout(timer)
        if (poller === current) poller = undefined
        if (refusal === undefined) resolve(updates.slice(0, Number(fields['limit'] ?? 100)))
        else reject(refusal)
      },
    }
    const timer = setTimeout(() => current.end(), Number(fields['timeout'] ?? 0) * 1000)
    poller = current
    request.once('close', () => poller === current && request.destroyed && current.end())
    if (updates.length > 0) current.end()
    return promise
  }

  const methods: Readonly<Record<string, (fields: Fields, request: IncomingMessage) => unknown>> = {
    getme: () => ({ id: Number(token.split(':')[0]), is_bot: true, first_name: 'Homeostat', username: 'HomeostatBot' }),
    setmycommands: () => true,
    getupdates: poll,
    sendmessage: (fields) => send(fields, String(fields['text'] ?? ''), undefined),
    sendphoto(fields) {
      if (api.textsOnly) throw bad('not enough rights to send photos to the chat')
      if (!(fields['photo'] instanceof Uint8Array)) throw bad('invalid file')
      return send(fields, String(fields['caption'] ?? ''), fields['photo'])
    },
    editmessagetext: (fields) =>
      edited(fields, ({ photo }) => {
        if (photo !== undefined) throw bad('there is no text in the message to edit')
        const source = String(fields['text'] ?? '')
        return { source, text: textOf(source, fields['parse_mode'], 4096, 'message') }
      }),
    editmessagecaption: (fields) =>
      edited(fields, ({ photo }) => {
        if (photo === undefined) throw bad('there is no caption in the message to edit')
        const source = String(fields['caption'] ?? '')
        return { source, text: textOf(source, fields['parse_mode'], 1024, 'message caption') }
      }),
    editmessagemedia: (fields) =>
      edited(fields, () => {
        const { media, caption = '', parse_mode } = JSON.parse(String(fields['media']))
        const photo = fields[String(media).replace('attach://', '')]
        if (!(photo instanceof Uint8Array)) throw bad('wrong file identifier/HTTP URL specified')
        return { source: caption, photo, text: textOf(caption, parse_mode, 1024, 'message caption') }
      }),
    editmessagereplymarkup: (fields) => edited(fields, () => ({})),
    answercallbackquery(fields) {
      const id = String(fields['callback_query_id'])
      const text = String(fields['text'] ?? '')
      if (!openCallbacks.delete(id)) {
        throw bad('query is too old and response timeout expired or query ID is invalid')
      }
      if (text.length > 200) throw bad('MESSAGE_TOO_LONG')
      answered.push({ id, text, alert: fields['show_alert'] === 'true' })
      return true
    },
  }

  async function answer(request: IncomingMessage): Promise<unknown> {
    const match = /^\/bot([^/]*)\/(\w+)$/.exec(new URL(request.url ?? '/', 'http://telegram').pathname)
    if (match === null) throw new Refusal(404, 'Not Found')
    calls.push({ method: match[2], at: now() })
    if (api.trouble === 'hang') return new Promise(() => undefined)
    if (api.trouble !== undefined) throw TROUBLES[api.trouble]()
    if (match[1] !== token) throw new Refusal(401, 'Unauthorized')
    const method = methods[match[2].toLowerCase()]
    if (method === undefined) throw new Refusal(404, 'Not Found: method not found')
    const fields = await fieldsOf(request)
    const flood = floods.get(match[2])
    if (flood !== undefined && flood.times-- > 0) {
      const { retryAfterS: retry_after } = flood
      throw new Refusal(429, `Too Many Requests: retry after ${retry_after}`, { retry_after })
    }
    return method(fields, request)
  }

  const server = createServer((request, response) => {
    answer(request).then(
      (result) => sendJson(response, 200, { ok: true, result }),
      (error) => {
        const { code, message, parameters } =
          error instanceof Refusal ? error : new Refusal(500, `Internal Server Error: ${error}`)
        sendJson(response, code, { ok: false, error_code: code, description: message, parameters })
      },
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  const api: TelegramServer = {
    trouble: undefined,
    textsOnly: false,
    url: `http://127.0.0.1:${port}`,
    token,
    messages: (chat) => [...shown.values()].filter((message) => message.chat === chat),
    answered,
    calls,
    press(user, message, button) {
      const id = `callback-${++lastCallback}`
      const key = typeof button === 'string' ? message.keyboard.flat().find(({ text }) => text === button) : undefined
      const data = typeof button === 'string' ? key?.callback_data : button.data
      if (data === undefined) throw new Error(`there is no button ${JSON.stringify(button)}`)
      openCallbacks.add(id)
      const from = { id: user, is_bot: false, first_name: 'Somebody' }
      add({ callback_query: { id, from, message: messageJson(message), chat_instance: '1', data } })
      return id
    },
    say(user, chat, text, ageS = 0) {
      const message_id = ++lastMessage
      const from = { id: user, is_bot: false, first_name: 'Somebody' }
      add({ message: { message_id, date: seconds() - ageS, chat: chatJson(chat), from, text } })
      return message_id
    },
    erase: ({ message_id }) => void shown.delete(message_id),
    flood: (method, retryAfterS, times = 1) => void floods.set(method, { retryAfterS, times }),
    block: (chat) => void blocked.add(chat),
    pending: () => updates.length,
    async close() {
      poller?.end()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return api
}

const TROUBLES: Readonly<Record<Exclude<Trouble, 'hang'>, () => Refusal>> = {
  unauthorized: () => new Refusal(401, 'Unauthorized'),
  slow_down: () => new Refusal(429, 'Too Many Requests: retry after 7', { retry_after: 7 }),
  refuse: () => bad('chat not found'),
  fail: () => new Refusal(502, 'Bad Gateway'),
}

/** The fields of a form, urlencoded or multipart. */
async function fieldsOf(request: IncomingMessage): Promise<Fields> {
  const chunks: Uint8Array[] = []
  for await (const chunk of request) chunks.push(chunk as Uint8Array)
  const body = Buffer.concat(chunks)
  if (body.length === 0) return {}
  const type = request.headers['content-type'] ?? ''
  const form = await new Response(body, { headers: { 'content-type': type } }).formData()
  const fields: Record<string, string | Uint8Array> = {}
  for (const [name, value] of form) {
    fields[name] = typeof value === 'string' ? value : new Uint8Array(await value.arrayBuffer())
  }
  return fields
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
