import { z } from 'zod'
import { EffectError } from '../../pipeline/effects.ts'
import { defineAction, type Order } from '../action.ts'
import type { CommandResult } from '../backends/command.ts'
import { redact } from '../redact.ts'
import { fillSlot, shown } from '../slot.ts'
import type { ExecCommand } from './command.ts'

const parameters = z.strictObject({ command: z.string().min(1).max(64) })
type ExecParameters = z.output<typeof parameters>
type Ordered = Omit<Order<undefined, ExecParameters>, 'signal'>

/** Runs a command of `actions.exec.commands`, with label values as separate arguments behind `--`. */
export const exec = defineAction<ExecParameters>({
  name: 'exec',
  summary: 'runs a configured command',
  parameters,
  direct: {
    blastRadius: 'whatever the command touches',
    undo: 'none: configure a second command that takes the first one back',
    precondition: 'none of its own: the command must look for itself',
    success: 'exit code 0; whether it helped is for the verification to see',
    timeoutMs: 30_000,
    check: (order) => void argvOf(order),
    async prepare(order) {
      const { command, argv } = argvOf(order)
      return {
        call: `${argv.map(quoted).join(' ')} (in ${command.cwd})`,
        timeoutMs: command.timeoutMs,
        async run(signal) {
          const env = command.env()
          const secrets = command.secretNames.map((name) => env[name])
          const result = await order.world.runCommand({ argv, cwd: command.cwd, env }, signal)
          const said = lastLine(result)
          const message = `${command.name}: ${endOf(result)}${said === '' ? '' : `: ${redact(said, secrets)}`}`
          if (result.exitCode !== 0) throw new EffectError('rejected', 'unknown', message)
          return { message }
        },
      }
    },
  },
})

/** @throws {EffectError} `invalid` for an unknown command or a label that does not fit, `unmapped` for another target */
function argvOf({ parameters, labels, world }: Ordered): { command: ExecCommand; argv: readonly string[] } {
  const command = world.exec.find(({ name }) => name === parameters.command)
  if (command === undefined) {
    throw new EffectError('invalid', 'no', `actions.exec.commands has no command ${shown(parameters.command)}`)
  }
  if (!command.matches(labels)) {
    throw new EffectError('unmapped', 'no', `${command.place}: its match does not name this target`)
  }
  const values = command.slots.map((slot, i) => fillSlot(slot, labels, `${command.place}.slots[${i}]`))
  // Behind it no program that keeps to the convention takes an argument for an option.
  const separator = values.length === 0 || command.argv.at(-1) === '--' ? [] : ['--']
  return { command, argv: [...command.argv, ...separator, ...values] }
}

/** An argument as it can be told from its neighbours. */
function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : JSON.stringify(argument)
}

function endOf({ exitCode, killedBy }: CommandResult): string {
  return exitCode === undefined ? `ended by ${killedBy}` : `exit code ${exitCode}`
}

function lastLine({ stdout, stderr }: CommandResult): string {
  return (stderr.trim() || stdout.trim()).split('\n').at(-1)!.slice(0, 200)
}
