import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logger.ts'
import { type AnswerContext, type ChatReply, type ListedPerson, personIn } from '../answers.ts'
import type { Replies } from '../replies.ts'
import { renewedBlocks, replyBlocks } from './blocks.ts'
import type { SlackAsked } from './envelope.ts'
import { channelLimits } from './limits.ts'
import type { Slack } from './web-api.ts'

export interface AnsweringDependencies extends AnswerContext {
  readonly slack: Slack
  readonly apiUrl: string
  readonly people: readonly ListedPerson[]
  readonly replies: Replies
  readonly clock: Clock
  readonly logger: Logger
}

/** Does what is asked for, when it resolves; what is said to it follows. */
export async function answer(
  asked: SlackAsked,
  dependencies: AnsweringDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { people, counted, logger } = dependencies
  const person = personIn(people, asked.chat, asked.user)
  if (person === undefined) {
    counted('ignored')
    logger.debug({ chat: asked.chat, user: asked.user }, 'somebody who is not on the list')
    return
  }
  say(asked, await replyTo(asked, person, dependencies), dependencies, signal)
}

async function replyTo(
  asked: SlackAsked,
  { user, role }: ListedPerson,
  { services, counted, clock, logger }: AnsweringDependencies,
): Promise<ChatReply> {
  const person = { by: `slack:${user}`, role }
  try {
    const reply =
      asked.kind === 'press'
        ? await services.press(asked.value, person)
        : await services.command(asked.name, asked.words, person, clock.now())
    counted(reply.done ? 'done' : 'refused')
    return reply
  } catch (err) {
    counted('failed')
    logger.error({ err }, 'an answer in a chat failed')
    return { done: false, text: 'This did not work; the log says why.', shared: false, buttons: [] }
  }
}

/** In the thread of what was pressed where all are to see it, else to whoever asked alone. */
function say(
  asked: SlackAsked,
  reply: ChatReply,
  { slack, apiUrl, replies }: AnsweringDependencies,
  signal: AbortSignal,
) {
  const { chat: channel, user } = asked
  const limits = channelLimits(apiUrl, channel)
  const said = { channel, ...replyBlocks(reply.text, reply.buttons), unfurl_links: false }
  const thread_ts = asked.kind === 'press' ? asked.ts : undefined
  replies.send(channel, limits, () =>
    reply.shared
      ? slack.call('chat.postMessage', { ...said, thread_ts }, signal)
      : slack.call('chat.postEphemeral', { ...said, user }, signal),
  )
  const { renewed } = reply
  if (asked.kind !== 'press' || renewed === undefined) return
  const blocks = renewedBlocks(asked.blocks, asked.value, renewed)
  replies.send(channel, limits, () =>
    slack.call('chat.update', { channel, ts: asked.ts, text: asked.text, blocks }, signal),
  )
}
