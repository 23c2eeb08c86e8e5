import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { acceptSocket, type SocketEnd } from './web-socket-server.ts'

interface Block {
  readonly type: string
  readonly text?: { readonly text: string }
  readonly elements?: readonly { readonly text: { readonly text: string }; readonly value: string }[]
}

export interface SlackMessage {
  readonly ts: string
  readonly channel: string
  /** Of a message that only one sees. */
  readonly user?: string
  readonly thread?: string
  text: string
  blocks: readonly Block[]
  edits: number
}

export interface SlackFile {
  readonly id: string
  readonly channel: string
  readonly thread: string
  readonly bytes: Uint8Array
}

export type Trouble = 'unauthorized' | 'slow_down' | 'refuse' | 'fail' | 'hang'

export interface SlackServer {
  trouble: Trouble | undefined
  readonly url: string
  readonly webhookUrl: string
  readonly tokens: { readonly bot: string; readonly app: string }
  readonly messages: SlackMessage[]
  readonly files: SlackFile[]
  readonly attempts: () => number
  /** Envelopes that were acknowledged. */
  readonly acknowledged: readonly string[]
  /** Somebody presses a button. @param value what it carries, unless its own */
  press(user: string, message: SlackMessage, label: string, value?: string): void
  /** Somebody gives a command in a channel: `freeze for now`. */
  say(user: string, channel: string, text: string): void
  /** Whether anybody listens. */
  isHeard(): boolean
  /** Slack asks for a new socket, as it does every now and then. */
  refresh(): void
  close(): Promise<void>
}

const HOOK = '/services/T000/B000/secretsecretsecret'

