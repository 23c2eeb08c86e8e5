import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from './deadline.ts'
import { type AlertRule, alertmanagerYaml, prometheusYaml, rulesYaml, scrapeYaml } from './lab-config.ts'
import { freePort } from './ports.ts'
import { type OwnProcess, startProcess } from './process.ts'
import { instantQuery } from './query.ts'

export type LabPart = 'node_exporter' | 'alertmanager' | 'victoria_metrics' | 'pushgateway'

export interface LabOptions {
  /** `1s` unless given. */
  readonly scrapeInterval?: string
  /** What runs beside Prometheus; node_exporter and Alertmanager unless given. */
  readonly parts?: readonly LabPart[]
  /** Further scrape targets of job `node`, by the instance label they get: `{'web-01:9100': '127.0.0.1:4711/host/web-01'}`. */
  readonly hosts?: Readonly<Record<string, string>>
  /** What Prometheus alerts about; looked at every second. */
  readonly alerts?: readonly AlertRule[]
  /** Where Alertmanager posts; nowhere unless given. */
  readonly webhookUrl?: string
  /** Puts blocks into Prometheus' data directory before it starts. */
  readonly seed?: (dataDir: string) => Promise<void>
}

/** What another process needs to know of a running lab: plain data. */
export interface LabAddresses {
  readonly dir: string
  readonly prometheusUrl: string
  readonly nodeExporterUrl: string
  readonly alertmanagerUrl: string
  readonly victoriaMetricsUrl: string
  readonly pushgatewayUrl: string
  /** The `instance` label of this machine in job `node`. */
  readonly instance: string
}

/** A server of the lab that a test may mistreat. */
export interface LabServer {
  /** SIGSTOP: connections are accepted by the kernel and never answered. */
  pause(): void
  resume(): void
  /** SIGKILL. */
  kill(): Promise<void>
  /** Starts it again on the same port and data, and waits for samples newer than the start. */
  restart(): Promise<void>
}

export interface Lab extends LabAddresses {
  readonly prometheus: LabServer
  readonly nodeExporter: LabServer
  /** Waits until Prometheus has samples newer than now. */
  fresh(): Promise<void>
  stop(): Promise<void>
}

const HOST = '127.0.0.1'

