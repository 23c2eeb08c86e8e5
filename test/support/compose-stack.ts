import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { type Daemon, startDaemon } from './daemon.ts'
import { freePort } from './ports.ts'
import { type OwnProcess, startProcess } from './process.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const PROGRAMS = {
  prometheus: 'prometheus',
  alertmanager: 'prometheus-alertmanager',
  'node-exporter': 'prometheus-node-exporter',
  pushgateway: 'prometheus-pushgateway',
} as const

type Name = keyof typeof PROGRAMS

interface Service {
  readonly command: readonly string[]
  readonly volumes: readonly string[]
}

export interface ComposeStack {
  readonly urls: Readonly<Record<Name, string>>
  readonly daemon: Daemon
  readonly token: string
  stop(): Promise<void>
}

/**
 * The services of docker-compose.yml without containers: Debian's programs with its commands and with its files, and the
 * built daemon with its configuration. Names of hosts and places of files become those of this machine, and 15 seconds
 * one; everything else is as it stands there. Grafana is left out: Debian has none.
 */
export async function startComposeStack(): Promise<ComposeStack> {
  const { services } = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
    services: Record<Name, Service>
  }
  const dir = mkdtempSync(join(tmpdir(), 'homeostat-compose-'))
  const names = Object.keys(PROGRAMS) as Name[]
  const addresses = new Map<string, string>()
  for (const name of names) addresses.set(name, `127.0.0.1:${await freePort()}`)
  const local = (text: string) => {
    const placed = text.replaceAll(/\/run\/secrets\/(?:[\w-]+\/)?([\w-]+)/g, join(dir, 'secrets/$1'))
    return placed
      .replaceAll(/\b(prometheus|alertmanager|node-exporter|pushgateway|homeostat):\d{4}\b/g, (_, name) => {
        return addresses.get(name) ?? ''
      })
      .replaceAll('localhost:9090', addresses.get('prometheus') ?? '')
      .replaceAll(/\b15s\b/g, '1s')
  }
  const running: OwnProcess[] = []
  let daemon: Daemon | undefined
  async function stop(): Promise<void> {
    await Promise.all([daemon?.stop(), ...running.map((own) => own.stop())])
    rmSync(dir, { recursive: true, force: true })
  }

  try {
    mkdirSync(join(dir, 'secrets'))
    for (const name of ['homeostat-token', 'alerts-token', 'grafana-hmac']) {
      writeFileSync(join(dir, 'secrets', name), `the-${name}-of-this-test`)
    }
    const config = parse(local(readFileSync(join(ROOT, 'deploy/compose/homeostat.yaml'), 'utf8')))
    delete config.web.listen_address
    daemon = await startDaemon({ config: { ...config, interval: '1s' } })
    addresses.set('homeostat', daemon.address)
    for (const name of names) {
      running.push(await startService(name, services[name], { dir, local, address: addresses.get(name) ?? '' }))
    }
  } catch (error) {
    await stop()
    throw error
  }
  const urls = Object.fromEntries(names.map((name) => [name, `http://${addresses.get(name)}`])) as Record<Name, string>
  return { urls, daemon, token: 'the-homeostat-token-of-this-test', stop }
}

interface Place {
  readonly dir: string
  readonly address: string
  readonly local: (text: string) => string
}

async function startService(name: Name, { command, volumes }: Service, place: Place): Promise<OwnProcess> {
  const { dir, address, local } = place
  const home = join(dir, name)
  mkdirSync(home)
  const mounts = volumes.map((volume) => volume.split(':')).filter(([from]) => from.startsWith('./'))
  for (const [from] of mounts) {
    cpSync(join(ROOT, from), join(home, from), { recursive: true })
    for (const file of readdirSync(join(home, from), { recursive: true, withFileTypes: true })) {
      const path = join(file.parentPath, file.name)
      if (file.isFile()) writeFileSync(path, local(readFileSync(path, 'utf8')))
    }
  }
  // Places that the container would have: mounted folders as above, all others are the service's own.
  const placed = command.map((part) => {
    const mount = mounts.find(([, to]) => part.includes(`=${to}/`))
    if (mount) return part.replace(mount[1], join(home, mount[0]))
    return part.replace(/=\/(prometheus|alertmanager|pushgateway)/, `=${home}/$1`).replace('=/host', '=/')
  })
  const options = [...placed.map((part) => part.replaceAll('$$', '$')), `--web.listen-address=${address}`]
  if (name === 'node-exporter') options.push('--no-collector.systemd')
  return startProcess(name, [PROGRAMS[name], ...options, '--log.level=warn'], { cwd: home, logFile: join(home, 'log') })
}
