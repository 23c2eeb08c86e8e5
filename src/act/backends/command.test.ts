import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { EffectError } from '../../pipeline/effects.ts'
import { MAX_OUTPUT_BYTES, runCommand } from './command.ts'

const directory = mkdtempSync(join(tmpdir(), 'homeostat-command-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const never = new AbortController().signal
const PATH = '/usr/bin:/bin'

/** Runs a script with the shell as its program: what is tested is how we treat the process, not what it is. */
function run(script: string, signal: AbortSignal = never, env: Record<string, string> = { PATH }) {
  return runCommand({ argv: ['/bin/sh', '-c', script], cwd: directory, env }, signal)
}

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** The process id that a script wrote down, once it has. */
async function pidIn(name: string): Promise<number> {
  return vi.waitFor(
    () => {
      const pid = Number(readFileSync(join(directory, name), 'utf8'))
      expect(pid).toBeGreaterThan(0)
      return pid
    },
    { timeout: 10_000, interval: 10 },
  )
}

describe('a command', () => {
  it('gets its arguments as they are: nothing is expanded, split or interpreted', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's variable, as text
    const hostile = ['; reboot', '`id`', '$(id)', '&& rm -rf /', '*', '${HOME}', 'two words', '']

    const result = await runCommand({ argv: ['/usr/bin/printf', '%s\\n', ...hostile], cwd: '/', env: {} }, never)

    expect(result.stdout.split('\n').slice(0, -1)).toEqual(hostile)
  })

  it('finds nothing of our own environment', async () => {
    const result = await runCommand({ argv: ['/usr/bin/env'], cwd: '/', env: { LANG: 'C' } }, never)

    expect(result.stdout).toBe('LANG=C\n')
  })

  it('stands in its working directory and reads an empty input', async () => {
    const result = await run('pwd; cat; echo end')

    expect(result).toMatchObject({ exitCode: 0, stdout: `${directory}\nend\n` })
  })

  it('reports its exit code and its complaint', async () => {
    expect(await run('echo no >&2; exit 3')).toMatchObject({ exitCode: 3, stderr: 'no\n' })
  })

  it('is told by the signal that ended it', async () => {
    expect(await run('kill -9 $$')).toMatchObject({ exitCode: undefined, killedBy: 'SIGKILL' })
  })

  it('that prints much more than it may is read to its end and cut', async () => {
    const result = await run('head -c 50000000 /dev/zero')

    expect(result.exitCode).toBe(0)
    expect(Buffer.byteLength(result.stdout)).toBe(MAX_OUTPUT_BYTES)
  })

  it.each([
    ['/no/such/program', 'not_found'],
    ['/etc/passwd', 'unauthorized'],
  ])('%s did not happen: %s', async (program, reason) => {
    const error = await errorOf(runCommand({ argv: [program], cwd: '/', env: {} }, never))

    expect(error).toBeInstanceOf(EffectError)
    expect(error).toMatchObject({ reason, happened: 'no' })
  })

  it('with a NUL in an argument never starts', async () => {
    const error = await errorOf(runCommand({ argv: ['/usr/bin/printf', 'a\0b'], cwd: '/', env: {} }, never))

    expect(error).toBeInstanceOf(Error)
  })
})

describe('a command that is stopped', () => {
  it('is killed though it ignores SIGTERM, and so is what it started', async () => {
    const stop = new AbortController()
    const script = join(directory, 'stubborn')
    writeFileSync(
      script,
      "trap '' TERM; sh -c \"trap '' TERM; echo \\$\\$ > grandchild; while :; do sleep 1; done\" & echo $$ > child; wait; while :; do sleep 1; done",
    )
    const running = errorOf(run(`. ${script}`, stop.signal))
    const pids = [await pidIn('child'), await pidIn('grandchild')]

    stop.abort(new EffectError('timeout', 'unknown', 'took too long'))
    const error = await running

    expect(error).toMatchObject({ reason: 'timeout', happened: 'unknown' })
    await vi.waitFor(() => expect(pids.map(isAlive)).toEqual([false, false]), { timeout: 5_000 })
  })

  it('leaves nothing behind that it started in the background', async () => {
    const result = await run('sleep 1000 & echo $! > background')

    expect(result.exitCode).toBe(0)
    const pid = await pidIn('background')
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 5_000 })
  })

  it('before it began never begins', async () => {
    const error = await errorOf(run('touch began', AbortSignal.abort()))

    expect(error).toMatchObject({ happened: 'no' })
    expect(() => readFileSync(join(directory, 'began'))).toThrow()
  })
})
