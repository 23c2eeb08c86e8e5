import { challenge, contestRecord, type Ruling, withContest } from '../app/challenge.ts'
import { type FitWorker, openFitWorker } from '../app/fit-worker.ts'
import type { FitJob } from '../app/train-worker.ts'
import { jobFor, type Round, type TrainingUnit, unitsOf } from '../app/training-round.ts'
import { withTunedSizes, withTuning } from '../app/tuned-model.ts'
import type { TuningStore } from '../app/tuning-state.ts'
import type { ModelFile, ModelTuning } from '../domain/model-file.ts'
import { systemClock } from '../platform/clock.ts'
import type { ModelStore } from '../store/models/model-store.ts'
import type { OnEpoch } from '../train/autoencoder.ts'
import type { FitOptions } from '../train/fit-options.ts'
import type { HistorySession } from './history-session.ts'
import { createProgress, lossText, type Progress, progressLine } from './progress.ts'
import type { TrainedUnit } from './train-table.ts'
import { tuneUnit } from './tune.ts'

/** What a command trains with. */
export interface Fitting {
  readonly grouped: boolean
  readonly session: HistorySession
  /** End of the history that is read, ms since the epoch. */
  readonly at: number
  /** Where the layer sizes are searched for. */
  readonly tuner: TuningStore | undefined
  /** Whether a new model takes over whatever the contest says. */
  readonly force: boolean
}

/** What came of the units of a round. */
export interface UnitResults {
  readonly done: TrainedUnit[]
  /** By unit: what was searched for and found. */
  readonly tunings: Map<string, ModelTuning>
  /** By unit: who won, wherever a model was in force before. */
  readonly rulings: Map<string, Ruling>
  /** Why, by unit, where a model could not be fitted. */
  readonly failed: Map<string, string>
}

/** Why a model takes over that did not win. */
const FORCED = 'taken over by --force'

/** Trains a model for every unit of the round, lets it meet the one in force, and saves it when it takes over. */
export async function trainUnits(past: Round, fitting: Fitting, results: UnitResults): Promise<void> {
  const progress = createProgress()
  const worker = openFitWorker()
  const tunings = await tuningsOf(fitting.session.setup.store)
  try {
    const units = unitsOf(past, fitting.grouped)
    for (const [i, unit] of units.entries()) {
      const label = units.length === 1 ? unit.unit : `${i + 1}/${units.length} ${unit.unit}`
      try {
        await trainUnit({ unit, label, past, tuning: tunings.get(unit.unit) }, fitting, { worker, progress }, results)
      } catch (error) {
        // One model that cannot be fitted costs that one.
        results.failed.set(unit.unit, (error as Error).message)
      }
    }
  } finally {
    progress.clear()
    await worker.close()
  }
}

interface UnitToTrain {
  readonly unit: TrainingUnit
  readonly label: string
  readonly past: Round
  /** What an earlier search found. */
  readonly tuning: ModelTuning | undefined
}

async function trainUnit(
  { unit, label, past, tuning: known }: UnitToTrain,
  { session, at, tuner, force }: Fitting,
  { worker, progress }: { worker: FitWorker; progress: Progress },
  { done, tunings, rulings }: UnitResults,
): Promise<void> {
  const { options, store, contests } = session.setup
  const jobWith = (fit: FitOptions): FitJob => jobFor(unit, past, fit, systemClock.now())
  const tuning = tuner ? await tuneUnit(jobWith(options.fit), at, tuner, progress) : known
  if (tuner && tuning !== undefined) tunings.set(unit.unit, tuning)
  const job = jobWith(withTunedSizes(options.fit, tuning))
  const ruling = await meet(job, session, worker, () => progress.show(`${label}  contest with the model in force`))
  const record = (decided: Ruling) =>
    contests.append(contestRecord(decided, { at: systemClock.now(), unit: unit.unit, by: 'train' }))
  if (ruling?.takesOver === false && !force) {
    rulings.set(unit.unit, ruling)
    if (ruling.figures !== undefined) await record(ruling)
    const extended = await withNewcomers(job, session, worker)
    if (extended !== undefined) done.push({ file: extended, version: await store.save(extended) })
    return
  }
  const onEpoch: OnEpoch = (epoch, epochs, training, validation) =>
    progress.show(progressLine(label, epoch, epochs, lossText(training, validation)))
  const fitted = await worker.fit(job, onEpoch)
  const file = withContest(withTuning(fitted, tuning, options.fit), ruling?.figures)
  done.push({ file, version: await store.save(file) })
  if (ruling === undefined) return
  const reasons = [ruling.takesOver ? undefined : FORCED, ruling.reason].filter((reason) => reason !== undefined)
  const decided = { ...ruling, takesOver: true, reason: reasons.length > 0 ? reasons.join('; ') : undefined }
  rulings.set(unit.unit, decided)
  await record(decided)
}

/** The contest that the daemon holds before a new model takes over; none where there is no model yet. */
async function meet(
  job: FitJob,
  { setup }: HistorySession,
  worker: FitWorker,
  onContest: () => void,
): Promise<Ruling | undefined> {
  const stored = await setup.store.load(job.origin.unit)
  if (stored === undefined) return undefined
  return challenge(stored, job, setup.options, (contest) => {
    onContest()
    return worker.contest(contest)
  })
}

/** A group's model that stays takes in the targets that it does not know yet, as in the daemon. */
async function withNewcomers(
  job: FitJob,
  { setup }: HistorySession,
  worker: FitWorker,
): Promise<ModelFile | undefined> {
  const stored = await setup.store.load(job.origin.unit)
  if (stored === undefined || 'problem' in stored) return undefined
  const sets = new Map([...job.sets].filter(([id]) => !stored.file.card.targets.includes(id)))
  return sets.size === 0 ? undefined : worker.extend({ ...job, sets, group: stored.file })
}

/** What earlier searches found, by unit: as in the daemon, later trainings keep to it. */
async function tuningsOf(store: ModelStore): Promise<ReadonlyMap<string, ModelTuning>> {
  const cards = (await store.newest()).flatMap((stored) => ('file' in stored ? [stored.file.card] : []))
  return new Map(cards.flatMap(({ unit, tuning }) => (tuning === undefined ? [] : [[unit, tuning] as const])))
}
