import { describe, expect, it } from 'vitest'
import { notifierContract } from '../testing/contract.ts'
import { SECRET, testContext } from '../testing/contract-context.ts'
import { noticeWith } from '../testing/notices.ts'
import { smtpSide } from '../testing/smtp-harness.ts'
import { email } from './index.ts'

const calm = new AbortController().signal

async function open(config: object = {}) {
  const side = await smtpSide(SECRET)
  const context = testContext()
  const parsed = email.configSchema.parse({
    to: ['oncall@example.org'],
    from: 'homeostat@example.org',
    smarthost: `127.0.0.1:${side.port}`,
    auth_username: 'homeostat',
    auth_password_env: 'P',
    require_tls: false,
    ...config,
  })
  return { side, context, notifier: email.create(parsed, context) }
}

notifierContract(
  'email',
  async () => {
    const { side, context, notifier } = await open()
    return {
      notifier,
      secrets: [SECRET],
      react: (reaction) => {
        side.reaction = reaction
      },
      texts: () => side.mails.map(({ parts }) => parts.find(({ type }) => type === 'text/html')?.text ?? ''),
      attempts: () => side.attempts,
      log: context.logged,
      close: side.close,
    }
  },
  { outcomes: { slow_down: 'unavailable' } },
)

describe('a mail', () => {
  it('has the text twice, as it is and in HTML, and the chart inside', async () => {
    const { side, notifier } = await open()

    await notifier.send(noticeWith({ pictured: true }), undefined, calm)
    await side.close()

    const [{ headers, parts, raw }] = side.mails
    expect(headers).toMatch(/^Subject: web-1:9100@node: cpu_saturation \(high, opened\)\s*$/m)
    expect(parts.map(({ type }) => type).sort()).toEqual(['image/png', 'text/html', 'text/plain'])
    expect(parts.find(({ type }) => type === 'text/html')?.text).toContain('src="cid:chart@homeostat"')
    expect(raw).toContain('Content-ID: <chart@homeostat>')
  })

  it('joins the thread of the first one', async () => {
    const { side, notifier } = await open()

    const first = await notifier.send(noticeWith(), undefined, calm)
    const second = await notifier.send(noticeWith({ kind: 'recovered' }), first.handle, calm)
    await side.close()

    expect(side.mails[1].headers).toContain(`In-Reply-To: ${first.handle}`)
    expect(second.handle).toBe(first.handle)
  })

  it('is not sent where the connection cannot be encrypted and must be', async () => {
    const { side, notifier } = await open({ require_tls: true })

    const sending = notifier.send(noticeWith(), undefined, calm)

    await expect(sending).rejects.toMatchObject({ name: 'NotifyError', reason: 'rejected' })
    await side.close()
    expect(side.mails).toEqual([])
  })

  it('has no line in its subject but one, whatever a target is called', async () => {
    const { side, notifier } = await open()

    await notifier.send(noticeWith({ target: 'x\r\nBcc: eve@example.org\r\n\r\nhello' }), undefined, calm)
    await side.close()

    expect(side.mails[0].headers).not.toMatch(/^Bcc:/m)
  })
})
