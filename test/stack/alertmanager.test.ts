import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Alertmanager, startAlertmanager } from '../support/alertmanager.ts'
import { type Daemon, type DaemonOptions, startDaemon } from '../support/daemon.ts'
import { startProxy, type TcpProxy } from '../support/proxy.ts'
import { bearer, GUARDED, SECRETS } from '../support/web.ts'

const OPTIONS: DaemonOptions = { config: { ...GUARDED.config, interval: '5s' }, env: GUARDED.env }
const SENDER = { authorization: { credentials: SECRETS.sender } }

interface IncidentAnswer {
  readonly id: string
  readonly target: string
  readonly state: string
  readonly alerts?: readonly { readonly name: string; readonly status: string }[]
}

let daemon: Daemon
let proxy: TcpProxy
const senders: Alertmanager[] = []

const portOf = ({ url }: Daemon) => Number(new URL(url).port)
const webhook = () => `${proxy.url}/api/v1/webhooks/alertmanager`

beforeAll(async () => {
  daemon = await startDaemon(OPTIONS)
  await daemon.ready()
  proxy = await startProxy(portOf(daemon))
  // By job: what one test posts under a job of its own is one group, however many alerts it has.
  const one = { webhookUrl: webhook(), groupBy: ['job'] }
  senders.push(await startAlertmanager({ ...one, httpConfig: SENDER }))
  const basic_auth = { username: 'am', password: SECRETS.password }
  senders.push(await startAlertmanager({ ...one, httpConfig: { basic_auth } }))
  senders.push(await startAlertmanager({ ...one, httpConfig: SENDER }))
})

afterAll(async () => {
  await Promise.all(senders.map((sender) => sender.stop()))
  await proxy?.close()
  await daemon?.stop()
})

async function get<T>(path: string): Promise<T> {
  const answer = await fetch(`${daemon.url}/api/v1/${path}`, { headers: bearer(SECRETS.read) })
  if (!answer.ok) throw new Error(`GET ${path} answered ${answer.status}`)
  return (await answer.json()) as T
}

/** Every incident of a job, over all pages. */
async function incidentsOf(job: string): Promise<IncidentAnswer[]> {
  const found: IncidentAnswer[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page: { items: IncidentAnswer[]; next_cursor: string | null } = await get(
      `incidents?limit=1000${cursor && `&cursor=${cursor}`}`,
    )
    found.push(...page.items.filter(({ target }) => target.endsWith(`@${job}`)))
    cursor = page.next_cursor
  }
  return found
}

const answered = async (result: string) =>
  (await daemon.metric('homeostat_webhook_requests_total', { source: 'alertmanager', result })) ?? 0

const alertOf = (instance: string, job: string) => ({ labels: { alertname: 'Broken', instance, job } })

describe('a real Alertmanager', () => {
  it('delivers what fires and what is resolved, and both reach one incident', async () => {
    const alert = { ...alertOf('web-1', 'course'), startsAt: new Date(Date.now() - 5000).toISOString() }
    await senders[0].post([alert])
    const [incident] = await daemon.waitFor('an incident', async () => {
      const found = await incidentsOf('course')
      return found.length > 0 && found
    })
    const alerts = async () => (await get<IncidentAnswer>(`incidents/${incident.id}`)).alerts
    expect(await alerts()).toMatchObject([{ name: 'Broken', status: 'firing' }])

    await senders[0].post([{ ...alert, endsAt: new Date().toISOString() }])

    await daemon.waitFor('its end', async () => (await alerts())?.[0]?.status === 'resolved')
    expect(await incidentsOf('course')).toHaveLength(1)
  })

  it('and two more that say the same are one incident', async () => {
    const alert = { ...alertOf('web-1', 'thrice'), startsAt: new Date(Date.now() - 5000).toISOString() }
    const before = (await answered('accepted')) + (await answered('duplicate'))

    await Promise.all(senders.map((sender) => sender.post([alert])))

    const heard = async () => (await answered('accepted')) + (await answered('duplicate')) - before >= 3
    await daemon.waitFor('three messages', heard)
    expect(await incidentsOf('thrice')).toHaveLength(1)
    expect(await answered('unauthorized')).toBe(0)
  })

  it('with the wrong token is not heard, and does not lose its alert', async () => {
    const stranger = await startAlertmanager({
      webhookUrl: webhook(),
      groupBy: ['job'],
      httpConfig: { authorization: { credentials: 'wrong' } },
    })
    try {
      await stranger.post([alertOf('web-1', 'stranger')])
      await daemon.waitFor('a refusal', async () => (await answered('unauthorized')) > 0)
      expect(await incidentsOf('stranger')).toEqual([])
    } finally {
      await stranger.stop()
    }
  })

  it('sends again what came while Homeostat was killed, and nothing is lost', { timeout: 180_000 }, async () => {
    await senders[0].post([alertOf('before', 'killed')])
    await daemon.waitFor('the first', async () => (await incidentsOf('killed')).length === 1)
    const { dataDir } = daemon

    daemon.signal('SIGKILL')
    await senders[0].post([alertOf('during-1', 'killed'), alertOf('during-2', 'killed')])
    await senders[1].post([alertOf('during-3', 'killed')])
    daemon = await startDaemon({ ...OPTIONS, dataDir })
    await daemon.ready()
    proxy.setUpstream(portOf(daemon))

    const all = ['before', 'during-1', 'during-2', 'during-3'].map((name) => `${name}@killed`)
    await daemon.waitFor(
      'all of them',
      async () => {
        const found = new Set((await incidentsOf('killed')).map(({ target }) => target))
        return all.every((target) => found.has(target))
      },
      { withinMs: 90_000, everyMs: 500 },
    )
    expect(await incidentsOf('killed')).toHaveLength(all.length)
  })

  it('delivers a group of 10,000 alerts in one message', { timeout: 180_000 }, async () => {
    const annotations = { description: 'x'.repeat(300) }
    const startsAt = new Date(Date.now() - 5000).toISOString()
    const alerts = Array.from({ length: 10_000 }, (_, i) => ({
      ...alertOf(`host-${i}`, 'huge'),
      annotations,
      startsAt,
    }))
    const before = await answered('accepted')

    await senders[0].post(alerts)

    await daemon.waitFor('an incident for each', async () => (await incidentsOf('huge')).length === 10_000, {
      withinMs: 120_000,
      everyMs: 1000,
    })
    expect((await answered('accepted')) - before).toBeLessThanOrEqual(3)
    const start = performance.now()
    expect((await fetch(`${daemon.url}/-/healthy`)).status).toBe(200)
    expect(performance.now() - start).toBeLessThan(1000)
  })
})
