import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The job of targets that exist in alerts only, and of their group. */
export const JOB = 'chaos'

/** A place for one run: a program whose only effect is one more line in a file, a rule that runs it, a configuration. */
export interface Place {
  readonly dir: string
  /** The targets' instances, one for each time that something was done about them, in that order. */
  effects(): string[]
  /** A configuration under which alerts of the job `chaos` are acted on at once; later keys replace earlier ones. */
  config(changes?: Readonly<Record<string, unknown>>): Record<string, unknown>
  remove(): void
}

export interface PlaceOptions {
  /** How long the program takes before its effect, and after it, seconds. */
  readonly slowness?: { readonly before: number; readonly after: number }
  /** Kill of the program, and so of its effect, after so long. */
  readonly timeout?: string
  /** Further keys of the rule, in YAML's flow style. */
  readonly verification?: string
}

/** Guards that let pass what they should keep out of a busy production, so that only the ledger is left to count on. */
const GUARDS = {
  clean_cycles: 1,
  soak: 1,
  rates: ['10000 in 1m'],
  concurrency: { group: 500, all: 500 },
  self_stop: 1000,
}

export function makePlace({ slowness, timeout = '20s', verification }: PlaceOptions = {}): Place {
  const dir = mkdtempSync(join(tmpdir(), 'homeostat-chaos-'))
  const [program, file, rules] = ['append', 'effects', 'rules.yaml'].map((name) => join(dir, name))
  const sleep = (seconds: number | undefined) => (seconds ? `sleep ${seconds}\n` : '')
  const line = `printf '%s\\n' "$3" >>"$1"\n`
  writeFileSync(program, `#!/bin/sh\n${sleep(slowness?.before)}${line}${sleep(slowness?.after)}`, { mode: 0o755 })
  appendFileSync(file, '')
  writeFileSync(
    rules,
    `rules:
  - name: append
    priority: 1
    when: '"Broken" in alerts'
    action: exec
    parameters: { command: append }
    severity: high
    verification: ${verification ?? '{ after: 0s, within: 2m }'}
`,
  )
  const slot = { label: 'instance', pattern: '[a-z0-9-]{1,64}' }
  const command = { name: 'append', match: '{instance=~"[a-z].*"}', argv: [program, file], slots: [slot], timeout }
  return {
    dir,
    effects: () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []),
    config: (changes = {}) => ({
      interval: '1s',
      source: { type: 'local' },
      features: { include: ['load1_per_core', 'memory_used_ratio'] },
      detect: { exhaustion: { resources: [] } },
      remediation: { mode: 'auto', rules: [rules], guards: GUARDS, groups: { sizes: { [JOB]: 1_000_000 } } },
      actions: { exec: { commands: [command] } },
      ...changes,
    }),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}
