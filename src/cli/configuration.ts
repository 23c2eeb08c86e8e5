import type { Command } from 'commander'
import { featureChecks } from '../app/feature-checks.ts'
import { notificationChecks } from '../app/notification-checks.ts'
import { receiverSchemas } from '../app/registry.ts'
import { ruleChecks } from '../app/rule-checks.ts'
import { type ConfigResult, loadConfig } from '../config/load.ts'
import { formatProblem, type Problem } from '../config/problem.ts'
import type { Config } from '../config/resolve.ts'
import type { ConfigFlags } from '../config/settings.ts'
import { systemEnvironment } from '../platform/environment.ts'
import { UsageError } from './exit.ts'

/** Adds the options by which every command finds its configuration. */
export function withConfigOptions(command: Command): Command {
  return command
    .option('--config <file>', 'configuration file (YAML); without it the built-in defaults hold')
    .option('--data-dir <dir>', 'directory for what must survive a restart')
    .option('--log-level <level>', 'debug, info, warn or error')
}

/** What commander makes of the options above. */
export interface ConfigOptions {
  readonly config?: string
  readonly dataDir?: string
  readonly logLevel?: string
  readonly 'web.listenAddress'?: string
}

export function readConfig(options: ConfigOptions): ConfigResult {
  const flags: ConfigFlags = {
    config: options.config,
    'data-dir': options.dataDir,
    'log-level': options.logLevel,
    'web.listen-address': options['web.listenAddress'],
  }
  const { variables, readFile } = systemEnvironment
  return loadConfig({
    flags,
    env: variables,
    readFile,
    checks: [...featureChecks, ruleChecks(readFile), ...notificationChecks],
    receivers: receiverSchemas,
  })
}

/** @throws {UsageError} listing all problems */
export function requireConfig(options: ConfigOptions): { config: Config; file: string | undefined } {
  const result = readConfig(options)
  if (!result.ok) throw new UsageError(listProblems(result.problems))
  return result
}

export function listProblems(problems: readonly Problem[]): string {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`
  return [`the configuration has ${count}:`, ...problems.map((problem) => `  ${formatProblem(problem)}`)].join('\n')
}
