import { Command } from 'commander'
import { systemClock } from '../platform/clock.ts'
import type { StoredModel } from '../store/models/model-store.ts'
import { type ConfigOptions, withConfigOptions } from './configuration.ts'
import { UsageError } from './exit.ts'
import { chooseModel, listModels, openModels, type ReadableModel } from './model-choice.ts'
import { modelExportCommand } from './model-export.ts'
import { modelImportCommand } from './model-import.ts'
import { modelListJson, modelTable, modelText } from './model-text.ts'

interface JsonOptions extends ConfigOptions {
  readonly json?: boolean
}

export const modelCommand = () =>
  new Command('model')
    .description('Look at the models in the data directory, go back to an older one, take one elsewhere.')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(rollbackCommand())
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

const rollbackCommand = () =>
  withConfigOptions(new Command('rollback'))
    .description('Make an older version the newest again, by saving it once more. Nothing is removed by hand.')
    .argument('<unit>', 'a target such as web-1:9100@node, or group:JOB')
    .option('--to <version>', 'the version to go back to; without it the one before the newest', Number)
    .action(async (unit: string, options: ConfigOptions & { to?: number }) => {
      const { store } = openModels(options)
      const own = (await listModels(store)).filter((stored) => stored.unit === unit)
      const chosen = options.to === undefined ? previous(own, unit) : chooseModel(own, `${unit}/${options.to}`)
      // As of now: the age of a model decides when it is trained anew, and what was rolled back to shall stay a while.
      const created_at = new Date(systemClock.now()).toISOString()
      const card = { ...chosen.file.card, created_at, restored_from: chosen.version }
      const version = await store.save({ ...chosen.file, card })
      print(`${unit}/${version} is version ${chosen.version} again; a running daemon takes it up at its next reload`)
    })

/** The version before the one that the newest is a copy of, so that one can go further back step by step. */
function previous(own: readonly StoredModel[], unit: string): ReadableModel {
  const newest = own.at(-1)
  if (newest === undefined) throw new UsageError(`there is no model ${unit}`)
  const origin = 'file' in newest ? (newest.file.card.restored_from ?? newest.version) : newest.version
  const before = own.filter((stored): stored is ReadableModel => 'file' in stored && stored.version < origin).at(-1)
  if (before === undefined) throw new Error(`${unit} has no readable version before ${origin}`)
  return before
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
