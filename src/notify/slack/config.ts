import { z } from 'zod'
import { flag, httpUrl, oneOf } from '../../config/fields.ts'
import { CHAT_ROLES } from '../answers.ts'
import { oneSecret, secretKeys, secretOf } from '../secret-keys.ts'

const idOf = (what: string, pattern: RegExp, example: string) =>
  z
    .string()
    .regex(pattern, `is not the id of a ${what}, such as ${example}`)
    .meta({ notation: `the id of a ${what}`, example })

export const slackConfig = z
  .strictObject({
    ...secretKeys('webhook_url', 'address of an incoming webhook'),
    ...secretKeys('bot_token', 'bot’s token, `xoxb-…`; messages are changed in place then'),
    channel: idOf('channel', /^[CDG][A-Z0-9]{5,20}$/, 'C0123456789')
      .optional()
      .describe('The channel that is told; only with a bot’s token, as a webhook has its own.'),
    ...secretKeys('app_token', 'app’s token, `xapp-…`, for buttons by Socket Mode'),
    users: z
      .array(
        z.strictObject({
          id: idOf('user', /^[UW][A-Z0-9]{5,20}$/, 'U0123456789').describe('The user’s id.'),
          role: oneOf(CHAT_ROLES)
            .default('operate')
            .describe('read: look; operate: also approve, silence, acknowledge and freeze; admin: also unfreeze.'),
        }),
      )
      .max(100)
      .meta({ notation: 'a list', example: '[{id: U0123456789}]' })
      .default([])
      .describe('Who may answer, in this channel only. Without any there are no buttons.'),
    picture: flag().default(true).describe('Send the chart of the level along; only with a bot’s token.'),
    api_url: httpUrl('https://slack.com/api').default('https://slack.com/api').describe('The Web API.'),
  })
  .superRefine((config, context) => {
    const webhook = secretOf('webhook_url', config)
    const [bot, app] = [secretOf('bot_token', config), secretOf('app_token', config)]
    const wrong = (message: string, hint: string) => context.addIssue({ code: 'custom', message, params: { hint } })
    oneSecret('webhook_url', true)(config, context)
    oneSecret('bot_token', true)(config, context)
    oneSecret('app_token', true)(config, context)
    if ((webhook === undefined) === (bot === undefined)) {
      wrong('needs either an incoming webhook or a bot’s token', 'give webhook_url_file, or bot_token_file and channel')
    } else if ((bot === undefined) !== (config.channel === undefined)) {
      wrong('has a bot’s token or a channel without the other', 'they belong together')
    } else if ((app !== undefined || config.users.length > 0) && (bot === undefined || app === undefined)) {
      wrong('cannot hear answers', 'users, app_token_file, bot_token_file and channel belong together')
    }
  })
  .describe('A channel in Slack: by an incoming webhook, or with tokens one message for each incident, with buttons.')

export type SlackConfig = z.output<typeof slackConfig>
