import type { RateLimit } from '../../pipeline/receivers.ts'

/** Telegram's limits: 30 messages a second in all, one a second in a chat, 20 a minute in a group. */
export function chatLimits(bot: string, chatId: number | string): readonly RateLimit[] {
  const chat = `${bot} chat ${chatId}`
  const isGroup = typeof chatId === 'string' || chatId < 0
  return [
    { key: bot, count: 30, perMs: 1_000 },
    { key: chat, count: 1, perMs: 1_000 },
    ...(isGroup ? [{ key: `${chat} minute`, count: 20, perMs: 60_000 }] : []),
  ]
}
