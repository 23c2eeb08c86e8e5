import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { httpUrl, text } from '../../config/fields.ts'
import { allowAddresses } from '../allowed-addresses.ts'
import { checkStatus } from '../answer-status.ts'
import { noticeJson } from '../notice-json.ts'
import { defineNotifier } from '../notifier.ts'
import { oneSecret, secretKeys, secretOf } from '../secret-keys.ts'

const headerName = (example: string) => text('a header name', example)

const configSchema = z
  .strictObject({
    url: httpUrl('https://example.org/hook').describe('Where messages are posted to, as JSON.'),
    ...secretKeys('token', 'bearer token that is sent along'),
    hmac: z
      .strictObject({
        ...secretKeys('secret', 'shared secret'),
        header: headerName('X-Homeostat-Signature')
          .default('X-Homeostat-Signature')
          .describe('Header with the signature: lower-case hex of HMAC-SHA256 over TIMESTAMP:BODY.'),
        timestamp_header: headerName('X-Homeostat-Timestamp')
          .default('X-Homeostat-Timestamp')
          .describe('Header with the Unix time, in seconds, that is signed too.'),
      })
      .superRefine(oneSecret('secret'))
      .optional()
      .describe('Signs every message.'),
    allow_addresses: allowAddresses(),
  })
  .superRefine(oneSecret('token', true))
  .describe('A program that takes JSON by HTTP.')

/** Posts every event as JSON, signed where a secret is given. */
export const webhook = defineNotifier({
  kind: 'webhook',
  configSchema,
  create(config, { name, clock, post, resolveSecret }) {
    const url = new URL(config.url)
    const token = secretOf('token', config)
    const secret = config.hmac && secretOf('secret', config.hmac)
    return {
      capabilities: { updates: 'every', picture: false, buttons: false, maxLength: 16_384 },
      limits: [{ key: `webhook ${name}`, count: 20, perMs: 1_000 }],
      async send(notice, _handle, signal) {
        const body = JSON.stringify(noticeJson(notice))
        const headers: Record<string, string> = { 'content-type': 'application/json', 'idempotency-key': hash(body) }
        if (token !== undefined) headers['authorization'] = `Bearer ${resolveSecret(token).reveal()}`
        if (config.hmac !== undefined && secret !== undefined) {
          const timestamp = String(Math.floor(clock.now() / 1000))
          const signature = createHmac('sha256', resolveSecret(secret).reveal())
            .update(`${timestamp}:${body}`)
            .digest('hex')
          headers[config.hmac.header.toLowerCase()] = signature
          headers[config.hmac.timestamp_header.toLowerCase()] = timestamp
        }
        const answer = await post({ url, headers, body, allowed: config.allow_addresses }, signal)
        checkStatus(`the webhook ${name}`, answer.status, answer.retryAfterMs)
        return {}
      },
    }
  },
})

/** The same for a message that is sent again. */
function hash(body: string): string {
  return createHmac('sha256', '').update(body).digest('hex').slice(0, 32)
}
