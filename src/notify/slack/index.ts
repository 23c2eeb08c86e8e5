import { defineNotifier } from '../notifier.ts'
import { secretOf } from '../secret-keys.ts'
import { appNotifier } from './app.ts'
import { slackConfig } from './config.ts'
import { webhookNotifier } from './webhook.ts'

/** A channel in Slack, by an incoming webhook or as an app. */
export const slack = defineNotifier({
  kind: 'slack',
  configSchema: slackConfig,
  create(config, context) {
    const address = secretOf('webhook_url', config)
    return address === undefined ? appNotifier(config, context) : webhookNotifier(address, context)
  },
})
