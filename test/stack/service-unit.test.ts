import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from '../support/daemon.ts'

const FOLDER = join(import.meta.dirname, '../../deploy/systemd')
const UNIT = readFileSync(join(FOLDER, 'homeostat.service'), 'utf8')

let directory: string
let unit: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'homeostat-unit-'))
  unit = join(directory, 'homeostat.service')
  // A program that is installed here stands for ours.
  writeFileSync(unit, UNIT.replaceAll('/usr/bin/homeostat', '/bin/true'))
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

describe('deploy/systemd', () => {
  it('has a unit with which systemd finds nothing wrong', () => {
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' })

    expect(stderr.split('\n').filter((line) => line.includes('homeostat'))).toEqual([])
    expect(status).toBe(0)
  })

  it('leaves the service little to harm: an exposure of at most 2, of 10', () => {
    const options = ['security', '--offline=true', '--no-pager', '--threshold=20', unit]

    const { status, stdout } = spawnSync('systemd-analyze', options, { encoding: 'utf8' })

    console.info(/Overall exposure level for homeostat.service: [\d.]+/.exec(stdout)?.[0])
    expect(status).toBe(0)
  })

  it('gives the program options that it has', async () => {
    const commands = [...UNIT.matchAll(/^ExecStart(?:Pre)?=\/usr\/bin\/homeostat (\S+)(.*)$/gm)]

    const wrong = await Promise.all(
      commands.map(async ([, command, rest]) => {
        const { code, stdout } = await runCommand([command, '--help'])
        return code === 0 ? (rest.match(/--[\w.-]+/g) ?? []).filter((option) => !stdout.includes(option)) : [command]
      }),
    )

    expect(commands.map(([, command]) => command)).toEqual(['check-config', 'run'])
    expect(wrong.flat()).toEqual([])
  })

  it('makes the user that the unit runs as', () => {
    const file = join(directory, 'homeostat.conf')
    mkdirSync(join(directory, 'etc'))
    copyFileSync(join(FOLDER, 'homeostat.sysusers'), file)

    execFileSync('systemd-sysusers', ['--root', directory, file], { stdio: 'pipe' })

    const people = readFileSync(join(directory, 'etc/passwd'), 'utf8')
    expect(people).toMatch(/^homeostat:.*:\/var\/lib\/homeostat:\/usr\/sbin\/nologin$/m)
    expect(UNIT).toMatch(/^User=homeostat$/m)
  })
})
