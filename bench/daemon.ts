import { spawn } from 'node:child_process'
import { openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const EVERY_MS = 200

/** The daemon as it is installed, a process of its own. */
export interface RunningDaemon {
  readonly url: string
  /** The value of a line of `/metrics`, by name and labels as they stand there; NaN where there is none. */
  metric(line: string): Promise<number>
  /** Asks again and again; throws with its log when the daemon has ended. */
  until<T>(ask: () => Promise<T> | T): Promise<Exclude<T, undefined | false>>
  stop(): Promise<void>
}

/** @param directory for its files; @param config YAML, with `web.listen_address` on port 0 */
export async function startDaemon(directory: string, config: string): Promise<RunningDaemon> {
  const file = join(directory, 'bench.yaml')
  writeFileSync(file, config)
  const log = join(directory, 'log')
  const output = openSync(log, 'a')
  const child = spawn(process.execPath, [MAIN, 'run', '--config', file], { stdio: ['ignore', output, output] })
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
  })
  const until: RunningDaemon['until'] = async <T>(ask: () => Promise<T> | T) => {
    while (child.exitCode === null) {
      const answer = await ask()
      if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
    }
    throw new Error(`the daemon ended:\n${readFileSync(log, 'utf8')}`)
  }
  const url = await until(() => /"url":"(http:[^"]+)"/.exec(readFileSync(log, 'utf8'))?.[1])
  return {
    url,
    until,
    async metric(line) {
      const text = await (await fetch(`${url}/metrics`)).text()
      const found = text.split('\n').find((each) => each.startsWith(`${line} `))
      return found === undefined ? Number.NaN : Number(found.slice(line.length + 1))
    },
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}
