import { loadKernel } from '../app/kernel.ts'
import type { FitJob } from '../app/train-worker.ts'
import { withTunedSizes } from '../app/tuned-model.ts'
import type { TuningState, TuningStore } from '../app/tuning-state.ts'
import type { ModelTrial, ModelTuning } from '../domain/model-file.ts'
import { createRandom, seedFor } from '../domain/random.ts'
import { systemClock } from '../platform/clock.ts'
import type { FitOptions } from '../train/fit-options.ts'
import { fingerprintOf } from '../train/model-codec.ts'
import { bestTrial, drawTrials, meanLoss, validationLoss } from '../train/tune.ts'
import { lossText, type Progress, progressLine } from './progress.ts'

const TRIALS = 10
const RUNS = 2

/**
 * Searches at random for the sizes of a unit's network: 10 networks, each trained twice, the best by mean validation
 * loss. Every run is noted, and a search that was broken off goes on after the last one.
 *
 * @param at end of the history that the job's rows were read from, ms since the epoch
 */
export async function tuneUnit(job: FitJob, at: number, store: TuningStore, progress: Progress): Promise<ModelTuning> {
  const { unit } = job.origin
  const mark = markOf(job)
  let state = (await store.load(unit, mark)) ?? {
    unit,
    mark,
    at,
    trials: drawTrials(TRIALS, createRandom(job.options.seed)),
  }
  for (const [i, trial] of state.trials.entries()) {
    for (let run = trial.validation_losses.length; run < RUNS; run++) {
      const label = `${unit} trial ${i + 1}/${TRIALS} run ${run + 1}/${RUNS} [${trial.hidden}] ${trial.learning_rate}`
      state = withLoss(state, i, runOnce(job, trial, run, label, progress))
      await store.save(state)
    }
  }
  const trials = [...state.trials].sort((a, b) => meanLoss(a) - meanLoss(b))
  return { finished_at: new Date(systemClock.now()).toISOString(), trials, chosen: bestTrial(trials) }
}

function runOnce(job: FitJob, trial: ModelTrial, run: number, label: string, progress: Progress): number {
  const sets = job.teachers.map((id) => job.sets.get(id)!)
  const sized = withTunedSizes(job.options, { finished_at: '', trials: [trial], chosen: trial })
  const options: FitOptions = { ...sized, start: seedFor(job.options.seed, `run ${run}`) }
  return validationLoss(sets, options, loadKernel(), (epoch, epochs, training, validation) =>
    progress.show(progressLine(label, epoch, epochs, lossText(training, validation))),
  )
}

function withLoss(state: TuningState, place: number, loss: number): TuningState {
  const trials = state.trials.map((trial, i) =>
    i === place ? { ...trial, validation_losses: [...trial.validation_losses, loss] } : trial,
  )
  return { ...state, trials }
}

/** Everything that a run's loss depends on, beside the sizes that are tried. */
function markOf({ sets, options, origin, teachers }: FitJob): string {
  const { fromMs, toMs, stepMs } = origin
  const names = sets.get(teachers[0])!.names
  const { training, validation, seed } = options
  return JSON.stringify([fingerprintOf(names, options), training, validation, seed, fromMs, toMs, stepMs, teachers])
}
