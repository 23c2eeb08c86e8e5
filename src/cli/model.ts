import { Command } from 'commander'
import { type ConfigOptions, withConfigOptions } from './configuration.ts'
import { chooseModel, listModels, openModels } from './model-choice.ts'
import { modelExportCommand } from './model-export.ts'
import { modelImportCommand } from './model-import.ts'
import { modelRollbackCommand } from './model-rollback.ts'
import { modelListJson, modelTable, modelText } from './model-text.ts'

interface JsonOptions extends ConfigOptions {
  readonly json?: boolean
}

export const modelCommand = () =>
  new Command('model')
    .description(
      'Look at the models in the data directory, go back to an older one, export one, take in one made elsewhere.',
    )
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(modelRollbackCommand())
    .addCommand(modelExportCommand())
    .addCommand(modelImportCommand())

const listCommand = () =>
  withConfigOptions(new Command('list'))
    .description('List all versions of all models.')
    .option('--json', 'as JSON')
    .action(async (options: JsonOptions) => {
      const { store, dir } = openModels(options)
      const stored = await listModels(store)
      if (options.json) return print(JSON.stringify(modelListJson(stored), null, 2))
      print(stored.length === 0 ? `there are no models in ${dir} yet` : modelTable(stored))
    })

const showCommand = () =>
  withConfigOptions(new Command('show'))
    .description('Show the card of a model.')
    .argument('<model>', 'UNIT for its newest version, or UNIT/VERSION')
    .option('--json', 'the card as JSON')
    .action(async (name: string, options: JsonOptions) => {
      const { version, path, file } = chooseModel(await listModels(openModels(options).store), name)
      print(
        options.json ? JSON.stringify({ version, path, ...file.card }, null, 2) : modelText(version, path, file.card),
      )
    })

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
