import { Command, CommanderError } from 'commander'
import { checkConfigCommand } from './check-config.ts'
import { datasetCommand } from './dataset.ts'
import { evaluateCommand } from './evaluate.ts'
import { type Exit, UsageError } from './exit.ts'
import { modelCommand } from './model.ts'
import { runCommand } from './run.ts'
import { sendTestNotificationCommand } from './send-test-notification.ts'
import { simulateCommand } from './simulate.ts'
import { testRulesCommand } from './test-rules.ts'
import { trainCommand } from './train.ts'
import { version } from './version.ts'

/** The commands, in the order in which `--help` shows them. A new one is one file and one line. */
const COMMANDS = [
  runCommand,
  trainCommand,
  evaluateCommand,
  datasetCommand,
  modelCommand,
  checkConfigCommand,
  testRulesCommand,
  sendTestNotificationCommand,
  simulateCommand,
]

/** The program with all its commands and their options. */
export function createProgram(): Command {
  const program = new Command('homeostat')
    .description(
      'Watches hosts and services under Prometheus, explains what is wrong, puts it right within guards, and tells people.',
    )
    .version(version)
    .configureOutput({ outputError: (text, write) => write(usageLine(text)) })
    .exitOverride()
  for (const command of COMMANDS) program.addCommand(inheriting(command(), program))
  return program
}

/**
 * Runs one command line.
 *
 * @param argv arguments after the program's name
 * @returns 0 when it went well, 1 when it failed, 2 on wrong usage or configuration
 */
export async function runCommandLine(argv: readonly string[]): Promise<Exit> {
  try {
    await createProgram().parseAsync(argv, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    process.stderr.write(`homeostat: ${error instanceof Error ? error.message : String(error)}\n`)
    return error instanceof UsageError ? 2 : 1
  }
}

/** What commander finds wrong, in the words and on the one line of all other errors. */
function usageLine(text: string): string {
  const said = text
    .trim()
    .replace(/^error: /, '')
    .replaceAll(/\s*\n\s*/g, ' ')
  return `homeostat: ${said} (--help lists what there is)\n`
}

/** Gives a command, and the commands below it, what was settled for its parent: how errors and help go. */
function inheriting(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent)
  for (const below of command.commands) inheriting(below, command)
  return command
}
