import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

/** scikit-learn in a process of its own, started once: importing it is not part of the time. */
export interface Kira {
  readonly version: string
  /** Scores so many readings; milliseconds. */
  score(readings: number): Promise<number>
  stop(): void
}

/** Undefined where Python or scikit-learn is not installed. */
export async function startKira(): Promise<Kira | undefined> {
  const script = new URL('kira.py', import.meta.url).pathname
  const python: ChildProcessByStdio<Writable, Readable, null> = spawn('/usr/bin/python3', [script], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const gone = new Promise<undefined>((resolve) => {
    for (const event of ['error', 'exit']) python.once(event, () => resolve(undefined))
  })
  const lines: Interface = createInterface({ input: python.stdout })
  const next = () =>
    new Promise<string>((resolve) => {
      lines.once('line', resolve)
    })
  const ready = await Promise.race([next(), gone])
  if (ready === undefined) return undefined
  return {
    version: ready.replace('ready ', ''),
    async score(readings) {
      const answer = next()
      python.stdin.write(`${readings}\n`)
      return Number(await answer)
    },
    stop: () => python.stdin.end(),
  }
}
