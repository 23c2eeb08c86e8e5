import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Notice } from '../notice.ts'
import { notifierContract } from '../testing/contract.ts'
import { SECRET, testContext } from '../testing/contract-context.ts'
import { httpSide } from '../testing/http-harness.ts'
import { noticeWith } from '../testing/notices.ts'
import { pagerduty } from './index.ts'

/** What the Events API v2 documents of an alert event; strict, so that a name it does not know is an error. */
const eventSchema = z.strictObject({
  routing_key: z.string().min(1),
  event_action: z.enum(['trigger', 'acknowledge', 'resolve']),
  dedup_key: z.string().min(1).max(255),
  client: z.string(),
  client_url: z.url().optional(),
  links: z.array(z.strictObject({ href: z.url(), text: z.string() })),
  payload: z.strictObject({
    summary: z.string().min(1).max(1024),
    source: z.string().min(1),
    severity: z.enum(['critical', 'error', 'warning', 'info']),
    timestamp: z.iso.datetime(),
    group: z.string().optional(),
    class: z.string().optional(),
    custom_details: z.record(z.string(), z.unknown()),
  }),
})

const calm = new AbortController().signal

async function open(context = testContext()) {
  const side = await httpSide(() => ({ status: 'success' }))
  const parsed = pagerduty.configSchema.parse({ url: `${side.url}/v2/enqueue`, routing_key_env: 'K' })
  return { side, notifier: pagerduty.create(parsed, context), context }
}

/** The events of notices, the first of them unknown there. */
async function eventsOf(...notices: readonly Notice[]) {
  const { side, notifier } = await open()
  let handle: string | undefined
  for (const notice of notices) handle = (await notifier.send(notice, handle, calm)).handle
  await side.close()
  return side.arrivals.map(({ body }) => eventSchema.parse(JSON.parse(body)))
}

notifierContract(
  'pagerduty',
  async () => {
    const { side, notifier, context } = await open()
    return {
      notifier,
      secrets: [SECRET],
      react: (reaction) => {
        side.reaction = reaction
      },
      texts: () => side.arrivals.map(({ body }) => JSON.parse(body).payload.custom_details.text),
      attempts: () => side.arrivals.length,
      log: context.logged,
      close: side.close,
    }
  },
  { markup: false },
)

describe('PagerDuty', () => {
  it('is triggered, and resolved under the same key when the incident is over', async () => {
    const [began, over] = await eventsOf(noticeWith(), noticeWith({ kind: 'recovered', state: 'recovered' }))

    expect(began).toMatchObject({
      event_action: 'trigger',
      client_url: 'https://homeostat.example.org/#/incidents/i-1',
      payload: { source: 'web-1:9100@node', severity: 'error', class: 'cpu_saturation', group: 'node' },
    })
    expect(over.event_action).toBe('resolve')
    expect(over.dedup_key).toBe(began.dedup_key)
  })

  it('hears that somebody has acknowledged what it knows, and is triggered by what it does not', async () => {
    const notice = noticeWith()
    const acknowledged = {
      ...notice,
      incidents: notice.incidents.map((one) => ({ ...one, acknowledgedBy: 'telegram:42' })),
    }

    const known = await eventsOf(notice, acknowledged)
    const unknown = await eventsOf(acknowledged)

    expect(known.map(({ event_action }) => event_action)).toEqual(['trigger', 'acknowledge'])
    expect(unknown.map(({ event_action }) => event_action)).toEqual(['trigger'])
  })

  it('goes on with a group until the last of its incidents is over', async () => {
    const [going] = noticeWith().incidents
    const [over] = noticeWith({ state: 'recovered' }).incidents

    const [partly, all] = await eventsOf(
      { ...noticeWith(), incidents: [over, going] },
      { ...noticeWith(), incidents: [over, over] },
    )

    expect([partly.event_action, all.event_action]).toEqual(['trigger', 'resolve'])
  })

  it('has one incident for the kill switch, from the freeze to its end', async () => {
    const general = (kind: Notice['kind'], key: string) => ({ ...noticeWith({ kind }), key, incidents: [] })

    const events = await eventsOf(general('frozen', 'a'), general('unfrozen', 'b'))

    expect(events.map(({ event_action }) => event_action)).toEqual(['trigger', 'resolve'])
    expect(new Set(events.map(({ dedup_key }) => dedup_key)).size).toBe(1)
  })
})
