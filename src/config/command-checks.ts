import { basename, isAbsolute } from 'node:path'
import { finding } from './finding.ts'
import { selectorIsNarrow } from './narrow-selector.ts'
import type { Finding } from './problem.ts'
import type { ParsedConfig } from './schema.ts'

/** Programs that run what they are given as an argument: with one of them, a fixed program no longer says what is run. */
const SHELLS = /^((ba|da|z|k|a|c|tc|fi)?sh|busybox|env|xargs|nohup|setsid|script|find)$/
const INTERPRETERS = /^(python|perl|ruby|node|php|lua|awk|gawk|mawk|tclsh|deno|bun)[\d.]*$/
const CODE_FLAG = /^(-[A-Za-z]*[ceErR]|--eval|--print|-p|--command)$/

/** What the commands of the action `exec` get wrong. */
export function* commandsAreClear({ exec }: ParsedConfig['actions']): Iterable<Finding> {
  const names = exec.commands.map(({ name }) => name)
  for (const [i, { name, match, argv, cwd, env }] of exec.commands.entries()) {
    const path = `actions.exec.commands.${i}`
    if (names.indexOf(name) !== i) {
      yield finding(`${path}.name`, `${name} is the name of an earlier entry`, 'names must differ')
    }
    yield* selectorIsNarrow(match, path)
    yield* argvIsFixed(argv, `${path}.argv`)
    if (!isAbsolute(cwd)) yield finding(`${path}.cwd`, 'is not an absolute path', 'for example /')
    for (const variable of Object.keys(env)) {
      if (!/^(LD_|NODE_OPTIONS$|BASH_ENV$|ENV$)/.test(variable)) continue
      yield finding(`${path}.env.${variable}`, 'changes which code is run', 'remove it')
    }
  }
}

function* argvIsFixed(argv: readonly string[], path: string): Iterable<Finding> {
  const [program, ...args] = argv
  const name = basename(program)
  if (!isAbsolute(program)) {
    yield finding(`${path}.0`, 'is not an absolute path', 'PATH is not searched: write /usr/bin/NAME')
  }
  if (SHELLS.test(name) || (INTERPRETERS.test(name) && args.some((arg) => CODE_FLAG.test(arg)))) {
    yield finding(`${path}.0`, `${name} would run code`, 'put the code into a program of its own and name that')
  }
  for (const [i, arg] of argv.entries()) {
    if (arg.includes('\0')) yield finding(`${path}.${i}`, 'holds a NUL', 'remove it')
    if (/\{\{|\$\{/.test(arg)) {
      yield finding(`${path}.${i}`, 'looks like a template', 'nothing is put into arguments: use slots')
    }
  }
}
