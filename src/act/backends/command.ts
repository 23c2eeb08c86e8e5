import { spawn } from 'node:child_process'
import { EffectError } from '../../pipeline/effects.ts'
import { stopReason } from '../deadline.ts'

export interface Command {
  /** Program and arguments; never seen by a shell. */
  readonly argv: readonly string[]
  readonly cwd: string
  /** All that the program finds in its environment. */
  readonly env: Readonly<Record<string, string>>
}

export interface CommandResult {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined
  readonly killedBy?: string
  /** Standard output and error, each cut at 64 kB. */
  readonly stdout: string
  readonly stderr: string
}

/** @throws {EffectError} when it did not start (happened `no`), or was stopped (happened `unknown`) */
export type RunCommand = (command: Command, signal: AbortSignal) => Promise<CommandResult>

export const MAX_OUTPUT_BYTES = 64 * 1024

/** Each piece that goes by is garbage: V8 by itself would let 80 MB of it pile up while a program prints 1 GB. */
const COLLECT_EVERY_BYTES = 4 * 1024 * 1024

/** Time to end by itself after SIGTERM; ms. */
const TERM_MS = 1_000

/** Time in which the last output arrives once the program has ended; a grandchild may hold the pipes open for ever. */
const DRAIN_MS = 200

/**
 * Runs a program in a process group of its own. When stopped, the group gets SIGTERM and, a second later, SIGKILL;
 * what is left of the group when the program itself has ended is killed too.
 */
export const runCommand: RunCommand = ({ argv, cwd, env }, signal) => {
  const [program, ...args] = argv
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new EffectError(stopReason(signal), 'no', `${program}: stopped before it began`))
    const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    const stdout = collect(child.stdout)
    const stderr = collect(child.stderr)
    let timer: NodeJS.Timeout | undefined

    const signalGroup = (name: NodeJS.Signals) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, name)
      } catch {
        // Nobody is left in the group.
      }
    }
    const stop = () => {
      signalGroup('SIGTERM')
      timer = setTimeout(() => signalGroup('SIGKILL'), TERM_MS)
    }
    signal.addEventListener('abort', stop, { once: true })

    const settle = (conclude: () => void) => {
      clearTimeout(timer)
      child.stdout.destroy()
      child.stderr.destroy()
      conclude()
    }
    child.once('error', (cause: NodeJS.ErrnoException) => settle(() => reject(notStarted(program, cause))))
    child.once('exit', (code, killedBy) => {
      const wasStopped = signal.aborted
      signal.removeEventListener('abort', stop)
      signalGroup('SIGKILL')
      clearTimeout(timer)
      const result = () => ({
        exitCode: code ?? undefined,
        killedBy: killedBy ?? undefined,
        stdout: stdout(),
        stderr: stderr(),
      })
      const finish = () => settle(() => (wasStopped ? reject(stopped(program, signal)) : resolve(result())))
      timer = setTimeout(finish, DRAIN_MS)
      child.once('close', finish)
    })
  })
}

/** Keeps the first 64 kB and lets the rest go by, so that a program that prints for ever does not stand still. */
function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = []
  let bytes = 0
  let goneBy = 0
  stream.on('data', (chunk: Buffer) => {
    if (bytes < MAX_OUTPUT_BYTES) {
      // A copy: a piece of a chunk would keep all of it in memory.
      chunks.push(Buffer.from(chunk.subarray(0, MAX_OUTPUT_BYTES - bytes)))
    } else {
      goneBy += chunk.length
      if (goneBy >= COLLECT_EVERY_BYTES) {
        goneBy = 0
        // There where the process was started with it, as the daemon starts itself.
        globalThis.gc?.({ type: 'minor' })
      }
    }
    bytes += chunk.length
  })
  return () => Buffer.concat(chunks).toString('utf8')
}

function notStarted(program: string, cause: NodeJS.ErrnoException): EffectError {
  switch (cause.code) {
    case 'ENOENT':
      return new EffectError('not_found', 'no', `${program} or its working directory does not exist`)
    case 'EACCES':
    case 'EPERM':
      return new EffectError('unauthorized', 'no', `${program} may not be run by this user`)
    default:
      return new EffectError('unavailable', 'no', `${program} could not be started: ${cause.code ?? cause.message}`)
  }
}

function stopped(program: string, signal: AbortSignal): EffectError {
  const reason = stopReason(signal)
  const why = reason === 'timeout' ? 'took too long' : 'was stopped'
  return new EffectError(reason, 'unknown', `${program} ${why}; its processes were killed`)
}
