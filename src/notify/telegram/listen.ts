import { NotifyError } from '../../pipeline/receivers.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logger.ts'
import type { AnswerContext, ListedPerson } from '../answers.ts'
import { createReplies } from '../replies.ts'
import { createTrouble } from '../trouble.ts'
import { answer } from './answer.ts'
import type { Bot } from './bot.ts'
import type { Update } from './update.ts'

/** How long Telegram holds a poll while nothing happens, s. */
const POLL_S = 25
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000
/** What may be left of a stop, to say what was heard. */
const FAREWELL_MS = 1_000

export interface ListenDependencies {
  readonly bot: Bot
  readonly connection: string
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * Asks Telegram what people say, again and again: no address that others could reach is needed. An update that was
 * being answered at a crash comes again; its button has been used up by then.
 */
export async function listen(
  { bot, connection, clock, logger }: ListenDependencies,
  people: readonly ListedPerson[],
  context: AnswerContext,
  signal: AbortSignal,
): Promise<void> {
  const trouble = createTrouble(logger, 'people cannot be heard in Telegram', 'people are heard in Telegram')
  const replies = createReplies({ clock, logger, acquire: context.acquire }, signal)
  const dependencies = { ...context, bot, connection, people, replies, logger }
  let me: string | undefined
  let offset: number | undefined
  let failures = 0
  let successes = 0

  async function hear(): Promise<void> {
    me ??= await introduce(bot, signal)
    const poll = { offset, timeout: POLL_S, allowed_updates: ['message', 'callback_query'] }
    const updates = (await bot.call<readonly Update[]>((api) => api.getUpdates(poll, signal))) ?? []
    failures = 0
    // One poll that went well says little while another program polls too.
    if (++successes >= 2) trouble.over()
    for (const update of updates) {
      offset = update.update_id + 1
      await answer(update, me, dependencies, signal)
    }
  }

  while (!signal.aborted) {
    try {
      await hear()
    } catch (error) {
      if (signal.aborted) break
      successes = 0
      const failure = error instanceof NotifyError ? error : undefined
      if (failure === undefined) logger.error({ err: error }, 'an update of Telegram cannot be read')
      trouble.begun(failure?.reason ?? 'internal', failure?.message ?? '')
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures++, 10), LONGEST_PAUSE_MS)
      await clock.sleep(Math.max(pause, failure?.retryAfterMs ?? 0), signal).catch(() => {})
    }
  }
  if (offset !== undefined) await confirm(bot, offset)
}

/** @returns the bot's user name; its menu of commands is set on the way */
async function introduce(bot: Bot, signal: AbortSignal): Promise<string> {
  const { username } = await bot.call((api) => api.getMe(signal))
  await bot.ask((api) => api.setMyCommands({ commands: MENU }, signal))
  return username ?? ''
}

const MENU = [
  { command: 'status', description: 'How things stand' },
  { command: 'incidents', description: 'Incidents, newest first' },
  { command: 'why', description: 'HOST: what is wrong with it' },
  { command: 'silence', description: 'HOST [1h]: no action, no message' },
  { command: 'freeze', description: 'Stop all actions' },
  { command: 'unfreeze', description: 'Let actions go on' },
  { command: 'help', description: 'What can be said' },
]

/** What was answered must not come again after the start: an unfreeze would undo a freeze that came later. */
async function confirm(bot: Bot, offset: number): Promise<void> {
  const enough = AbortSignal.timeout(FAREWELL_MS)
  await bot.ask((api) => api.getUpdates({ offset, limit: 1, timeout: 0 }, enough)).catch(() => {})
}
