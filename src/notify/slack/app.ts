import type { Logger } from '../../platform/logger.ts'
import type { Notice } from '../notice.ts'
import type { Notifier, NotifierContext } from '../notifier.ts'
import { secretOf } from '../secret-keys.ts'
import { LONGEST_TEXT, noticeBlocks } from './blocks.ts'
import type { SlackConfig } from './config.ts'
import { channelLimits } from './limits.ts'
import { listen } from './listen.ts'
import { createSlack, reach, type Slack } from './web-api.ts'

const GONE = ['message_not_found', 'cant_update_message', 'edit_window_closed']

/** An app with a bot: one message for each incident, with its chart below it and buttons. */
export function appNotifier(config: SlackConfig, context: NotifierContext): Notifier {
  const { name, clock, logger, fetch, resolveSecret } = context
  const who = `Slack, for ${name}`
  const { channel = '', users, api_url: apiUrl } = config
  const bot = secretOf('bot_token', config) ?? {}
  const app = secretOf('app_token', config)
  const slack = createSlack({ who, apiUrl, fetch, clock, token: () => resolveSecret(bot) })
  const limits = channelLimits(apiUrl, channel)
  const people = users.map(({ id, role }) => ({ chat: channel, user: id, role }))
  const hears = app !== undefined && people.length > 0
  return {
    capabilities: { updates: 'in_place', picture: config.picture, buttons: hears, maxLength: LONGEST_TEXT },
    limits,
    answers: hears
      ? {
          connection: `slack ${apiUrl} ${app.file ?? app.env}`,
          people,
          listen(all, answering, signal) {
            const socket = createSlack({ who, apiUrl, fetch, clock, token: () => resolveSecret(app) })
            return listen({ slack, socket, apiUrl, clock, logger }, all, answering, signal)
          },
        }
      : undefined,
    async send(notice, handle, signal) {
      const message = { channel, ...noticeBlocks(notice, true), unfurl_links: false, unfurl_media: false }
      const [known, ts] = handle?.split('/') ?? []
      if (handle !== undefined && known === channel && ts !== undefined) {
        const answer = await slack.ask('chat.update', { ...message, ts }, signal)
        if (answer.ok) return { handle }
        if (!GONE.includes(answer.error)) throw answer.failure
      }
      const sent = await slack.call('chat.postMessage', message, signal)
      await addChart(notice, { channel, thread: String(sent['ts']) }, { who, slack, apiUrl, fetch, logger }, signal)
      return { handle: `${channel}/${sent['ts']}` }
    },
  }
}

interface UploadDependencies {
  readonly who: string
  readonly slack: Slack
  readonly apiUrl: string
  readonly fetch: typeof fetch
  readonly logger: Logger
}

/** The chart, as an answer to its message. The message stands by then: what goes wrong must not send it again. */
async function addChart(
  { chart, title }: Notice,
  { channel, thread }: { readonly channel: string; readonly thread: string },
  { who, slack, apiUrl, fetch, logger }: UploadDependencies,
  signal: AbortSignal,
): Promise<void> {
  if (chart === undefined) return
  try {
    const wanted = { filename: 'level.png', length: chart.length, alt_txt: title }
    const { upload_url, file_id } = await slack.call('files.getUploadURLExternal', wanted, signal)
    const url = new URL(String(upload_url))
    if (url.protocol !== 'https:' && url.origin !== new URL(apiUrl).origin) throw new Error('not an https:// address')
    const headers = { 'content-type': 'application/octet-stream' }
    const body = new Uint8Array(chart)
    const response = await reach(who, fetch, url.href, { method: 'POST', headers, body }, signal)
    if (!response.ok) throw new Error(`the upload was answered with ${response.status}`)
    const files = [{ id: file_id, title: 'Level' }]
    await slack.call('files.completeUploadExternal', { files, channel_id: channel, thread_ts: thread }, signal)
  } catch (error) {
    logger.warn({ problem: (error as Error).message }, 'a chart was not sent')
  }
}