/**
 * Starts real servers on free loopback ports in a new temporary directory and waits until Prometheus answers with
 * samples newer than the start: with kept data an instant query looks back 5 minutes, so an answer alone says nothing.
 */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const parts = new Set(options.parts ?? ['node_exporter', 'alertmanager'])
  const dir = mkdtempSync(join(tmpdir(), 'homeostat-lab-'))
  const running = new Map<string, OwnProcess>()
  const ports = {
    prometheus: await freePort(),
    node_exporter: parts.has('node_exporter') ? await freePort() : 0,
    alertmanager: parts.has('alertmanager') ? await freePort() : 0,
    victoria_metrics: parts.has('victoria_metrics') ? await freePort() : 0,
    pushgateway: parts.has('pushgateway') ? await freePort() : 0,
  }
  const url = (name: keyof typeof ports) => (ports[name] === 0 ? '' : `http://${HOST}:${ports[name]}`)
  const addresses: LabAddresses = {
    dir,
    prometheusUrl: url('prometheus'),
    nodeExporterUrl: url('node_exporter'),
    alertmanagerUrl: url('alertmanager'),
    victoriaMetricsUrl: url('victoria_metrics'),
    pushgatewayUrl: url('pushgateway'),
    instance: `${HOST}:${ports.node_exporter}`,
  }

  const web = (name: keyof typeof ports) => `--web.listen-address=${HOST}:${ports[name]}`
  const commands: Record<string, readonly string[]> = {
    node_exporter: [
      'prometheus-node-exporter',
      web('node_exporter'),
      '--collector.processes',
      // Debian switches it on, and without systemd it complains at every scrape.
      '--no-collector.systemd',
      '--log.level=warn',
    ],
    pushgateway: ['prometheus-pushgateway', web('pushgateway'), '--log.level=warn'],
    alertmanager: [
      'prometheus-alertmanager',
      '--config.file=alertmanager.yml',
      '--storage.path=alertmanager',
      web('alertmanager'),
      '--cluster.listen-address=',
      '--log.level=warn',
    ],
    victoria_metrics: [
      'victoria-metrics',
      '-storageDataPath=victoria-metrics',
      `-httpListenAddr=${HOST}:${ports.victoria_metrics}`,
      '-promscrape.config=scrape.yml',
      '-search.latencyOffset=1s',
      '-loggerLevel=WARN',
    ],
    prometheus: [
      'prometheus',
      '--config.file=prometheus.yml',
      '--storage.tsdb.path=prometheus',
      '--storage.tsdb.retention.time=365d',
      web('prometheus'),
      '--web.enable-lifecycle',
      '--web.enable-admin-api',
      '--web.enable-remote-write-receiver',
      '--log.level=warn',
    ],
  }

  async function launch(name: string): Promise<void> {
    running.set(name, await startProcess(name, commands[name], { cwd: dir, logFile: join(dir, `${name}.log`) }))
  }

  function deadServer(): string | undefined {
    const dead = [...running.values()].find((own) => !own.isAlive())
    return dead && `${dead.name} died:\n${dead.logTail()}`
  }

  async function samplesSince(since: number, base: string): Promise<void> {
    const every = Object.keys(options.hosts ?? {}).length + (parts.has('node_exporter') ? 1 : 0)
    const expr =
      every > 0 ? `count(timestamp(node_load1{job="node"}) > ${since}) == ${every}` : `timestamp(up) > ${since}`
    const what = `samples newer than the start at ${base}`
    const ask = async () => (await instantQuery(base, expr)).length > 0
    await until(ask, { what, withinMs: 60_000, everyMs: 200, vain: deadServer })
  }

  function server(name: string, fresh: (since: number) => Promise<void>): LabServer {
    const own = () => running.get(name)!
    return {
      pause: () => void own().signal('SIGSTOP'),
      resume: () => void own().signal('SIGCONT'),
      async kill() {
        own().signal('SIGKILL')
        await until(() => !own().isAlive(), { what: `${name} gone`, withinMs: 5000, everyMs: 20 })
      },
      async restart() {
        const since = Date.now() / 1000
        await launch(name)
        await fresh(since)
      },
    }
  }

  async function stop(): Promise<void> {
    const stopped = await Promise.allSettled([...running.values()].map((own) => own.stop()))
    rmSync(dir, { recursive: true, force: true })
    const failed = stopped.find((one) => one.status === 'rejected')
    if (failed) throw failed.reason
  }

  try {
    for (const folder of ['prometheus', 'scrape']) mkdirSync(join(dir, folder))
    const scrape = scrapeYaml({
      interval: options.scrapeInterval ?? '1s',
      prometheus: `${HOST}:${ports.prometheus}`,
      nodeExporter: parts.has('node_exporter') ? addresses.instance : undefined,
      pushgateway: parts.has('pushgateway') ? `${HOST}:${ports.pushgateway}` : undefined,
      hosts: options.hosts ?? {},
    })
    const alertmanager = parts.has('alertmanager') ? `${HOST}:${ports.alertmanager}` : undefined
    writeFileSync(join(dir, 'scrape.yml'), scrape)
    writeFileSync(join(dir, 'rules.yml'), rulesYaml(options.alerts ?? []))
    writeFileSync(join(dir, 'prometheus.yml'), prometheusYaml(scrape, alertmanager))
    writeFileSync(join(dir, 'alertmanager.yml'), alertmanagerYaml(options.webhookUrl))
    execFileSync('promtool', ['check', 'config', 'prometheus.yml'], { cwd: dir, stdio: 'pipe' })
    await options.seed?.(join(dir, 'prometheus'))

    const since = Date.now() / 1000
    for (const part of parts) await launch(part)
    await launch('prometheus')
    await samplesSince(since, addresses.prometheusUrl)
    if (parts.has('victoria_metrics')) await samplesSince(since, addresses.victoriaMetricsUrl)
  } catch (error) {
    await stop()
    throw error
  }

  const fresh = (since: number) => samplesSince(since, addresses.prometheusUrl)
  return {
    ...addresses,
    prometheus: server('prometheus', fresh),
    nodeExporter: server('node_exporter', fresh),
    fresh: () => fresh(Date.now() / 1000),
    stop,
  }
}

/**
 * Has a running lab's Prometheus scrape one more target (`honor_labels: true`, as for Homeostat itself). Prometheus
 * watches the folder; it takes a new target after about 5 s. Undo by calling the answer.
 */
export function addScrapeTarget(lab: Pick<LabAddresses, 'dir'>, job: string, address: string): () => void {
  const file = join(lab.dir, 'scrape', `${job}.json`)
  writeFileSync(file, JSON.stringify([{ targets: [address], labels: { job } }]))
  return () => rmSync(file, { force: true })
}
