import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { receiverSchemas } from '../src/app/registry.ts'
import { loadConfig } from '../src/config/load.ts'

interface Service {
  readonly image: string
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean }
  readonly profiles?: readonly string[]
  readonly privileged?: boolean
  readonly cap_add?: readonly string[]
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, null>>
}

const ROOT = resolve(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const compose = parse(read('docker-compose.yml'), { merge: true }) as Compose
const services = Object.entries(compose.services).map(([name, service]) => ({ name, ...service }))
const mounts = services.flatMap(({ name, volumes = [] }) =>
  volumes.map((volume) => {
    const [from, to, options = ''] = volume.split(':')
    return { service: name, from, to, options }
  }),
)
const homeostat = () =>
  loadConfig({
    flags: { config: 'deploy/compose/homeostat.yaml' },
    env: {},
    readFile: read,
    receivers: receiverSchemas,
  })

describe('docker-compose.yml', () => {
  it('has the whole stack, and the simulator when it is asked for', () => {
    const always = services.filter(({ profiles }) => profiles === undefined).map(({ name }) => name)
    const asked = services.filter(({ profiles }) => profiles !== undefined).map(({ name }) => name)

    expect(always.sort()).toEqual(
      ['alertmanager', 'grafana', 'homeostat', 'node-exporter', 'prometheus', 'pushgateway', 'secrets'].sort(),
    )
    expect(asked).toEqual(['simulator'])
  })

  it.each(services)('$name has a version, cannot write to its image, and has no capabilities', (service) => {
    expect(service.image).toMatch(/:v?\d+\.\d+\.\d+$/)
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    })
    expect(service.privileged).toBeUndefined()
    expect(service.cap_add).toBeUndefined()
  })

  it('runs our own version', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string }

    const own = services.filter(({ image }) => image.startsWith('homeostat:'))

    expect(own.map(({ image }) => image)).toEqual(own.map(() => `homeostat:${version}`))
  })

  it.each(services.filter(({ name }) => name !== 'secrets'))('$name is looked after', ({ name, healthcheck }) => {
    // The image has a check of its own.
    if (name === 'homeostat') expect(read('Dockerfile')).toContain('\nHEALTHCHECK ')
    else expect(healthcheck?.test?.[0]).toBe('CMD')
  })

  it('opens ports to this machine alone', () => {
    const ports = services.flatMap((service) => service.ports ?? [])

    expect(ports.length).toBeGreaterThan(4)
    expect(ports.filter((port) => !/^127\.0\.0\.1:(\d+):\1$/.test(port))).toEqual([])
  })

  it('holds no password: each is a file, in a volume that only who needs it can read', () => {
    const secret = /password|secret|token/i
    const told = services.flatMap(({ environment = {} }) => Object.entries(environment))

    const spoken = told.filter(
      ([name, value]) => secret.test(name) && !name.endsWith('__FILE') && !/:-none}$/.test(value),
    )
    const readers = (volume: string) =>
      mounts.filter(({ from, service }) => from === volume && service !== 'secrets').map(({ service }) => service)

    expect(spoken).toEqual([])
    expect(
      Object.fromEntries(
        Object.keys(compose.volumes)
          .filter((name) => !name.endsWith('-data'))
          .map((name) => [name, readers(name)]),
      ),
    ).toEqual({
      'homeostat-token': ['homeostat', 'simulator'],
      'alerts-token': ['homeostat', 'alertmanager'],
      'grafana-hmac': ['homeostat', 'grafana'],
      'grafana-admin-password': ['grafana'],
    })
    const written = mounts.filter(({ to, service }) => to.startsWith('/run/') && service !== 'secrets')
    expect(written.filter(({ options }) => options !== 'ro')).toEqual([])
  })

  it('mounts what is there, and into nothing but volumes may be written', () => {
    const paths = mounts.filter(({ from }) => /^[./]/.test(from))
    const volumes = mounts.filter(({ from }) => !/^[./]/.test(from)).map(({ from }) => from)

    expect(paths.filter(({ from }) => !existsSync(join(ROOT, from)))).toEqual([])
    expect(paths.filter(({ options }) => !options.split(',').includes('ro'))).toEqual([])
    expect([...new Set(volumes)].sort()).toEqual(Object.keys(compose.volumes).sort())
  })
})

describe('deploy/compose/homeostat.yaml', () => {
  it('is good, and does nothing before its owner says so', () => {
    const result = homeostat()

    expect(result.ok && result.config.remediation.mode).toBe('observe')
  })

  it('names files that the services make, where they are mounted, and as the others name them', () => {
    const named = [...read('deploy/compose/homeostat.yaml').matchAll(/_file: (\/\S+?)[,\s]/g)].map(([, path]) => path)
    const made = /for \(const name of \[(.*)\]\)/.exec(compose.services['secrets'].command?.join('') ?? '')?.[1] ?? ''
    const files = [...made.matchAll(/'([\w-]+)'/g)].map(([, name]) => name)
    const seenBy = (service: string) =>
      mounts
        .filter((mount) => mount.service === service && files.includes(mount.from))
        .map(({ from, to }) => `${to}/${from}`)

    const asked = (folder: string) =>
      readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
        .flatMap((text) => [...text.replaceAll(/^\s*#.*$/gm, '').matchAll(/(\/run\/[\w/-]+)/g)].map(([, path]) => path))

    expect(named.sort()).toEqual(seenBy('homeostat').sort())
    expect(asked('alertmanager')).toEqual(seenBy('alertmanager'))
    expect(asked('grafana/provisioning')).toEqual(['/run/secrets/grafana-hmac'])
    expect(seenBy('grafana')).toEqual(['/run/secrets/grafana-hmac', '/run/grafana-admin/grafana-admin-password'])
  })
})
