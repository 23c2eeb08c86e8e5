/** What somebody wants, as an update of the Bot API tells it. Ids are texts, as on the list. */
export type Asked = { readonly chat: string; readonly user: string; readonly messageId: number } & (
  | {
      readonly kind: 'press'
      readonly callbackId: string
      readonly data: string
      /** The keyboard that the button stands in. */
      readonly keyboard: readonly (readonly Key[])[]
    }
  | {
      readonly kind: 'command'
      readonly name: string
      readonly words: readonly string[]
      /** When it was sent, ms since the epoch. */
      readonly at: number
      readonly threadId?: number
    }
)

export interface Key {
  readonly text: string
  readonly callback_data?: string
}

interface Sender {
  readonly id?: number
  readonly is_bot?: boolean
}

interface Message {
  readonly message_id?: number
  readonly message_thread_id?: number
  readonly is_topic_message?: boolean
  readonly date?: number
  readonly text?: string
  readonly from?: Sender
  readonly chat?: { readonly id?: number }
  readonly reply_markup?: { readonly inline_keyboard?: readonly (readonly Key[])[] }
}

/** An update, what is read of it: anything of it may be missing. */
export interface Update {
  readonly update_id: number
  readonly message?: Message
  readonly callback_query?: {
    readonly id?: string
    readonly from?: Sender
    readonly message?: Message
    readonly data?: string
  }
}

const COMMAND = /^\/([a-z_]{1,32})(?:@(\w{1,64}))?(?:\s+(.*))?$/is
const MOST_WORDS = 40

/**
 * What an update asks for; undefined for all that is no command and no press, and for a command to another bot.
 *
 * @param me the bot's own user name
 */
export function askedIn({ message, callback_query: query }: Update, me: string): Asked | undefined {
  if (query !== undefined) return pressIn(query)
  const { from, chat, text, date, message_id: messageId = 0 } = message ?? {}
  const match = COMMAND.exec(text ?? '')
  if (match === null || from?.id === undefined || from.is_bot === true || chat?.id === undefined) return undefined
  const [, name, addressee, rest = ''] = match
  if (addressee !== undefined && addressee.toLowerCase() !== me.toLowerCase()) return undefined
  const words = rest.split(/\s+/, MOST_WORDS).filter((word) => word !== '')
  const threadId = message?.is_topic_message === true ? message.message_thread_id : undefined
  return {
    ...{ kind: 'command', chat: String(chat.id), user: String(from.id), messageId },
    ...{ name: name.toLowerCase(), words, at: (date ?? 0) * 1000, threadId },
  }
}

function pressIn({ id, from, message, data }: NonNullable<Update['callback_query']>): Asked | undefined {
  // Without its message nobody knows in which chat it was pressed.
  if (id === undefined || from?.id === undefined || message?.chat?.id === undefined || data === undefined) {
    return undefined
  }
  const { chat, message_id: messageId = 0, reply_markup } = message
  const keyboard = reply_markup?.inline_keyboard ?? []
  return { kind: 'press', chat: String(chat.id), user: String(from.id), messageId, callbackId: id, data, keyboard }
}
