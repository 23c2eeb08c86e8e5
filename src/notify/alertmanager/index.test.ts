import { describe, expect, it } from 'vitest'
import { notifierContract } from '../testing/contract.ts'
import { SECRET, testContext } from '../testing/contract-context.ts'
import { type HttpSide, httpSide } from '../testing/http-harness.ts'
import { AT, type NoticeTraits, noticeWith } from '../testing/notices.ts'
import { alertmanager } from './index.ts'

const calm = new AbortController().signal
const clock = { now: () => AT, sleep: async () => undefined }

function notifierFor(urls: readonly string[], context = testContext({ clock })) {
  const config = { urls, username: 'homeostat', password_env: 'P' }
  return alertmanager.create(alertmanager.configSchema.parse(config), context)
}

notifierContract(
  'alertmanager',
  async () => {
    const side = await httpSide()
    const context = testContext()
    return {
      notifier: notifierFor([side.url], context),
      secrets: [SECRET, `homeostat:${SECRET}`],
      react: (reaction) => {
        side.reaction = reaction
      },
      texts: () => side.arrivals.map(({ body }) => JSON.parse(body)[0].annotations.description),
      attempts: () => side.arrivals.length,
      log: context.logged,
      close: side.close,
    }
  },
  { markup: false },
)

async function posted(traits: NoticeTraits): Promise<unknown[]> {
  const side = await httpSide()
  await notifierFor([side.url]).send(noticeWith(traits), undefined, calm)
  await side.close()
  return side.arrivals.flatMap(({ body }) => JSON.parse(body))
}

describe('an anomaly', () => {
  it('is an alert that says whose it is, and runs out when nothing more is heard', async () => {
    const alerts = await posted({})

    expect(alerts).toMatchObject([
      {
        labels: {
          alertname: 'HomeostatAnomaly',
          origin: 'homeostat',
          instance: 'web-1:9100',
          job: 'node',
          severity: 'high',
        },
        startsAt: '2026-11-21T10:00:00.000Z',
        endsAt: '2026-11-21T10:04:00.000Z',
      },
    ])
  })

  it('cannot be passed off as somebody else’s by its labels', async () => {
    const alerts = await posted({ labels: { job: 'node', origin: 'me', alertname: 'Mine', empty: '' } })

    expect(alerts).toMatchObject([{ labels: { job: 'node', origin: 'homeostat', alertname: 'HomeostatAnomaly' } }])
    expect(alerts).not.toMatchObject([{ labels: { empty: '' } }])
  })

  it('is resolved when it has recovered', async () => {
    const alerts = await posted({ state: 'recovered' })

    expect(alerts).toMatchObject([{ endsAt: '2026-11-21T10:01:30.000Z' }])
  })

  it('that is none of ours, only an alert of others, is not posted back', async () => {
    const alerts = await posted({ level: 0, summary: 'an alert of Alertmanager itself' })

    expect(alerts).toEqual([])
  })

  it('goes to every member of the cluster, and it is enough when one takes it', async () => {
    const sides: HttpSide[] = [await httpSide(), await httpSide()]
    sides[0].reaction = 'fail'

    const notifier = notifierFor(sides.map(({ url }) => url))
    const first = await notifier.send(noticeWith(), undefined, calm)
    sides[1].reaction = 'fail'
    const second = notifier.send(noticeWith(), undefined, calm)

    await expect(second).rejects.toMatchObject({ reason: 'unavailable' })
    expect(first.handle).toBeDefined()
    expect(sides.map(({ arrivals }) => arrivals.length)).toEqual([2, 2])
    for (const side of sides) await side.close()
  })
})
