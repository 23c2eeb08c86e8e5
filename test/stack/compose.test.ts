import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ComposeStack, startComposeStack } from '../support/compose-stack.ts'
import { until } from '../support/deadline.ts'
import { instantQuery } from '../support/query.ts'

const ROOT = join(import.meta.dirname, '../..')

it('docker-compose finds nothing wrong with docker-compose.yml', () => {
  const listed = execFileSync('docker-compose', ['--profile', 'simulator', 'config', '--services'], { cwd: ROOT })

  expect(listed.toString().trim().split('\n')).toContain('homeostat')
})

describe('the services of docker-compose.yml, with its commands and files', () => {
  let stack: ComposeStack
  const within = { withinMs: 60_000, everyMs: 250 }
  const query = (expression: string) => instantQuery(stack.urls.prometheus, expression)

  beforeAll(async () => {
    stack = await startComposeStack()
  })
  afterAll(() => stack?.stop())

  it('all are scraped, and the scores of Homeostat keep the names of their hosts', async () => {
    const jobs = ['alertmanager', 'homeostat', 'node', 'prometheus', 'pushgateway']

    await until(async () => (await query('count(up == 1)'))[0]?.value === jobs.length, { what: 'all up', ...within })
    const levels = await until(
      async () => {
        const found = await query('anomaly_level')
        return found.length > 0 && found
      },
      { what: 'levels in Prometheus', explain: stack.daemon.logs, ...within },
    )

    expect((await query('up')).map(({ labels }) => labels['job']).sort()).toEqual(jobs)
    expect(levels[0].labels).toMatchObject({ job: 'node', instance: new URL(stack.urls['node-exporter']).host })
  })

  it('an alert goes through Alertmanager to Homeostat, which knows its sender by a file', async () => {
    const labels = { alertname: 'CheckoutSlow', job: 'checkout', instance: 'checkout-1', severity: 'warning' }
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify([{ labels }])
    const posted = await fetch(`${stack.urls.alertmanager}/api/v2/alerts`, { method: 'POST', headers, body })

    await stack.daemon.waitFor('the alert', async () => {
      const labels = { source: 'alertmanager', result: 'accepted' }
      return ((await stack.daemon.metric('homeostat_webhook_requests_total', labels)) ?? 0) > 0
    })
    const incidents = await fetch(`${stack.daemon.url}/api/v1/incidents`, {
      headers: { authorization: `Bearer ${stack.token}` },
    })

    expect(posted.status).toBe(200)
    expect(await incidents.text()).toContain('checkout-1')
    expect((await fetch(`${stack.daemon.url}/api/v1/incidents`)).status).toBe(401)
  })
})
