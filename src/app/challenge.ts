import type { ModelCard, ModelFile } from '../domain/model-file.ts'
import type { ContestRecord } from '../store/models/contest-log.ts'
import type { StoredModel } from '../store/models/model-store.ts'
import { type Contest, challengerWins, heldBackFrom } from '../train/contest.ts'
import type { FitOptions } from '../train/fit-options.ts'
import { fingerprintOf } from '../train/model-codec.ts'
import { spanOfData } from './model-registry.ts'
import type { ContestJob, FitJob } from './train-worker.ts'

/** Both losses on the rows that judged, as on cards and in the log. */
export type ContestFigures = NonNullable<ModelCard['contest']>

/** Whether a new model takes over from the one in force. */
export interface Ruling {
  readonly takesOver: boolean
  /** `<unit>/<version>` of the model in force. */
  readonly champion: string
  /** None where both could not be judged on the same rows. */
  readonly figures: ContestFigures | undefined
  /** What decided in place of figures. */
  readonly reason: string | undefined
}

export interface ChallengeRules {
  /** The configuration's, without what a search for sizes found. */
  readonly fit: FitOptions
  /** Share by which a new model must be better than the one in force. */
  readonly margin: number
}

/**
 * Lets the model in force and a new one compete on the newest rows. One that cannot be used, and one with half the
 * history, gives way without: there is nothing that both could be judged on.
 *
 * @param hold judges both; called only where there are rows to judge on
 */
export async function challenge(
  stored: StoredModel,
  job: FitJob,
  rules: ChallengeRules,
  hold: (job: ContestJob) => Promise<Contest>,
): Promise<Ruling> {
  const champion = `${job.origin.unit}/${stored.version}`
  const without = (takesOver: boolean, reason: string): Ruling => ({ takesOver, champion, figures: undefined, reason })
  if ('problem' in stored) return without(true, UNREADABLE)
  const { card } = stored.file
  if (isForeign(card, rules.fit)) return without(true, FOREIGN)
  if (spanOfData(card) < (job.origin.toMs - job.origin.fromMs) / 2) {
    return without(true, 'the new model has twice the history')
  }
  const judges = job.teachers.map((id) => job.sets.get(id)!)
  const heldFrom = heldBackFrom(judges, Date.parse(card.data.to))
  if (heldFrom === undefined) return without(false, 'too few rows are newer than the model in force')
  const contest = await hold({ ...job, champion: stored.file, heldFrom })
  const { championLoss, challengerLoss, rows } = contest
  if (!Number.isFinite(championLoss) || !Number.isFinite(challengerLoss)) {
    return without(false, 'the two have no target in common')
  }
  const figures = { champion, champion_loss: championLoss, challenger_loss: challengerLoss, rows }
  return { takesOver: challengerWins(contest, rules.margin), champion, figures, reason: undefined }
}

/** For a model on disk that is not in use: a new one takes its place without a contest. */
export function unused(stored: StoredModel, unit: string, fit: FitOptions): Ruling {
  const unusable = 'problem' in stored ? UNREADABLE : isForeign(stored.file.card, fit) ? FOREIGN : undefined
  const reason = unusable ?? 'the model before was not in use'
  return { takesOver: true, champion: `${unit}/${stored.version}`, figures: undefined, reason }
}

const UNREADABLE = 'the model before cannot be read'
const FOREIGN = 'the model before is of another configuration'

function isForeign({ features, fingerprint }: ModelCard, fit: FitOptions): boolean {
  return fingerprint !== fingerprintOf(features, fit)
}

/** @param reason in place of the ruling's own, where somebody decided otherwise */
export function contestRecord(
  { takesOver, champion, figures, reason: own }: Ruling,
  { at, unit, by, reason = own }: { at: number; unit: string; by: ContestRecord['by']; reason?: string },
): ContestRecord {
  return {
    at: new Date(at).toISOString(),
    unit,
    champion,
    champion_loss: figures?.champion_loss ?? null,
    challenger_loss: figures?.challenger_loss ?? null,
    rows: figures?.rows ?? 0,
    taken_over: takesOver,
    by,
    reason: reason ?? null,
  }
}

/** A new model's card says whom it took over from. */
export function withContest(file: ModelFile, figures: ContestFigures | undefined): ModelFile {
  return figures === undefined ? file : { ...file, card: { ...file.card, contest: figures } }
}
