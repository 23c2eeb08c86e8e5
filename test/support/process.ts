import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, closeSync, openSync, readFileSync } from 'node:fs'
import { until } from './deadline.ts'

/** A process of ours. It is told by pid and start time, so that a recycled pid is never taken for it. */
export interface OwnProcess {
  readonly name: string
  readonly pid: number
  readonly child: ChildProcess
  readonly logFile: string
  isAlive(): boolean
  /** @returns false when the process is gone already */
  signal(signal: NodeJS.Signals): boolean
  /** SIGTERM (after SIGCONT, for one that was paused), SIGKILL when it has not gone in time. */
  stop(withinMs?: number): Promise<void>
  /** The end of the log, for a failure's message. */
  logTail(): string
}

/** Start time of a process in clock ticks since boot: field 22 of /proc/PID/stat; undefined when it is gone or a zombie. */
export function startStamp(pid: number): string | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

/**
 * Starts a program with its output in a file. Where `HOMEOSTAT_TEST_PIDS` names a file, pid and start time are noted
 * there too, so that whoever runs the tests can stop what a killed test run left behind.
 */
export async function startProcess(
  name: string,
  command: readonly string[],
  options: { cwd: string; logFile: string; env?: NodeJS.ProcessEnv },
): Promise<OwnProcess> {
  const log = openSync(options.logFile, 'a')
  const [program, ...args] = command
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject))
  const pid = child.pid!
  const stamp = startStamp(pid)
  const ledger = process.env.HOMEOSTAT_TEST_PIDS
  if (ledger && stamp) appendFileSync(ledger, `${pid} ${stamp} ${name}\n`)

  const isAlive = () => stamp !== undefined && startStamp(pid) === stamp
  const signal = (wanted: NodeJS.Signals) => isAlive() && process.kill(pid, wanted)
  const logTail = () => readFileSync(options.logFile, 'utf8').split('\n').slice(-25).join('\n')

  async function stop(withinMs = 10_000): Promise<void> {
    signal('SIGTERM')
    signal('SIGCONT')
    const gone = () => !isAlive()
    try {
      await until(gone, { what: `${name} stopped by SIGTERM`, withinMs, everyMs: 20 })
    } catch {
      signal('SIGKILL')
      await until(gone, { what: `${name} stopped by SIGKILL`, withinMs: 5000, everyMs: 20 })
    }
  }

  return { name, pid, child, logFile: options.logFile, isAlive, signal, stop, logTail }
}
