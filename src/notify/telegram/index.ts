import { defineNotifier } from '../notifier.ts'
import { secretOf } from '../secret-keys.ts'
import { createBot } from './bot.ts'
import { type TelegramConfig, telegramConfig } from './config.ts'
import { type Delivery, LONGEST_TEXT, type Sent, sendNew, update } from './deliver.ts'
import { chatLimits } from './limits.ts'
import { listen } from './listen.ts'

/** One message for each incident, changed as it develops, with buttons for those who are listed. */
export const telegram = defineNotifier({
  kind: 'telegram',
  configSchema: telegramConfig,
  create(config, { name, clock, logger, fetch, resolveSecret }) {
    const reference = secretOf('token', config) ?? {}
    const bot = createBot({
      who: `the bot of ${name}`,
      apiUrl: config.api_url,
      fetch,
      token: () => resolveSecret(reference),
    })
    // The token says which bot it is and must not be shown: where it is kept does as well.
    const connection = `telegram ${config.api_url} ${reference.file ?? reference.env}`
    const delivery: Delivery = { bot, chatId: config.chat_id, threadId: config.thread_id }
    const people = peopleOf(config)
    return {
      capabilities: {
        updates: 'in_place',
        picture: config.picture,
        buttons: people.length > 0,
        maxLength: LONGEST_TEXT,
      },
      limits: chatLimits(connection, config.chat_id),
      answers:
        people.length === 0
          ? undefined
          : {
              connection,
              people,
              listen: (all, context, signal) => listen({ bot, connection, clock, logger }, all, context, signal),
            },
      async send(notice, handle, signal) {
        const earlier = readHandle(handle, config.chat_id)
        if (handle !== undefined && earlier !== undefined && (await update(notice, earlier, delivery, signal))) {
          return { handle }
        }
        return { handle: writeHandle(config.chat_id, await sendNew(notice, delivery, signal)) }
      },
    }
  },
})

/** A channel has no members that could be told apart. */
function peopleOf({ chat_id, chats, users }: TelegramConfig) {
  const all = [...new Set([chat_id, ...chats])].filter((chat) => typeof chat === 'number')
  return all.flatMap((chat) => users.map(({ id, role }) => ({ chat: String(chat), user: String(id), role })))
}

function writeHandle(chat: number | string, { messageId, photo }: Sent): string {
  return `${chat}/${messageId}/${photo ? 'photo' : 'text'}`
}

/** @returns undefined for a message in another chat: the configuration has changed */
function readHandle(handle: string | undefined, chatId: number | string): Sent | undefined {
  const match = /^(.+)\/(\d{1,15})\/(photo|text)$/.exec(handle ?? '')
  if (match === null || match[1] !== String(chatId)) return undefined
  return { messageId: Number(match[2]), photo: match[3] === 'photo' }
}
