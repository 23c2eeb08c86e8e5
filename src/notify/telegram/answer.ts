import type { Logger } from '../../platform/logger.ts'
import { type AnswerContext, type ChatReply, type ListedPerson, personIn } from '../answers.ts'
import { oneLine } from '../markup.ts'
import type { Replies } from '../replies.ts'
import type { Bot } from './bot.ts'
import { LONGEST_TEXT } from './deliver.ts'
import { keyOf } from './keyboard.ts'
import { chatLimits } from './limits.ts'
import { type Asked, askedIn, type Update } from './update.ts'

/** What the notice at the top of a chat holds. */
const LONGEST_TOAST = 200

export interface AnsweringDependencies extends AnswerContext {
  readonly bot: Bot
  readonly connection: string
  readonly people: readonly ListedPerson[]
  readonly replies: Replies
  readonly logger: Logger
}

/**
 * Does what an update asks for, when it resolves; what is said to it follows.
 *
 * @param me the bot's own user name
 */
export async function answer(
  update: Update,
  me: string,
  dependencies: AnsweringDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { people, counted, logger } = dependencies
  const asked = askedIn(update, me)
  if (asked === undefined) return
  const person = personIn(people, asked.chat, asked.user)
  if (person === undefined) {
    counted('ignored')
    logger.debug({ chat: asked.chat, user: asked.user }, 'somebody who is not on the list')
    return
  }
  const reply = await replyTo(asked, person, dependencies)
  if (asked.kind === 'press') sayPressed(asked, reply, dependencies, signal)
  else sayInChat(asked, reply, dependencies, signal)
}

async function replyTo(
  asked: Asked,
  { user, role }: ListedPerson,
  { services, counted, logger }: AnsweringDependencies,
): Promise<ChatReply> {
  const person = { by: `telegram:${user}`, role }
  try {
    const reply =
      asked.kind === 'press'
        ? await services.press(asked.data, person)
        : await services.command(asked.name, asked.words, person, asked.at)
    counted(reply.done ? 'done' : 'refused')
    return reply
  } catch (err) {
    counted('failed')
    logger.error({ err }, 'an answer in a chat failed')
    return { done: false, text: 'This did not work; the log says why.', shared: false, buttons: [] }
  }
}

function sayPressed(
  asked: Extract<Asked, { kind: 'press' }>,
  reply: ChatReply,
  dependencies: AnsweringDependencies,
  signal: AbortSignal,
): void {
  const { bot, replies } = dependencies
  const text = oneLine(reply.text, LONGEST_TOAST)
  // Notices do not count as messages, and what was pressed must not seem dead.
  replies.send(`notice ${asked.callbackId}`, [], async () => {
    // A notice that comes too late is refused, and needed no more.
    await bot.ask((api) =>
      api.answerCallbackQuery({ callback_query_id: asked.callbackId, text, show_alert: !reply.done }, signal),
    )
  })
  const { renewed } = reply
  if (renewed !== undefined) {
    const renew = (row: (typeof asked.keyboard)[number]) =>
      row.map((key) => (key.callback_data === asked.data ? keyOf({ label: key.text, nonce: renewed }) : { ...key }))
    const reply_markup = { inline_keyboard: asked.keyboard.map(renew) }
    const where = { chat_id: asked.chat, message_id: asked.messageId }
    replies.send(asked.chat, limitsOf(asked, dependencies), () =>
      bot.ask((api) => api.editMessageReplyMarkup({ ...where, reply_markup }, signal)),
    )
  }
  if (reply.shared) sayInChat(asked, reply, dependencies, signal)
}

function sayInChat(asked: Asked, reply: ChatReply, dependencies: AnsweringDependencies, signal: AbortSignal): void {
  const { bot, replies } = dependencies
  const inline_keyboard = reply.buttons.map((button) => [keyOf(button)])
  replies.send(asked.chat, limitsOf(asked, dependencies), () =>
    bot.call((api) =>
      api.sendMessage(
        {
          chat_id: asked.chat,
          message_thread_id: asked.kind === 'command' ? asked.threadId : undefined,
          // Without a parse mode: nothing in it is markup.
          text: cut(reply.text),
          link_preview_options: { is_disabled: true },
          reply_parameters: { message_id: asked.messageId, allow_sending_without_reply: true },
          reply_markup: inline_keyboard.length === 0 ? undefined : { inline_keyboard },
        },
        signal,
      ),
    ),
  )
}

function limitsOf({ chat }: Asked, { connection }: AnsweringDependencies) {
  return chatLimits(connection, Number(chat))
}

function cut(text: string): string {
  const fit = text.toWellFormed()
  return fit.length <= LONGEST_TEXT ? fit : `${fit.slice(0, LONGEST_TEXT - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}
