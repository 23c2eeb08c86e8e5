import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Secret } from '../../platform/secrets.ts'
import { notifierContract } from '../testing/contract.ts'
import { SECRET, testContext } from '../testing/contract-context.ts'
import { httpSide } from '../testing/http-harness.ts'
import { noticeWith } from '../testing/notices.ts'
import { teams } from './index.ts'

/** What the published schema of adaptive cards 1.4 says of the elements used; strict, so that no other slips in. */
const cardSchema = z.strictObject({
  $schema: z.literal('http://adaptivecards.io/schemas/adaptive-card.json'),
  type: z.literal('AdaptiveCard'),
  version: z.literal('1.4'),
  msteams: z.strictObject({ width: z.literal('Full') }),
  fallbackText: z.string().min(1),
  body: z
    .array(
      z.strictObject({
        type: z.literal('RichTextBlock'),
        spacing: z.enum(['Default', 'None', 'Small', 'Medium', 'Large', 'ExtraLarge', 'Padding']),
        inlines: z.tuple([
          z.strictObject({
            type: z.literal('TextRun'),
            text: z.string().min(1),
            weight: z.enum(['Default', 'Lighter', 'Bolder']).optional(),
          }),
        ]),
      }),
    )
    .min(1),
  actions: z.array(z.strictObject({ type: z.literal('Action.OpenUrl'), title: z.string(), url: z.url() })),
})
const messageSchema = z.strictObject({
  type: z.literal('message'),
  attachments: z.tuple([
    z.strictObject({
      contentType: z.literal('application/vnd.microsoft.card.adaptive'),
      contentUrl: z.null(),
      content: cardSchema,
    }),
  ]),
})

const calm = new AbortController().signal
const readCard = (body: string) => messageSchema.parse(JSON.parse(body)).attachments[0].content
const textOf = (body: string) =>
  readCard(body)
    .body.map(({ inlines: [{ text }] }) => text)
    .join('\n')

async function open() {
  const side = await httpSide(() => '')
  const context = testContext({ resolveSecret: () => new Secret(`${side.url}/workflows/x?sig=${SECRET}`) })
  const notifier = teams.create(teams.configSchema.parse({ webhook_url_env: 'W' }), context)
  return { side, notifier, context }
}

notifierContract(
  'teams',
  async () => {
    const { side, notifier, context } = await open()
    return {
      notifier,
      secrets: [SECRET],
      react: (reaction) => {
        side.reaction = reaction
      },
      texts: () => side.arrivals.map(({ body }) => textOf(body)),
      attempts: () => side.arrivals.length,
      log: context.logged,
      close: side.close,
    }
  },
  { markup: false },
)

describe('a card in Teams', () => {
  it('begins with the title, in bold, and ends with links', async () => {
    const { side, notifier } = await open()

    await notifier.send(noticeWith(), undefined, calm)
    await side.close()

    const { body, actions } = readCard(side.arrivals[0].body)
    expect(body[0].inlines[0]).toMatchObject({ text: expect.stringContaining('cpu_saturation'), weight: 'Bolder' })
    expect(actions).toMatchObject([{ title: 'Dashboard', url: 'https://homeostat.example.org/#/incidents/i-1' }])
  })

  it.each(['😀', '"', '\n', '\u0001'])('fits into 28 KB, whatever %j the text is made of', async (letter) => {
    const { side, notifier } = await open()

    await notifier.send(noticeWith({ summary: letter.repeat(50_000) }), undefined, calm)
    await side.close()

    expect(readCard(side.arrivals[0].body).body.length).toBeGreaterThan(1)
    expect(Buffer.byteLength(side.arrivals[0].body)).toBeLessThan(28_000)
  })

  it('says where the address is wrong, without it', async () => {
    const context = testContext({ resolveSecret: () => new Secret('not a url') })
    const notifier = teams.create(teams.configSchema.parse({ webhook_url_env: 'W' }), context)

    const error = await notifier.send(noticeWith(), undefined, calm).catch((caught: unknown) => caught)

    expect(error).toMatchObject({ reason: 'auth', message: expect.not.stringContaining('not a url') })
  })
})
