import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { until } from './deadline.ts'
import { freePort } from './ports.ts'
import { startProcess } from './process.ts'

export interface AlertmanagerOptions {
  readonly webhookUrl: string
  /** How it shows who it is, in the words of its own configuration. */
  readonly httpConfig?: Readonly<Record<string, unknown>>
  readonly groupBy: readonly string[]
  readonly inhibitRules?: readonly object[]
}

export interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly startsAt?: string
  readonly endsAt?: string
}

/** A running Alertmanager of a test's own. */
export interface Alertmanager {
  readonly url: string
  post(alerts: readonly PostedAlert[]): Promise<void>
  stop(): Promise<void>
}

/** Starts an Alertmanager that waits 1 s for a group to fill and 2 s between messages, and never repeats itself. */
export function startAlertmanager(options: AlertmanagerOptions): Promise<Alertmanager> {
  const { webhookUrl: url, httpConfig: http_config, groupBy: group_by } = options
  const webhook = { url, send_resolved: true, max_alerts: 0, ...(http_config && { http_config }) }
  const timing = { group_wait: '1s', group_interval: '2s', repeat_interval: '1h' }
  const config = {
    route: { receiver: 'homeostat', group_by, ...timing },
    receivers: [{ name: 'homeostat', webhook_configs: [webhook] }],
    inhibit_rules: options.inhibitRules ?? [],
  }
  return startAlertmanagerWith(stringify(config))
}

/** @param config the text of its configuration */
export async function startAlertmanagerWith(config: string): Promise<Alertmanager> {
  const dir = mkdtempSync(join(tmpdir(), 'homeostat-alertmanager-'))
  mkdirSync(join(dir, 'data'))
  writeFileSync(join(dir, 'alertmanager.yml'), config)
  const address = `127.0.0.1:${await freePort()}`
  const flags = ['--config.file=alertmanager.yml', '--storage.path=data', '--cluster.listen-address=']
  const own = await startProcess(
    'alertmanager',
    ['prometheus-alertmanager', ...flags, `--web.listen-address=${address}`, '--log.level=warn'],
    { cwd: dir, logFile: join(dir, 'log') },
  )
  const base = `http://${address}`
  await until(async () => (await fetch(`${base}/-/ready`)).ok, { what: 'Alertmanager', withinMs: 20_000 })
  return {
    url: base,
    async post(alerts) {
      const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(alerts) }
      const answer = await fetch(`${base}/api/v2/alerts`, init)
      if (!answer.ok) throw new Error(`Alertmanager answered ${answer.status}: ${await answer.text()}`)
    },
    async stop() {
      await own.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