/** The Web API, an incoming webhook and Socket Mode, as far as they are used. @param channel that the bot is a member of */
export async function startSlack(channel: string): Promise<SlackServer> {
  const tokens = { bot: 'xoxb-secret-of-the-bot', app: 'xapp-secret-of-the-app' }
  const messages: SlackMessage[] = []
  const files: SlackFile[] = []
  const uploads = new Map<string, Uint8Array>()
  const acknowledged: string[] = []
  let socket: SocketEnd | undefined
  let count = 0
  let attempts = 0

  function post(fields: URLSearchParams, user?: string): object {
    if (fields.get('channel') !== channel) return { ok: false, error: 'channel_not_found' }
    const blocks = readBlocks(fields.get('blocks'))
    if (blocks === undefined) return { ok: false, error: 'invalid_blocks' }
    const ts = `17000000${String(++count).padStart(2, '0')}.000100`
    const thread = fields.get('thread_ts') ?? undefined
    messages.push({ ts, channel, user, thread, text: fields.get('text') ?? '', blocks, edits: 0 })
    return { ok: true, channel, ts }
  }

  const methods: Readonly<Record<string, (fields: URLSearchParams, url: string) => object>> = {
    'chat.postMessage': (fields) => post(fields),
    'chat.postEphemeral': (fields) => post(fields, fields.get('user') ?? undefined),
    'chat.update'(fields) {
      const message = messages.find(({ ts }) => ts === fields.get('ts'))
      if (message === undefined) return { ok: false, error: 'message_not_found' }
      const blocks = readBlocks(fields.get('blocks'))
      if (blocks === undefined) return { ok: false, error: 'invalid_blocks' }
      Object.assign(message, { text: fields.get('text') ?? '', blocks, edits: message.edits + 1 })
      return { ok: true, channel, ts: message.ts }
    },
    'files.getUploadURLExternal'(fields, url) {
      if (Number(fields.get('length')) < 1) return { ok: false, error: 'invalid_arguments' }
      const file_id = `F${++count}`
      return { ok: true, file_id, upload_url: `${url}/upload/${file_id}` }
    },
    'files.completeUploadExternal'(fields) {
      const [{ id }] = JSON.parse(fields.get('files') ?? '[{}]') as { id: string }[]
      const bytes = uploads.get(id)
      if (bytes === undefined) return { ok: false, error: 'file_not_found' }
      files.push({ id, bytes, channel: fields.get('channel_id') ?? '', thread: fields.get('thread_ts') ?? '' })
      return { ok: true, files: [{ id }] }
    },
    'apps.connections.open': (_fields, url) => ({ ok: true, url: `${url.replace('http', 'ws')}/link?ticket=secret` }),
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    attempts++
    const { pathname } = new URL(request.url ?? '/', server.url)
    const body = await bodyOf(request)
    const { trouble } = server
    if (trouble === 'hang') return
    if (trouble !== undefined) return misbehave(trouble, pathname.startsWith('/api/'), response)
    if (pathname.startsWith('/upload/')) {
      uploads.set(pathname.slice('/upload/'.length), new Uint8Array(body))
      return void response.end('OK')
    }
    if (pathname === HOOK) {
      const { text, blocks } = JSON.parse(body.toString()) as { text: string; blocks: Block[] }
      if (readBlocks(JSON.stringify(blocks)) === undefined) return void response.writeHead(400).end('invalid_blocks')
      messages.push({ ts: String(++count), channel, text, blocks, edits: 0 })
      return void response.end('ok')
    }
    const method = pathname.slice('/api/'.length)
    const token = method === 'apps.connections.open' ? tokens.app : tokens.bot
    if (request.headers.authorization !== `Bearer ${token}`) return json(response, { ok: false, error: 'invalid_auth' })
    const call = methods[method]
    json(response, call?.(new URLSearchParams(body.toString()), origin) ?? { ok: false, error: 'unknown_method' })
  }

  const http = createServer((request, response) => void answer(request, response))
  http.on('upgrade', (request, stream) => {
    const end: SocketEnd = acceptSocket(request, stream, (text) => acknowledged.push(JSON.parse(text).envelope_id))
    socket = end
    stream.on('close', () => {
      if (socket === end) socket = undefined
    })
    end.send(JSON.stringify({ type: 'hello', num_connections: 1 }))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`

  function envelope(type: string, payload: object): void {
    socket?.send(JSON.stringify({ type, envelope_id: `e-${++count}`, accepts_response_payload: true, payload }))
  }

  const server: SlackServer = {
    trouble: undefined,
    url: `${origin}/api`,
    webhookUrl: `${origin}${HOOK}`,
    tokens,
    messages,
    files,
    acknowledged,
    attempts: () => attempts,
    press(user, message, label, value) {
      const button = message.blocks.flatMap(({ elements = [] }) => elements).find(({ text }) => text.text === label)
      const actions = [{ type: 'button', value: value ?? button?.value }]
      const { ts, text, blocks } = message
      const where = { channel: { id: message.channel }, message: { ts, text, blocks } }
      envelope('interactive', { type: 'block_actions', user: { id: user }, ...where, actions })
    },
    say(user, where, text) {
      envelope('slash_commands', { command: '/homeostat', text, user_id: user, channel_id: where })
    },
    isHeard: () => socket !== undefined,
    refresh: () => socket?.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' })),
    async close() {
      socket?.close()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
  return server
}

/** Slack's limits; undefined for blocks that it refuses. */
function readBlocks(written: string | null): readonly Block[] | undefined {
  const blocks = JSON.parse(written ?? '[]') as readonly Block[]
  const fits = blocks.every(({ type, text, elements = [] }) => {
    if (type === 'section') return text !== undefined && text.text.length >= 1 && text.text.length <= 3000
    return type === 'actions' && elements.length >= 1 && elements.length <= 25
  })
  return fits && blocks.length <= 50 ? blocks : undefined
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function misbehave(trouble: Exclude<Trouble, 'hang'>, isApi: boolean, response: ServerResponse): void {
  if (trouble === 'slow_down') return void response.writeHead(429, { 'retry-after': '7' }).end()
  if (trouble === 'fail') return void response.writeHead(503).end()
  const error = trouble === 'unauthorized' ? 'invalid_auth' : 'is_archived'
  if (isApi) json(response, { ok: false, error })
  else response.writeHead(trouble === 'unauthorized' ? 403 : 400).end(error)
}

function json(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
