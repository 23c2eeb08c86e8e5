import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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
}, 300_000)

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

describe('beside the services of docker-compose.yml', () => {
  it('it finds the secrets that were made for it, asks for its token, and they stay the same', async () => {
    const compose = ['--project-name', 'stack', '-f', join(ROOT, 'docker-compose.yml')]
    const env = { ...process.env, DOCKER_HOST: `unix://${lab.socketPath}` }
    const make = () => execFileSync('docker-compose', [...compose, 'run', '--rm', 'secrets'], { env, stdio: 'pipe' })
    const names = ['homeostat-token', 'alerts-token', 'grafana-hmac']
    const volumes = names.flatMap((name) => ['-v', `stack_${name}:/run/secrets/${name}:ro`])
    const config = ['-v', `${join(ROOT, 'deploy/compose')}:/etc/homeostat:ro`]
    const settings = [...HARDENED, ...volumes, ...config, '--health-interval', '1s']

    make()
    lab.docker(
      'run',
      '-d',
      '--name',
      'composed',
      ...settings,
      IMAGE,
      'run',
      '--config',
      '/etc/homeostat/homeostat.yaml',
    )
    await untilHealthy('composed')
    const token = () =>
      within(
        'composed',
        "console.log(process.getBuiltinModule('fs').readFileSync('/run/secrets/homeostat-token/homeostat-token', 'utf8'))",
      )
    const first = token()
    make()

    const status = within(
      'composed',
      `const ask = (headers) => fetch('http://127.0.0.1:9797/api/v1/targets', { headers })
       const answers = [await ask({}), await ask({ authorization: 'Bearer ${first}' })]
       console.log(answers.map(({ status }) => status).join(' '))`,
    )
    expect(first).toMatch(/^[\w-]{43}$/)
    expect(token()).toBe(first)
    expect(status).toBe('401 200')
  })
})
