import { stringify } from 'yaml'

export interface ScrapeOptions {
  readonly interval: string
  readonly prometheus: string
  readonly nodeExporter?: string
  readonly pushgateway?: string
  /** Instance label to `host:port/path` of further targets of job `node`. */
  readonly hosts: Readonly<Record<string, string>>
}

/** An alerting rule in Prometheus' words. */
export interface AlertRule {
  readonly alert: string
  readonly expr: string
}

export function rulesYaml(rules: readonly AlertRule[]): string {
  return stringify({ groups: rules.length === 0 ? [] : [{ name: 'lab', interval: '1s', rules }] })
}

/** Scrape configuration that Prometheus and VictoriaMetrics both read. */
export function scrapeYaml(options: ScrapeOptions): string {
  const node = options.nodeExporter ? [{ targets: [options.nodeExporter] }] : []
  const hosts = Object.entries(options.hosts).map(([instance, address]) => {
    const slash = address.indexOf('/')
    const path = slash < 0 ? '/metrics' : address.slice(slash)
    const target = slash < 0 ? address : address.slice(0, slash)
    return { targets: [target], labels: { instance, __metrics_path__: path } }
  })
  const jobs: object[] = [
    { job_name: 'node', static_configs: [...node, ...hosts] },
    { job_name: 'prometheus', static_configs: [{ targets: [options.prometheus] }] },
    { job_name: 'added', honor_labels: true, file_sd_configs: [{ files: ['scrape/*.json'] }] },
  ]
  if (options.pushgateway) {
    jobs.push({ job_name: 'pushgateway', honor_labels: true, static_configs: [{ targets: [options.pushgateway] }] })
  }
  return stringify({ global: { scrape_interval: options.interval }, scrape_configs: jobs })
}

/** The same with Prometheus' own settings; samples up to 30 days old may be written to it. */
export function prometheusYaml(scrape: string, alertmanager?: string): string {
  const alerting = { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] }
  const own = {
    rule_files: ['rules.yml'],
    storage: { tsdb: { out_of_order_time_window: '30d' } },
    ...(alertmanager ? { alerting } : {}),
  }
  return scrape + stringify(own)
}

export function alertmanagerYaml(webhookUrl?: string): string {
  const webhook = webhookUrl ? { webhook_configs: [{ url: webhookUrl, send_resolved: true, max_alerts: 0 }] } : {}
  return stringify({
    global: { resolve_timeout: '30s' },
    route: {
      receiver: 'homeostat',
      group_by: ['alertname', 'instance'],
      group_wait: '1s',
      group_interval: '5s',
      repeat_interval: '1h',
    },
    receivers: [{ name: 'homeostat', ...webhook }],
  })
}
