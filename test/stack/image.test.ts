import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ComposeStack, startComposeStack } from '../support/compose-stack.ts'
import { until } from '../support/deadline.ts'
import { type DockerLab, startDocker } from '../support/docker.ts'
import { addBuildTools, IMAGE_SETTINGS, layOutRuntime } from '../support/image-base.ts'

const ROOT = join(import.meta.dirname, '../..')
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
/** The name that docker-compose.yml gives it. */
const IMAGE = `homeostat:${version}`
/** What docker-compose.yml and the manifests ask for as well. */
const HARDENED = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--network', 'none']
const VOLUME = ['-v', 'homeostat-data:/var/lib/homeostat']

let lab: DockerLab
let directory: string

/** Starts the image's own command. */
const start = (name: string) =>
  lab.docker('run', '-d', '--name', name, ...HARDENED, ...VOLUME, '--health-interval', '1s', IMAGE)

/** What a module that runs within the image prints. */
const within = (name: string, script: string) =>
  lab.docker('exec', name, 'node', '--input-type=module', '--eval', script)

const ask = (name: string, path: string, method = 'GET') =>
  within(
    name,
    `const answer = await fetch('http://127.0.0.1:9797${path}', { method: '${method}' }); console.log(await answer.text())`,
  )

const untilHealthy = (name: string) =>
  until(() => lab.show(name, '{{.State.Health.Status}}') === 'healthy', {
    what: `${name} healthy`,
    withinMs: 60_000,
    everyMs: 250,
    explain: () => lab.docker('logs', name),
  })

beforeAll(async () => {
  lab = await startDocker()
  directory = mkdtempSync(join(tmpdir(), 'homeostat-image-'))
  importBases(join(directory, 'root'))
  const bases = ['--build-arg', 'BUILD_IMAGE=base/build', '--build-arg', 'BASE_IMAGE=base/runtime']
  const from = performance.now()
  lab.docker('build', '--quiet', '--network', 'host', ...bases, '-t', IMAGE, ROOT)
  const seconds = ((performance.now() - from) / 1000).toFixed(0)
  console.info(`the image was built in ${seconds} s and has ${(size() / 1e6).toFixed(0)} MB, base included`)
}, 480_000)

afterAll(async () => {
  await lab?.stop()
  rmSync(directory, { recursive: true, force: true })
})

/** Debian's packages stand for the images of the registries: the bases are arguments of the build. */
function importBases(root: string): void {
  const load = (name: keyof typeof IMAGE_SETTINGS) => {
    const settings = IMAGE_SETTINGS[name].map((setting) => `--change '${setting}'`).join(' ')
    const into = `docker -H unix://${lab.socketPath} import ${settings} - base/${name}`
    execFileSync('sh', ['-c', `tar -C ${root} -c . | ${into}`])
  }
  layOutRuntime(root)
  load('runtime')
  addBuildTools(root)
  load('build')
}

const size = () => Number(lab.docker('image', 'inspect', '-f', '{{.Size}}', IMAGE))

describe('the image', () => {
  it('has at most 250 MB', () => {
    expect(size()).toBeLessThanOrEqual(250_000_000)
  })

  it('holds what the program needs to run, and neither what it was built with nor what only people read', () => {
    const script = `
      import { globSync } from 'node:fs'
      console.log(JSON.stringify(globSync(['node_modules/{node,typescript,vitest,vite,react,playwright-core}', '**/*.{map,d.ts}', 'src', 'test'])))`

    const left = lab.docker(
      'run',
      '--rm',
      ...HARDENED,
      '--entrypoint',
      'node',
      IMAGE,
      '--input-type=module',
      '-e',
      script,
    )

    expect(JSON.parse(left)).toEqual([])
  })

  it('has machine code in one library alone, of which there is one for arm64 as well', () => {
    const script = `
      import { globSync } from 'node:fs'
      console.log(JSON.stringify(globSync('**/*.{node,so,bare,dylib,dll}')))`

    const native = lab.docker('run', '--rm', '--entrypoint', 'node', IMAGE, '--input-type=module', '-e', script)

    expect(JSON.parse(native)).toEqual([`node_modules/better-sqlite3/prebuilds/linux-${process.arch}.node`])
    expect(readdirSync(join(ROOT, 'node_modules/better-sqlite3/prebuilds'))).toEqual(
      expect.arrayContaining(['linux-x64.node', 'linux-arm64.node']),
    )
  })

  it('is homeostat, with its commands', () => {
    expect(lab.docker('run', '--rm', ...HARDENED, IMAGE, '--help')).toContain('check-config')
  })
})

