import { z } from 'zod'
import { flag, httpUrl, oneOf } from '../../config/fields.ts'
import { CHAT_ROLES } from '../answers.ts'
import { oneSecret, secretKeys } from '../secret-keys.ts'

/** Ids of chats may have 52 bits. */
const chatNumber = () => z.int().refine((id) => id !== 0, 'is not the id of a chat')
const channel = z
  .string()
  .regex(/^@[A-Za-z][A-Za-z0-9_]{3,31}$/, 'is neither the id of a chat nor the name of a channel, such as @operations')

export const telegramConfig = z
  .strictObject({
    ...secretKeys('token', 'bot’s token, as @BotFather gives it'),
    chat_id: z
      .union([chatNumber(), channel], { error: 'must be the id of a chat, or the @name of a public channel' })
      .meta({ notation: 'a whole number, or @NAME of a public channel', example: '-1001234567890' })
      .describe('The chat that is told: negative for groups.'),
    thread_id: z
      .int()
      .min(1)
      .meta({ notation: 'a whole number', example: '7' })
      .optional()
      .describe('The topic in a group that has topics.'),
    users: z
      .array(
        z.strictObject({
          id: z.int().min(1).meta({ notation: 'a whole number', example: '42' }).describe('The user’s id.'),
          role: oneOf(CHAT_ROLES)
            .default('operate')
            .describe('read: look; operate: also approve, silence, acknowledge and freeze; admin: also unfreeze.'),
        }),
      )
      .max(100)
      .meta({ notation: 'a list', example: '[{id: 42, role: admin}]' })
      .default([])
      .describe('Who may answer, in the listed chats only. Without any the bot does not listen and sends no buttons.'),
    chats: z
      .array(chatNumber())
      .max(100)
      .meta({ notation: 'a list of whole numbers', example: '[42]' })
      .default([])
      .describe('Further chats in which they may answer; the id of a private chat is that of its user.'),
    picture: flag().default(true).describe('Send the chart of the level along.'),
    api_url: httpUrl('https://api.telegram.org')
      .default('https://api.telegram.org')
      .describe('The Bot API; another one for a server of your own.'),
  })
  .superRefine(oneSecret('token'))
  .describe('A chat in Telegram: one message for each incident, with buttons.')

export type TelegramConfig = z.output<typeof telegramConfig>
