import type { Labels, Slot } from '../slot.ts'

/** One command that may be run, as configured. */
export interface ExecCommand {
  readonly name: string
  /** `actions.exec.commands[0]` */
  readonly place: string
  /** Which targets it may be run for. */
  readonly matches: (labels: Labels) => boolean
  /** Program, as an absolute path, and its fixed arguments. */
  readonly argv: readonly string[]
  /** Each becomes one further argument, behind `--`. */
  readonly slots: readonly Slot[]
  readonly cwd: string
  /** All that the program finds in its environment, read when it is needed: a secret's file may change. */
  readonly env: () => Readonly<Record<string, string>>
  /** Which of the values in `env` are never shown. */
  readonly secretNames: readonly string[]
  readonly timeoutMs: number
}
