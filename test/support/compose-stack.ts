import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parse, stringify } from 'yaml'
import type { DockerLab } from './docker.ts'
import { layOutRuntime } from './image-base.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const NOBODY = 65534
const SHARED = '/usr/share/prometheus'
const MOUNTED = ['prometheus', 'alertmanager', 'deploy/compose']

/** Debian's program for each service, and the folder that its image has for what it writes. */
const STAND_INS = {
  prometheus: { program: 'prometheus', home: 'prometheus' },
  alertmanager: { program: 'prometheus-alertmanager', home: 'alertmanager' },
  'node-exporter': { program: 'prometheus-node-exporter', home: 'tmp' },
  pushgateway: { program: 'prometheus-pushgateway', home: 'pushgateway' },
} as const

interface Service {
  readonly image: string
  readonly ports?: unknown
  readonly build?: unknown
  readonly [key: string]: unknown
}

export interface ComposeStack {
  /** Services that run, by name, with what their health check says. */
  health(): Readonly<Record<string, string>>
  /** What a module prints that runs within the container of Homeostat. */
  within(script: string): string
  logs(service: string): string
  stop(): void
}

/**
 * Brings docker-compose.yml up, the image of Homeostat being there, with images made of Debian's programs under the names
 * of those that it wants. Grafana is left out: Debian has none. Nothing is changed but this: no port of this machine is
 * opened, what happens every 15 seconds happens every second, and the root of this machine is mounted as it is, because
 * on machines for tests it is often not shared.
 *
 * @throws {Error} what docker-compose says when a service does not start, or does not become healthy
 */
export function startComposeStack(lab: DockerLab): ComposeStack {
  const directory = mkdtempSync(join(tmpdir(), 'homeostat-compose-'))
  const compose = parse(faster(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8')), { merge: true }) as {
    services: Record<string, Service>
  }
  const { grafana: _, ...services } = compose.services
  for (const folder of MOUNTED) copyFaster(join(ROOT, folder), join(directory, folder))
  appendFileSync(join(directory, 'deploy/compose/homeostat.yaml'), '\ninterval: 1s\n')
  const inward = Object.entries(services).map(([name, { ports: _ports, build: _build, ...service }]) => {
    // Homeostat's own check is in its image.
    return [name, name === 'homeostat' ? { ...service, healthcheck: { interval: '1s' } } : service]
  })
  writeFileSync(
    join(directory, 'docker-compose.yml'),
    stringify({ ...compose, services: Object.fromEntries(inward) }, { version: '1.1' }),
  )
  for (const [name, stand] of Object.entries(STAND_INS)) importStandIn(lab, directory, services[name].image, stand)

  const run = (...args: string[]) => {
    const env = { ...process.env, DOCKER_HOST: `unix://${lab.socketPath}`, COMPOSE_PROJECT_NAME: 'stack' }
    return execFileSync('docker-compose', args, { cwd: directory, env, stdio: 'pipe', timeout: 170_000 }).toString()
  }
  function stop(): void {
    // The network too: its bridge would stay behind on this machine.
    run('down', '--volumes', '--timeout', '10')
    rmSync(directory, { recursive: true, force: true })
  }
  try {
    run('up', '--detach', 'homeostat', 'simulator', 'alertmanager', 'node-exporter')
  } catch (error) {
    stop()
    throw error
  }
  const container = (service: string) => run('ps', '--quiet', service).trim()
  const health = '{{.State.Health.Status}}'
  return {
    health: () =>
      Object.fromEntries(
        Object.keys(services)
          .filter((name) => name !== 'secrets')
          .map((name) => [name, lab.show(container(name), health)]),
      ),
    within: (script) => lab.docker('exec', container('homeostat'), 'node', '--input-type=module', '--eval', script),
    logs: (service) => run('logs', '--no-color', service),
    stop,
  }
}

const faster = (text: string) => text.replaceAll(/\b15s\b/g, '1s').replaceAll(':ro,rslave', ':ro')

function copyFaster(from: string, to: string): void {
  cpSync(from, to, { recursive: true })
  for (const file of readdirSync(to, { recursive: true, withFileTypes: true })) {
    const path = join(file.parentPath, file.name)
    if (file.isFile()) writeFileSync(path, faster(readFileSync(path, 'utf8')))
  }
}

interface StandIn {
  readonly program: string
  readonly home: string
}

function importStandIn(lab: DockerLab, directory: string, image: string, { program, home }: StandIn): void {
  const root = join(directory, `image-${program}`)
  layOutRuntime(root)
  copyFileSync(join('/usr/bin', program), join(root, 'usr/bin', program))
  copyFileSync('/bin/busybox', join(root, 'usr/bin/wget'))
  // Debian's Alertmanager reads templates that others have within.
  if (existsSync(SHARED)) cpSync(SHARED, join(root, SHARED), { recursive: true, dereference: true })
  mkdirSync(join(root, home), { recursive: true })
  chownSync(join(root, home), NOBODY, NOBODY)
  const settings = [`USER ${NOBODY}`, `ENTRYPOINT ["/usr/bin/${program}"]`, 'ENV PATH=/usr/bin']
  const changes = settings.map((setting) => `--change '${setting}'`).join(' ')
  const into = `docker -H unix://${lab.socketPath} import ${changes} - ${image}`
  execFileSync('sh', ['-c', `tar -C ${root} -c . | ${into}`], { stdio: 'pipe' })
  rmSync(root, { recursive: true, force: true })
}
