import { NotifyError } from '../../pipeline/receivers.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logger.ts'
import type { AnswerContext, ListedPerson } from '../answers.ts'
import { createReplies } from '../replies.ts'
import { createTrouble, type Trouble } from '../trouble.ts'
import { answer } from './answer.ts'
import { askedIn, readEnvelope } from './envelope.ts'
import type { Slack } from './web-api.ts'

const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000
/** A socket that was silent for so long may be dead without saying so: it is opened anew. */
const LONGEST_SILENCE_MS = 15 * 60_000

export interface ListenDependencies {
  /** With the bot's token, to answer. */
  readonly slack: Slack
  /** With the app's token, to ask for a socket. */
  readonly socket: Slack
  readonly apiUrl: string
  readonly clock: Clock
  readonly logger: Logger
}

/** Hears presses and commands by Socket Mode: a connection that we open, so that no address of ours is needed. */
export async function listen(
  { slack, socket, apiUrl, clock, logger }: ListenDependencies,
  people: readonly ListedPerson[],
  context: AnswerContext,
  signal: AbortSignal,
): Promise<void> {
  const trouble = createTrouble(logger, 'people cannot be heard in Slack', 'people are heard in Slack')
  const replies = createReplies({ clock, logger, acquire: context.acquire }, signal)
  const dependencies = { ...context, slack, apiUrl, people, replies, clock, logger }
  const hear = (data: unknown, reply: (text: string) => void, trouble: Trouble): 'go on' | 'over' => {
    const envelope = readEnvelope(data)
    if (envelope?.type === 'hello') trouble.over()
    if (envelope?.type === 'disconnect') return 'over'
    if (envelope?.envelope_id === undefined) return 'go on'
    // Within three seconds, or it comes again: what it asks for may take longer.
    reply(JSON.stringify({ envelope_id: envelope.envelope_id }))
    const asked = askedIn(envelope)
    if (asked !== undefined) void answer(asked, dependencies, signal)
    return 'go on'
  }

  let failures = 0
  while (!signal.aborted) {
    try {
      const { url } = await socket.call('apps.connections.open', {}, signal)
      await converse(checkedUrl(String(url), apiUrl), (data, reply) => hear(data, reply, trouble), clock, signal)
      failures = 0
    } catch (error) {
      if (signal.aborted) return
      const failure = error instanceof NotifyError ? error : undefined
      if (failure === undefined) logger.error({ err: error }, 'a socket of Slack cannot be read')
      trouble.begun(failure?.reason ?? 'internal', failure?.message ?? '')
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures++, 10), LONGEST_PAUSE_MS)
      await clock.sleep(Math.max(pause, failure?.retryAfterMs ?? 0), signal).catch(() => {})
    }
  }
}

/** What leads to a socket holds a ticket: it must not travel in the open, save to a server of one's own. */
function checkedUrl(url: string, apiUrl: string): string {
  const secure = apiUrl.startsWith('https:') ? 'wss:' : 'ws:'
  if (URL.canParse(url) && (new URL(url).protocol === 'wss:' || new URL(url).protocol === secure)) return url
  throw new NotifyError('unavailable', 'Slack has named no socket')
}

/** Until the other side, the handler or the signal ends it. @throws {NotifyError} when there is no connection any more */
function converse(
  url: string,
  hear: (data: unknown, reply: (text: string) => void) => 'go on' | 'over',
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const socket = new WebSocket(url)
  let silence = new AbortController()
  const wait = () => {
    silence.abort()
    silence = new AbortController()
    clock.sleep(LONGEST_SILENCE_MS, silence.signal).then(resolve, () => undefined)
  }
  wait()
  socket.addEventListener('message', ({ data }) => {
    wait()
    if (hear(data, (text) => socket.send(text)) === 'over') resolve()
  })
  // The error of a socket names its URL.
  const lost = () => reject(new NotifyError('unavailable', 'the socket of Slack was closed'))
  socket.addEventListener('close', lost)
  socket.addEventListener('error', lost)
  const stop = () => resolve()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) resolve()
  return promise.finally(() => {
    signal.removeEventListener('abort', stop)
    silence.abort()
    socket.close()
  })
}
