import { z } from 'zod'
import { NotifyError } from '../../pipeline/receivers.ts'
import { allowAddresses } from '../allowed-addresses.ts'
import { checkStatus } from '../answer-status.ts'
import type { Notice } from '../notice.ts'
import { defineNotifier } from '../notifier.ts'
import { oneSecret, secretKeys, secretOf } from '../secret-keys.ts'

/** A card has to fit into 28 KB, JSON and all: a letter may take six bytes, and a line some forty around it. */
const LONGEST_TEXT = 3_000
const MOST_LINES = 100

const configSchema = z
  .strictObject({
    ...secretKeys('webhook_url', 'address of a workflow “When a Teams webhook request is received”'),
    allow_addresses: allowAddresses(),
  })
  .superRefine(oneSecret('webhook_url'))
  .describe('A channel or chat in Microsoft Teams, by a workflow.')

/** Posts an adaptive card. What was said cannot be changed, and nobody answers. */
export const teams = defineNotifier({
  kind: 'teams',
  configSchema,
  create(config, { name, post, resolveSecret }) {
    const address = secretOf('webhook_url', config)!
    const who = `Microsoft Teams, for ${name}`
    return {
      capabilities: { updates: 'anew', picture: false, buttons: false, maxLength: LONGEST_TEXT },
      limits: [{ key: `teams ${name}`, count: 1, perMs: 1_000 }],
      async send(notice, _handle, signal) {
        const written = resolveSecret(address).reveal()
        const url = URL.canParse(written) ? new URL(written) : undefined
        if (url === undefined || !/^https?:$/.test(url.protocol)) {
          throw new NotifyError('auth', `${who}: the workflow’s address is not a URL`)
        }
        const content = cardOf(notice)
        const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }
        const body = JSON.stringify({ type: 'message', attachments: [attachment] })
        const headers = { 'content-type': 'application/json' }
        const answer = await post({ url, headers, body, allowed: config.allow_addresses }, signal)
        // A workflow that was deleted, or whose address was renewed.
        if (answer.status === 404 || answer.status === 410) {
          throw new NotifyError('auth', `${who}: the workflow is no longer there: ${answer.status}`)
        }
        checkStatus(who, answer.status, answer.retryAfterMs)
        return {}
      },
    }
  },
})

/** Text runs show what they are given as it is: a text block would read it as Markdown, with links of others' making. */
function cardOf(notice: Notice): object {
  const lines = notice.text('plain', LONGEST_TEXT).split('\n').slice(0, MOST_LINES)
  const body = lines.map((line, i) => ({
    type: 'RichTextBlock',
    spacing: line === '' || i === 1 ? 'Small' : 'None',
    inlines: [{ type: 'TextRun', text: line === '' ? ' ' : line, ...(i === 0 ? { weight: 'Bolder' } : {}) }],
  }))
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    fallbackText: notice.title,
    body,
    actions: notice.links.map(({ label, url }) => ({ type: 'Action.OpenUrl', title: label, url })),
  }
}