describe('a container of it, read-only and without capabilities', () => {
  it('runs as nobody in particular, is found healthy, shows metrics, and ends within seconds', async () => {
    start('first')
    await untilHealthy('first')

    const people = within('first', 'console.log(process.getuid(), process.getgid())')
    const metrics = ask('first', '/metrics')
    const from = performance.now()
    lab.docker('stop', '-t', '30', 'first')
    const seconds = (performance.now() - from) / 1000

    expect(people).toBe('65532 65532')
    expect(metrics).toContain('homeostat_build_info{')
    expect(lab.show('first', '{{.State.ExitCode}}')).toBe('0')
    expect(seconds).toBeLessThan(8)
  })

  it('finds in its volume what another one left there', async () => {
    start('before')
    await untilHealthy('before')
    expect(ask('before', '/api/v1/freeze')).toContain('"frozen":false')
    ask('before', '/api/v1/freeze', 'POST')
    lab.docker('rm', '-f', 'before')

    start('after')
    await untilHealthy('after')

    expect(ask('after', '/api/v1/freeze')).toContain('"frozen":true')
  })
})

it('docker-compose finds nothing wrong with docker-compose.yml, Grafana and all', () => {
  const listed = execFileSync('docker-compose', ['--profile', 'simulator', 'config', '--services'], { cwd: ROOT })

  expect(listed.toString().trim().split('\n')).toEqual(expect.arrayContaining(['homeostat', 'grafana', 'simulator']))
})

describe('the services of docker-compose.yml, brought up by it', () => {
  let stack: ComposeStack
  /** An answer of one of them, asked from within the container of Homeostat. */
  const get = (url: string, init = '{}') => stack.within(`console.log(await (await fetch('${url}', ${init})).text())`)
  const query = (expression: string) => {
    const url = `http://prometheus:9090/api/v1/query?query=${encodeURIComponent(expression)}`
    const { data } = JSON.parse(get(url)) as {
      data: { result: { metric: Record<string, string>; value: [number, string] }[] }
    }
    return data.result
  }
  const within = { withinMs: 60_000, everyMs: 500 }

  beforeAll(() => {
    stack = startComposeStack(lab)
  }, 180_000)
  afterAll(() => stack?.stop())

  it('all become healthy', async () => {
    const sick = () => Object.entries(stack.health()).filter(([, health]) => health !== 'healthy')

    await until(() => sick().length === 0, { what: 'all healthy', explain: () => JSON.stringify(sick()), ...within })

    expect(Object.keys(stack.health()).sort()).toEqual(
      ['alertmanager', 'homeostat', 'node-exporter', 'prometheus', 'pushgateway', 'simulator'].sort(),
    )
  })

  it('Prometheus scrapes all of them, and the scores keep the names of their targets', async () => {
    const jobs = ['alertmanager', 'homeostat', 'node', 'prometheus', 'pushgateway']
    const levels = () => query('anomaly_level').map(({ metric }) => `${metric['instance']}@${metric['job']}`)

    await until(() => Number(query('count(up == 1)')[0]?.value[1]) === jobs.length, { what: 'all up', ...within })
    await until(() => levels().includes('node-exporter:9100@node') && levels().includes('checkout@push'), {
      what: 'levels of a host and of a simulated service in Prometheus',
      explain: () => `${levels().join(', ')}\n${stack.logs('homeostat')}`,
      ...within,
    })

    expect(
      query('up')
        .map(({ metric }) => metric['job'])
        .sort(),
    ).toEqual(jobs)
  })

  it('an alert goes through Alertmanager to Homeostat by the token that was made for both', async () => {
    const labels = { alertname: 'CheckoutSlow', job: 'shop', instance: 'shop-1', severity: 'warning' }
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify([{ labels }]) }
    const accepted = /homeostat_webhook_requests_total\{source="alertmanager",result="accepted"\} [1-9]/

    get('http://alertmanager:9093/api/v2/alerts', JSON.stringify(init))
    await until(() => accepted.test(get('http://127.0.0.1:9797/metrics')), { what: 'the alert', ...within })

    const headers =
      "{ headers: { authorization: 'Bearer ' + (await import('node:fs')).readFileSync('/run/secrets/homeostat-token/homeostat-token', 'utf8') } }"
    expect(get('http://127.0.0.1:9797/api/v1/incidents', headers)).toContain('shop-1')
    expect(get('http://127.0.0.1:9797/api/v1/incidents')).toContain('unauthorized')
  })
})
