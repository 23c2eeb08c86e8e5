import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { NotifyError } from '../../pipeline/receivers.ts'
import { notifierContract } from '../testing/contract.ts'
import { SECRET, testContext } from '../testing/contract-context.ts'
import { httpSide } from '../testing/http-harness.ts'
import { noticeWith } from '../testing/notices.ts'
import { webhook } from './index.ts'

const calm = new AbortController().signal

async function open(config: object = {}, context = testContext()) {
  const side = await httpSide()
  const parsed = webhook.configSchema.parse({ url: `${side.url}/hook`, token_env: 'T', ...config })
  return { side, notifier: webhook.create(parsed, context), context }
}

notifierContract(
  'webhook',
  async () => {
    const { side, notifier, context } = await open({ hmac: { secret_env: 'S' } })
    return {
      notifier,
      secrets: [SECRET],
      react: (reaction) => {
        side.reaction = reaction
      },
      texts: () => side.arrivals.map(({ body }) => JSON.parse(body).text),
      attempts: () => side.arrivals.length,
      log: context.logged,
      close: side.close,
    }
  },
  { markup: false },
)

describe('a webhook', () => {
  it('is signed over its time and its very bytes', async () => {
    const now = Date.parse('2026-11-21T10:00:00Z')
    const clock = { now: () => now, sleep: async () => undefined }
    const { side, notifier } = await open({ hmac: { secret_env: 'S' } }, testContext({ clock }))

    await notifier.send(noticeWith(), undefined, calm)
    await side.close()

    const [{ headers, body }] = side.arrivals
    const expected = createHmac('sha256', SECRET)
      .update(`${now / 1000}:${body}`)
      .digest('hex')
    expect(headers['x-homeostat-timestamp']).toBe(String(now / 1000))
    expect(headers['x-homeostat-signature']).toBe(expected)
    expect(headers['authorization']).toBe(`Bearer ${SECRET}`)
  })

  it('says null for what is not known, and times in ISO 8601', async () => {
    const { side, notifier } = await open()

    await notifier.send(noticeWith(), undefined, calm)
    await side.close()

    expect(JSON.parse(side.arrivals[0].body)).toMatchObject({
      version: '1',
      kind: 'detected',
      at: '2026-11-21T10:00:00.000Z',
      incidents: [
        {
          target: 'web-1:9100@node',
          detected_at: '2026-11-21T10:00:00.000Z',
          recovered_at: null,
          features: [{ feature: 'cpu_busy_ratio' }, { feature: 'load', expected: null }],
        },
      ],
    })
  })

  it('follows no redirect', async () => {
    const side = await httpSide()
    const context = testContext({ post: async () => ({ status: 302 }) })
    const notifier = webhook.create(webhook.configSchema.parse({ url: side.url }), context)

    const error = await notifier.send(noticeWith(), undefined, calm).catch((caught: unknown) => caught)
    await side.close()

    expect(error).toBeInstanceOf(NotifyError)
    expect(error).toMatchObject({ reason: 'rejected', message: expect.stringContaining('redirects are not followed') })
  })
})
