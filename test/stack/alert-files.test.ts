import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startAlertmanagerWith } from '../support/alertmanager.ts'
import { startDaemon } from '../support/daemon.ts'

const ROOT = join(import.meta.dirname, '../..')

/** What a tool says, and whether it was content. */
function run(program: string, args: readonly string[], folder: string): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: join(ROOT, folder), encoding: 'utf8' })
  return { status, said: `${stdout}${stderr}` }
}

describe('prometheus/', () => {
  it('is a configuration that Prometheus takes, with its rules', () => {
    const { status, said } = run('promtool', ['check', 'config', 'prometheus.yml'], 'prometheus')

    expect({ status, said }).toMatchObject({ status: 0 })
    expect(said).toContain('rules/anomalies.yml')
    expect(said).toContain('rules/homeostat.yml')
  })

  it.each(['classic', 'node-exporter'])('has recording rules of %s that Prometheus takes', (preset) => {
    expect(run('promtool', ['check', 'rules', `recording/${preset}.yml`], 'prometheus')).toMatchObject({ status: 0 })
  })

  it.each(['anomalies', 'homeostat', 'days'])('has alerts that fire when they should, and only then: %s', (name) => {
    expect(run('promtool', ['test', 'rules', `tests/${name}.test.yml`], 'prometheus')).toMatchObject({ status: 0 })
  })
})

describe('alertmanager/', () => {
  const routed = (...labels: string[]) =>
    execFileSync('amtool', ['config', 'routes', 'test', '--config.file=alertmanager.yml', ...labels], {
      cwd: join(ROOT, 'alertmanager'),
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim()

  it('is a configuration that Alertmanager takes', () => {
    expect(run('amtool', ['check-config', 'alertmanager.yml'], 'alertmanager')).toMatchObject({ status: 0 })
  })

  it('sends alerts to Homeostat and to people, and what Homeostat says itself to people alone', () => {
    expect(routed('alertname=HostDown', 'job=node', 'severity=critical')).toBe('homeostat,people')
    expect(routed('alertname=HomeostatAnomaly', 'origin=homeostat')).toBe('people')
  })

  it('brings an alert into an incident, with the token of its file, and what Homeostat said itself not', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'homeostat-alert-files-'))
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    const token = join(dir, 'alerts-token')
    writeFileSync(token, 'secret-of-the-sender\n')
    const webhooks = { alertmanager: { authorization: { credentials_file: token } } }
    const daemon = await startDaemon({ config: { interval: '5s', source: { type: 'local' }, webhooks } })
    onTestFinished(async () => void (await daemon.stop()))
    await daemon.ready()
    const shipped = readFileSync(join(ROOT, 'alertmanager/alertmanager.yml'), 'utf8')
    const config = shipped
      .replaceAll('http://homeostat:9797', daemon.url)
      .replaceAll('/run/secrets/alerts-token', token)
    const alertmanager = await startAlertmanagerWith(config)
    onTestFinished(() => alertmanager.stop())
    const startsAt = new Date(Date.now() - 1000).toISOString()
    const alert = (alertname: string, instance: string) => ({ alertname, instance, job: 'node' })
    const incidents = async () => {
      const answer = await fetch(`${daemon.url}/api/v1/incidents?limit=100`)
      return ((await answer.json()) as { items: { id: string; target: string }[] }).items
    }
    const about = async (target: string) => (await incidents()).find((one) => one.target === target)
    const alertsOf = async (id: string) => {
      const answer = await fetch(`${daemon.url}/api/v1/incidents/${id}`)
      return ((await answer.json()) as { alerts: { name: string; status: string }[] }).alerts
    }

    await alertmanager.post([
      { labels: { ...alert('HomeostatAnomaly', 'web-2:9100'), origin: 'homeostat' }, startsAt },
      { labels: alert('HostSlow', 'web-1:9100'), startsAt },
    ])
    const incident = await daemon.waitFor('the incident', () => about('web-1:9100@node'))

    expect(await alertsOf(incident.id)).toMatchObject([{ name: 'HostSlow', status: 'firing' }])
    await alertmanager.post([{ labels: alert('HostSlow', 'web-1:9100'), startsAt, endsAt: new Date().toISOString() }])
    const resolved = async () => (await alertsOf(incident.id))[0].status === 'resolved'
    await daemon.waitFor('that it is over', resolved, { withinMs: 30_000 })
    expect(await about('web-2:9100@node')).toBeUndefined()
    const refused = { source: 'alertmanager', result: 'unauthorized' }
    expect(await daemon.metric('homeostat_webhook_requests_total', refused)).toBe(0)
  })
})
