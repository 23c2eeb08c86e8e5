import { NotifyError } from '../../pipeline/receivers.ts'
import type { SecretReference } from '../../platform/secrets.ts'
import { checkStatus, retryAfterOf } from '../answer-status.ts'
import type { Notifier, NotifierContext } from '../notifier.ts'
import { LONGEST_TEXT, noticeBlocks } from './blocks.ts'
import { reach } from './web-api.ts'

/** An incoming webhook: no picture, no buttons, and what was said cannot be changed. */
export function webhookNotifier(address: SecretReference, context: NotifierContext): Notifier {
  const { name, clock, fetch, resolveSecret } = context
  const who = `Slack, for ${name}`
  return {
    capabilities: { updates: 'anew', picture: false, buttons: false, maxLength: LONGEST_TEXT },
    limits: [{ key: `slack ${name}`, count: 1, perMs: 1_000 }],
    async send(notice, _handle, signal) {
      const url = resolveSecret(address).reveal()
      if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
        throw new NotifyError('auth', `${who}: the webhook’s address is not a URL`)
      }
      const body = JSON.stringify({ ...noticeBlocks(notice, false), unfurl_links: false, unfurl_media: false })
      const headers = { 'content-type': 'application/json' }
      const response = await reach(who, fetch, url, { method: 'POST', headers, body }, signal)
      await response.body?.cancel()
      // Slack's words for an address that was taken back.
      if (response.status === 404 || response.status === 410) {
        throw new NotifyError('auth', `${who}: the webhook is no longer there: ${response.status}`)
      }
      checkStatus(who, response.status, retryAfterOf(response.headers.get('retry-after'), clock.now()))
      return {}
    },
  }
}
