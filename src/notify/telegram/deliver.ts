import type { NotifyError } from '../../pipeline/receivers.ts'
import type { Notice } from '../notice.ts'
import type { Bot, BotAnswer } from './bot.ts'
import { type Keyboard, keyboardOf } from './keyboard.ts'

/** Telegram's limits, which count what is shown: UTF-16 units without tags, entities as one. */
export const LONGEST_TEXT = 4096
export const LONGEST_CAPTION = 1024

/** Where a message stands. */
export interface Sent {
  readonly messageId: number
  /** A photo has a caption, and stays a photo. */
  readonly photo: boolean
}

export interface Delivery {
  readonly bot: Bot
  readonly chatId: number | string
  readonly threadId?: number
}

const GONE =
  /message to edit not found|message can't be edited|message_id_invalid|message not found|no (text|caption|media) in the message/i
const UNCHANGED = /message is not modified/i
const UNWANTED = /not enough rights|photo|media|file/i
const UNREADABLE = /can't parse entities/i

/** Sends a notice as a new message: with its chart, where all of the text fits below it. @throws {NotifyError} */
export async function sendNew(notice: Notice, delivery: Delivery, signal: AbortSignal): Promise<Sent> {
  const { chart } = notice
  if (chart !== undefined && captionOf(notice) !== undefined) {
    const answer = await send(notice, chart, delivery, signal)
    if (answer.ok) return { messageId: answer.result.message_id, photo: true }
    // A group may take texts only; a message without its picture is better than none.
    if (!UNWANTED.test(answer.description)) throw answer.failure
  }
  const answer = await send(notice, undefined, delivery, signal)
  if (!answer.ok) throw answer.failure
  return { messageId: answer.result.message_id, photo: false }
}

async function send(
  notice: Notice,
  chart: Uint8Array | undefined,
  { bot, chatId, threadId }: Delivery,
  signal: AbortSignal,
): Promise<BotAnswer<{ readonly message_id: number }>> {
  const { InputFile } = await import('node-telegram-bot-api')
  const common = {
    chat_id: chatId,
    message_thread_id: threadId,
    disable_notification: !notice.attention,
    reply_markup: keyboardOrNone(notice),
  }
  return inHtmlOrPlain(notice, chart !== undefined, (text, parse_mode) =>
    bot.ask((api) =>
      chart === undefined
        ? api.sendMessage({ ...common, text, parse_mode, link_preview_options: NO_PREVIEW }, signal)
        : api.sendPhoto({ ...common, photo: new InputFile(chart, CHART), caption: text, parse_mode }, signal),
    ),
  )
}

/**
 * Puts a notice in the place of an earlier version.
 *
 * @returns false when the earlier message is gone
 * @throws {NotifyError}
 */
export async function update(
  notice: Notice,
  { messageId, photo }: Sent,
  { bot, chatId }: Delivery,
  signal: AbortSignal,
): Promise<boolean> {
  const { InputFile } = await import('node-telegram-bot-api')
  const common = { chat_id: chatId, message_id: messageId, reply_markup: keyboardOf(notice.buttons) }
  const { chart } = notice
  const answer = await inHtmlOrPlain<unknown>(notice, photo, (text, parse_mode) =>
    bot.ask<unknown>((api) => {
      if (!photo) {
        return api.editMessageText({ ...common, text, parse_mode, link_preview_options: NO_PREVIEW }, signal)
      }
      if (chart === undefined) return api.editMessageCaption({ ...common, caption: text, parse_mode }, signal)
      const media = { type: 'photo' as const, media: new InputFile(chart, CHART), caption: text, parse_mode }
      return api.editMessageMedia({ ...common, media }, signal)
    }),
  )
  if (answer.ok || UNCHANGED.test(answer.description)) return true
  if (GONE.test(answer.description)) return false
  throw answer.failure
}

const NO_PREVIEW = { is_disabled: true }
const CHART = { filename: 'level.png', contentType: 'image/png' }

function keyboardOrNone({ buttons }: Notice): Keyboard | undefined {
  return buttons.length === 0 ? undefined : keyboardOf(buttons)
}

/** A message without its marks is better than none: templates are the user's own. */
async function inHtmlOrPlain<T>(
  notice: Notice,
  photo: boolean,
  send: (text: string, parseMode: 'HTML' | undefined) => Promise<BotAnswer<T>>,
): Promise<BotAnswer<T> & { readonly failure?: NotifyError }> {
  const limit = photo ? LONGEST_CAPTION : LONGEST_TEXT
  const answer = await send(
    photo ? (captionOf(notice) ?? notice.text('html', limit)) : notice.text('html', limit),
    'HTML',
  )
  if (answer.ok || !UNREADABLE.test(answer.description)) return answer
  return send(notice.text('plain', limit), undefined)
}

/** The whole text, where it fits below a photo. */
function captionOf(notice: Notice): string | undefined {
  const text = notice.text('html', LONGEST_TEXT)
  return shownLength(text) <= LONGEST_CAPTION && !text.endsWith('…') ? text : undefined
}

/** What Telegram counts of a text in HTML. */
function shownLength(html: string): number {
  return html.replace(/<[^>]*>/g, '').replace(/&(?:amp|lt|gt|quot|#\d+);/g, '.').length
}
