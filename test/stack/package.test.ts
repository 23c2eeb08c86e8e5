import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../support/deadline.ts'
import { layOutRuntime } from '../support/image-base.ts'
import { freePort } from '../support/ports.ts'
import { type OwnProcess, startProcess } from '../support/process.ts'
import { startSystemd } from '../support/systemd.ts'

const ROOT = join(import.meta.dirname, '../..')
/** What a user has who has nothing of this checkout, but the Node.js that the tests run on. */
const env = { ...process.env, PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin` }

interface Packed {
  readonly filename: string
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string }[]
}

let directory: string
let folder: string
let packed: Packed

const npm = (args: readonly string[], cwd: string) =>
  execFileSync('npm', args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 170_000 }).toString()
const npx = (...args: string[]) => npm(['exec', '--offline', '--no', '--', ...args], folder)

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'homeostat-package-'))
  folder = join(directory, 'empty')
  mkdirSync(folder)
  const answer = JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', directory], ROOT))
  // npm 12 answers by name, older ones with a list.
  packed = Object.values(answer)[0] as Packed
  const [kB, unpacked] = [packed.size, packed.unpackedSize].map((bytes) => Math.round(bytes / 1000))
  console.info(`${packed.filename} has ${kB} kB, ${unpacked} kB unpacked, in ${packed.files.length} files`)
  npm(['install', '--no-audit', '--no-fund', join(directory, packed.filename)], folder)
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

describe('the npm package', () => {
  it('holds the program with its dashboard, rules and documents, without tests and source maps, in at most 3 MB', () => {
    const paths = packed.files.map(({ path }) => path)

    expect(packed.size).toBeLessThan(3_000_000)
    expect(paths).toEqual(
      expect.arrayContaining(['dist/main.js', 'dist/ui/index.html', 'rules/hosts.yaml', 'docs/README.md', 'LICENSE']),
    )
    expect(
      paths.filter((path) => /\.map$|\.test\.[jt]sx?$|\/testing\/|^dist\/\.|^(src|test|node_modules)\//.test(path)),
    ).toEqual([])
  })

  it('may be published, and says which Node.js it needs', () => {
    const manifest = JSON.parse(readFileSync(join(folder, 'node_modules/homeostat/package.json'), 'utf8'))

    expect(manifest).toMatchObject({ bin: { homeostat: 'dist/main.js' }, engines: { node: '>=22.14' } })
    expect(manifest.private).toBeUndefined()
    expect(['node', 'react', 'typescript'].filter((name) => existsSync(join(folder, 'node_modules', name)))).toEqual([])
  })

  it('brings the command homeostat into an empty folder', () => {
    const config = 'node_modules/homeostat/config/homeostat.yaml'

    expect(npx('homeostat', '--help')).toContain('check-config')
    expect(npx('homeostat', 'check-config', config)).toContain(`${config}: good`)
  })

  it('runs there, with metrics and the dashboard', async () => {
    const address = `127.0.0.1:${await freePort()}`
    const options = ['--web.listen-address', address, '--data-dir', join(directory, 'data')]
    const program = join(folder, 'node_modules/.bin/homeostat')
    const logFile = join(directory, 'log')
    const own: OwnProcess = await startProcess('homeostat', [program, 'run', ...options], { cwd: folder, logFile, env })
    try {
      const get = (path: string) => fetch(`http://${address}${path}`, { signal: AbortSignal.timeout(5_000) })
      const ready = async () => (await get('/-/ready')).ok
      await until(ready, { what: 'ready', withinMs: 30_000, explain: own.logTail })
      const page = await (await get('/')).text()
      const assets = [...page.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, path]) => path)

      expect(await (await get('/metrics')).text()).toContain('homeostat_build_info{')
      expect(assets.length).toBeGreaterThan(1)
      expect(await Promise.all(assets.map(async (path) => (await get(`/${path}`)).status))).toEqual(
        assets.map(() => 200),
      )
    } finally {
      await own.stop()
    }
  })
})

describe('the service of deploy/systemd, with the package, on a real systemd', () => {
  /** A root with Debian's C library, this Node.js, the package as npm installs it for all, a user and a configuration. */
  function layOutHost(): string {
    const root = join(directory, 'host')
    layOutRuntime(root)
    copyFileSync(process.execPath, join(root, 'usr/bin/node'))
    copyFileSync('/bin/busybox', join(root, 'usr/bin/env'))
    cpSync(join(folder, 'node_modules'), join(root, 'usr/lib/node_modules'), { recursive: true })
    symlinkSync('../lib/node_modules/homeostat/dist/main.js', join(root, 'usr/bin/homeostat'))
    mkdirSync(join(root, 'etc/homeostat'))
    writeFileSync(join(root, 'etc/homeostat/homeostat.yaml'), 'interval: 1s\n')
    const people = 'root:x:0:0:root:/root:/bin/sh\nhomeostat:x:999:999::/var/lib/homeostat:/usr/sbin/nologin\n'
    writeFileSync(join(root, 'etc/passwd'), people)
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\nhomeostat:x:999:\n')
    // There these are folders with what systemd itself needs.
    for (const name of ['bin', 'dev', 'lib', 'lib64', 'proc', 'run', 'sbin', 'sys', 'tmp']) {
      rmSync(join(root, name), { recursive: true, force: true })
    }
    mkdirSync(join(root, 'bin'))
    copyFileSync('/bin/busybox', join(root, 'bin/kill'))
    return root
  }

  it('runs without any right, keeps its state, takes a new configuration, and stops when it is told to', async () => {
    const name = 'homeostat.service'
    const lab = await startSystemd({ [name]: readFileSync(join(ROOT, 'deploy/systemd', name), 'utf8') })
    try {
      const within = (script: string) => lab.run('/usr/bin/node', '--input-type=module', '--eval', script)
      const ask = (path: string) => within(`console.log(await (await fetch('http://127.0.0.1:9797${path}')).text())`)
      const read = (path: string) => within(`console.log((await import('node:fs')).readFileSync('${path}', 'utf8'))`)
      lab.put(layOutHost())
      lab.control('start', name)
      await until(() => ask('/-/ready').includes('is ready'), { what: 'ready', withinMs: 30_000, everyMs: 500 })

      const status = read(`/proc/${lab.show(name, 'MainPID')}/status`)
      lab.control('reload', name)
      const reloaded = () => ask('/metrics').includes('homeostat_config_last_reload_successful 1')
      await until(reloaded, { what: 'a reload', withinMs: 10_000, everyMs: 500 })
      const kept = within("console.log((await import('node:fs')).readdirSync('/var/lib/homeostat').join(' '))")
      lab.control('stop', name)

      expect(status).toMatch(/^Uid:\t999\t999\t999\t999$/m)
      expect(status).toMatch(/^CapBnd:\t0+$/m)
      expect(status).toMatch(/^NoNewPrivs:\t1$/m)
      expect(status).toMatch(/^Seccomp:\t2$/m)
      expect(kept).toContain('homeostat.db')
      expect([lab.show(name, 'Result'), lab.show(name, 'NRestarts')]).toEqual(['success', '0'])
    } finally {
      await lab.stop()
    }
  })
})
