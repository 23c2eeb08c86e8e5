import { Command } from 'commander'
import { type ContestFigures, contestRecord } from '../app/challenge.ts'
import { systemClock } from '../platform/clock.ts'
import type { StoredModel } from '../store/models/model-store.ts'
import { type ConfigOptions, withConfigOptions } from './configuration.ts'
import { UsageError } from './exit.ts'
import { chooseModel, listModels, openModels, type ReadableModel } from './model-choice.ts'

interface RollbackOptions extends ConfigOptions {
  readonly to?: number
}

export const modelRollbackCommand = () =>
  withConfigOptions(new Command('rollback'))
    .description('Make an older version the newest again, by saving it once more. Nothing is removed by hand.')
    .argument('<unit>', 'a target such as web-1:9100@node, or group:JOB')
    .option('--to <version>', 'the version to go back to; without it the one before the newest', Number)
    .action(async (unit: string, options: RollbackOptions) => {
      const { store, contests } = openModels(options)
      const own = (await listModels(store)).filter((stored) => stored.unit === unit)
      const chosen = options.to === undefined ? previous(own, unit) : chooseModel(own, `${unit}/${options.to}`)
      // As of now: the age of a model decides when it is trained anew, and what was rolled back to shall stay a while.
      const at = systemClock.now()
      const card = { ...chosen.file.card, created_at: new Date(at).toISOString(), restored_from: chosen.version }
      const version = await store.save({ ...chosen.file, card })
      const newest = own.at(-1)!
      const champion = `${unit}/${newest.version}`
      const figures = formerContest(newest, chosen)
      const known = figures ? 'the figures are those of the contest between the two' : 'the two never met in a contest'
      const ruling = { takesOver: true, champion, figures, reason: undefined }
      const reason = `version ${chosen.version} was restored by hand; ${known}`
      await contests.append(contestRecord(ruling, { at, unit, by: 'rollback', reason }))
      process.stdout.write(
        `${unit}/${version} is version ${chosen.version} again; a running daemon takes it up at its next reload\n`,
      )
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

/** When the newest once took over from the one that is restored, how both did then, seen from the other side. */
function formerContest(newest: StoredModel, chosen: ReadableModel): ContestFigures | undefined {
  const contest = 'file' in newest ? newest.file.card.contest : undefined
  const champion = `${chosen.unit}/${chosen.version}`
  if (contest === undefined || contest.champion !== champion) return undefined
  const { champion_loss, challenger_loss, rows } = contest
  return {
    champion: `${newest.unit}/${newest.version}`,
    champion_loss: challenger_loss,
    challenger_loss: champion_loss,
    rows,
  }
}
