import { Command } from 'commander'
import { type ConfigOptions, requireConfig, withConfigOptions } from './configuration.ts'

export const checkConfigCommand = () =>
  withConfigOptions(new Command('check-config'))
    .description('Check a configuration file and say everything that is wrong with it.')
    .argument('[file]', 'the same as --config')
    .action((file: string | undefined, options: ConfigOptions) => {
      const checked = requireConfig({ ...options, config: file ?? options.config })
      process.stdout.write(`${checked.file ?? 'built-in defaults'}: good, source ${checked.config.source.type}\n`)
    })
