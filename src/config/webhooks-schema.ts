import { z } from 'zod'
import { duration, section, text } from './fields.ts'

const filePath = (example: string) => text('a path', example)
const variable = (example: string) => text('the name of an environment variable', example)

/** What a sender has to show, in the words of its own configuration. */
const sender = {
  authorization: z
    .strictObject({
      credentials_file: filePath('/run/secrets/alerts-token').optional().describe('File that holds the bearer token.'),
      credentials_env: variable('HOMEOSTAT_ALERTS_TOKEN')
        .optional()
        .describe('Environment variable that holds the bearer token.'),
    })
    .optional()
    .describe('Bearer token that is taken. Exactly one of `credentials_file` and `credentials_env`.'),
  basic_auth: z
    .strictObject({
      username: text('a user name', 'alertmanager').describe('User name.'),
      password_hash_file: filePath('/run/secrets/alerts-hash')
        .optional()
        .describe('File that holds the bcrypt hash of the password.'),
      password_hash_env: variable('HOMEOSTAT_ALERTS_HASH')
        .optional()
        .describe('Environment variable that holds the bcrypt hash of the password.'),
    })
    .optional()
    .describe(
      'User and password that are taken, also beside `authorization`. Exactly one of `password_hash_file` and `password_hash_env`.',
    ),
}

const grafana = section({
  ...sender,
  hmac: z
    .strictObject({
      secret_file: filePath('/run/secrets/grafana-hmac').optional().describe('File that holds the shared secret.'),
      secret_env: variable('HOMEOSTAT_GRAFANA_HMAC')
        .optional()
        .describe('Environment variable that holds the shared secret.'),
      header: text('a header name', 'X-Grafana-Alerting-Signature')
        .default('X-Grafana-Alerting-Signature')
        .describe('Header with the signature, in lower-case hex.'),
      timestamp_header: text('a header name', 'X-Grafana-Alerting-Timestamp')
        .optional()
        .describe('Header with the Unix time that is signed too; without it an old message can be replayed.'),
    })
    .optional()
    .describe(
      'HMAC-SHA256 that every message must carry, besides `authorization` or `basic_auth` where they are set. Exactly one of `secret_file` and `secret_env`.',
    ),
})

/** Who may send alerts. */
export const webhooksSchema = section({
  alert_timeout: duration('1m', '30d')
    .prefault('12h')
    .describe(
      'An alert that fires and is not said again for so long is taken for over: its sender is gone. Keep it well above the `repeat_interval` of senders.',
    ),
  alertmanager: section(sender)
    .prefault({})
    .describe('POST /api/v1/webhooks/alertmanager. Without credentials here, those of `web.auth` with role operate.'),
  grafana: grafana
    .prefault({})
    .describe('POST /api/v1/webhooks/grafana. Without credentials here, those of `web.auth` with role operate.'),
})
