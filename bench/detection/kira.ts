import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'

/** scikit-learn in a process of its own, started once: importing it is not part of the time. */
export interface Kira {
  readonly version: string
  /** Scores so many readings; milliseconds of the processor. */
  score(readings: number): Promise<number>
  stop(): void
}

/** It cannot be measured beside. */
export interface NoKira {
  /** Why, and what to install. */
  readonly missing: string
}

const HINT =
  'install it (apt-get install python3-sklearn, or pip install scikit-learn), or name a Python that has it in HOMEOSTAT_BENCH_PYTHON'

/** The first Python that has scikit-learn: the one that is named, that of the path, that of the system. */
export async function startKira(): Promise<Kira | NoKira> {
  const named = process.env['HOMEOSTAT_BENCH_PYTHON']
  const tried: string[] = []
  for (const python of named === undefined ? ['python3', '/usr/bin/python3'] : [named]) {
    const kira = await startWith(python)
    if (!('missing' in kira)) return kira
    tried.push(kira.missing)
  }
  return { missing: `scikit-learn cannot be used (${tried.join('; ')}): ${HINT}` }
}

async function startWith(name: string): Promise<Kira | NoKira> {
  const script = new URL('kira.py', import.meta.url).pathname
  const python: ChildProcessByStdio<Writable, Readable, Readable> = spawn(name, [script], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  // Of a program that is not there, nothing can be written to either.
  python.stdin.on('error', () => {})
  const lines: Interface = createInterface({ input: python.stdout })
  const said = text(python.stderr)
  const gone = new Promise<NoKira>((resolve) => {
    python.once('error', (error: NodeJS.ErrnoException) => resolve({ missing: `${name}: ${error.code}` }))
    python.once('exit', async () => {
      const lastLine = (await said).trim().split('\n').at(-1)
      resolve({ missing: `${name}: ${lastLine}` })
    })
  })
  const next = () =>
    new Promise<string>((resolve) => {
      lines.once('line', resolve)
    })
  const ready = await Promise.race([next(), gone])
  if (typeof ready !== 'string') return ready
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
