import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Daemon, runCommand, startDaemon } from '../support/daemon.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const documents = ['README.md', ...readdirSync(new URL('../../docs', import.meta.url)).map((name) => `docs/${name}`)]
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ name, text: read(name) }))

describe('what the documents say of a running daemon', () => {
  let daemon: Daemon

  beforeAll(async () => {
    daemon = await startDaemon({ config: { source: { type: 'local' } } })
    await daemon.ready()
  })
  afterAll(async () => {
    await daemon?.stop()
  })

  it('docs/metrics.md has the series of /metrics, all of them and no others, with their types', async () => {
    await fetch(`${daemon.url}/-/healthy`)

    const shown = [...(await daemon.metricsText()).matchAll(/^# TYPE (\S+) (\w+)$/gm)]
    const written = [...read('docs/metrics.md').matchAll(/^\| `(\w+)` \| (\w+) \|/gm)]

    const pairs = (rows: RegExpExecArray[]) => rows.map(([, name, type]) => `${name} ${type}`).sort()
    expect(pairs(written)).toEqual(pairs(shown))
  })

  it('what README asks of it with curl is answered', async () => {
    const asked = [...read('README.md').matchAll(/curl -s http:\/\/127\.0\.0\.1:9797(\/\S+)/g)].map(([, path]) => path)

    const answers = await Promise.all(asked.map(async (path) => (await fetch(`${daemon.url}${path}`)).status))

    expect(asked.length).toBeGreaterThan(3)
    expect(answers).toEqual(asked.map(() => 200))
  })

  it('every path of the API that they name is there', async () => {
    // What stands under `query` is asked of Prometheus.
    const named = /\/api\/v1\/(?!query)[a-z]+(?:\.json)?(?:\/(?:[a-z]+|\{id\}|ID))*/g
    const paths = documents.flatMap(({ text }) => text.match(named) ?? [])
    const status = async (path: string) =>
      (await fetch(`${daemon.url}${path.replaceAll(/\{id\}|ID/g, 'x')}`, { method: 'PATCH' })).status

    const missing = []
    for (const path of new Set(paths)) if ((await status(path)) !== 405) missing.push(path)

    expect(missing).toEqual([])
    expect(await status('/api/v1/none')).toBe(404)
  })
})

describe('docs/cli.md', () => {
  const sections = new Map(
    [...read('docs/cli.md').matchAll(/^## ([a-z-]+)\n([\s\S]*?)(?=^## |$(?![\s\S]))/gm)].map(([, name, text]) => [
      name,
      text,
    ]),
  )
  const optionsIn = (help: string) => [...help.matchAll(/^ {2}(--[\w.-]+)/gm)].map(([, option]) => option)
  const COMMON = ['--config', '--data-dir', '--log-level']

  it('has a section for each command, and no others', async () => {
    const { stdout } = await runCommand(['--help'])
    const commands = [...stdout.matchAll(/^ {2}([a-z][a-z-]+) /gm)].map(([, command]) => command)

    expect([...sections.keys()].sort()).toEqual(commands.filter((command) => command !== 'help').sort())
  })

  it.each([...sections])('names the options of %s', async (command, text) => {
    const { stdout } = await runCommand([command, '--help'])

    const options = optionsIn(stdout).filter((option) => !COMMON.includes(option))

    expect(options.filter((option) => !text.includes(option))).toEqual([])
  })
})
