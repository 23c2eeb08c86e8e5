import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CommandResult, runCommand } from '../support/daemon.ts'
import { freePort } from '../support/ports.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'homeostat-cli-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function file(name: string, text: string): string {
  const path = join(dir, name)
  writeFileSync(path, text)
  return path
}

/** What a person reads of it, without stack traces: there must be none. */
function said({ stdout, stderr }: CommandResult): string {
  const all = stdout + stderr
  expect(all).not.toMatch(/^\s+at .*\(.*:\d+:\d+\)/m)
  return all
}

describe('usage', () => {
  it('refuses an unknown command with exit code 2', async () => {
    const result = await runCommand(['rnu'])

    expect(result.code).toBe(2)
    expect(said(result)).toMatch(/rnu/)
  })

  it('refuses an unknown flag with exit code 2', async () => {
    const result = await runCommand(['run', '--conifg', 'a.yaml'])

    expect(result.code).toBe(2)
    expect(said(result)).toMatch(/--conifg/)
  })

  it.each(['run', 'train', 'evaluate', 'check-config', 'model', 'test-rules', 'send-test-notification', 'simulate'])(
    'explains %s by --help',
    async (command) => {
      const result = await runCommand([command, '--help'])

      expect(result.code).toBe(0)
      expect(result.stdout).toContain(`homeostat ${command}`)
    },
  )
})

describe('a wrong configuration', () => {
  const WRONG = [
    'interval: 15',
    'source:',
    '  type: promethues',
    'threshold:',
    '  alarms_per_dya: 1',
    'log:',
    '  level: loud',
    '',
  ].join('\n')

  it.each(['run', 'check-config'])('%s lists all problems by file, line and path, and exits 2', async (command) => {
    const config = file('wrong.yaml', WRONG)
    const flag = ['--config', config]

    const result = await runCommand([command, ...flag])

    expect(result.code).toBe(2)
    const text = said(result)
    expect(text).toMatch(/wrong\.yaml:1:.*interval/)
    expect(text).toMatch(/wrong\.yaml:3:.*source\.type/)
    expect(text).toMatch(/wrong\.yaml:5:.*alarms_per_dya/)
    expect(text).toMatch(/wrong\.yaml:7:.*log\.level/)
  })

  it('names a file that is not there', async () => {
    const result = await runCommand(['run', '--config', join(dir, 'none.yaml')])

    expect(result.code).toBe(2)
    expect(said(result)).toContain('none.yaml')
  })

  it('accepts a good one', async () => {
    const result = await runCommand(['check-config', '--config', file('good.yaml', 'interval: 5s\n')])

    expect(result.code).toBe(0)
  })
})

describe('test-rules', () => {
  const RULES = 'rules: [{ name: hot, priority: 1, when: cpu_busy > 90, action: alert, severity: high }]'
  const test = (rule: string) =>
    `rule_files: [rules.yaml]\ntests: [{ name: heat, features: { cpu_busy: 95 }, expect: { rule: ${rule} } }]`

  it('exits 0 when all is as expected', async () => {
    file('rules.yaml', RULES)

    const result = await runCommand(['test-rules', file('good.test.yaml', test('hot'))])

    expect(result.code).toBe(0)
    expect(result.stdout).toContain('good.test.yaml: 1 of 1 tests good')
  })

  it('exits 1 and shows each difference with its place', async () => {
    file('rules.yaml', RULES)

    const result = await runCommand(['test-rules', file('bad.test.yaml', test('cold'))])

    expect(result.code).toBe(1)
    expect(said(result)).toMatch(/bad\.test\.yaml:2:67: heat: rule: got hot, expected cold/)
    expect(said(result)).toContain('1 of 1 tests failed')
  })

  it('exits 2 when rules are wrong', async () => {
    file('rules.yaml', RULES.replace('cpu_busy', 'cpu_bussy'))

    const result = await runCommand(['test-rules', file('broken.test.yaml', test('hot'))])

    expect(result.code).toBe(2)
    expect(said(result)).toMatch(
      /rules\.yaml:1:41: rules\[0\]\.when: cpu_bussy is not known \(did you mean cpu_busy\?\)/,
    )
  })

  it('finds the built-in rules good wherever it runs', async () => {
    const shipped = new URL('../../rules/tests/hosts.yaml', import.meta.url).pathname

    const result = await runCommand(['test-rules', shipped])

    expect(result.code).toBe(0)
  })
})

describe('a start that cannot succeed ends at once, in one line', () => {
  it('a port that is taken', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
    try {
      const result = await runCommand(['run', '--web.listen-address', address, '--data-dir', join(dir, 'port')])

      expect(result.code).toBe(1)
      expect(said(result)).toContain(address)
      expect(said(result)).toMatch(/in use|taken/)
      expect(result.tookMs).toBeLessThan(10_000)
    } finally {
      server.close()
    }
  })

  it('a data directory that cannot be written', async () => {
    // Below a regular file: that stops root too, whom permissions do not.
    const dataDir = join(file('a-file', ''), 'data')
    const address = `127.0.0.1:${await freePort()}`

    const result = await runCommand(['run', '--web.listen-address', address, '--data-dir', dataDir])

    expect([1, 2]).toContain(result.code)
    expect(said(result)).toContain(dataDir)
    expect(result.tookMs).toBeLessThan(10_000)
  })
})
