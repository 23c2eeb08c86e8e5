import { parentPort } from 'node:worker_threads'
import type { ModelFile } from '../domain/model-file.ts'
import type { TrainingSet } from '../domain/training-set.ts'
import { type Contest, contest } from '../train/contest.ts'
import { extendModel, fitModel } from '../train/fit.ts'
import type { FitOptions } from '../train/fit-options.ts'
import { type ModelOrigin, toModelFile, withTargets } from '../train/model-codec.ts'
import { loadKernel } from './kernel.ts'
import { openModel } from './network-file.ts'

/** One model to be fitted, away from the thread that ticks. */
export interface FitJob {
  readonly sets: ReadonlyMap<string, TrainingSet>
  readonly teachers: readonly string[]
  readonly options: FitOptions
  readonly origin: ModelOrigin
}

/** The model in use against a new one, on rows that neither has seen. */
export interface ContestJob extends FitJob {
  readonly champion: ModelFile
  /** Rows after this, ms since the epoch, judge both. */
  readonly heldFrom: number
}

/** Further targets for the model of a group. */
export interface ExtendJob extends FitJob {
  readonly group: ModelFile
}

export type FitAnswer =
  | {
      readonly kind: 'epoch'
      readonly epoch: number
      readonly epochs: number
      readonly training: number
      readonly validation: number
    }
  | { readonly kind: 'fitted'; readonly file: ModelFile }
  | { readonly kind: 'contested'; readonly contest: Contest }
  | { readonly kind: 'failed'; readonly message: string }

const kernel = loadKernel()

const answer = (message: FitAnswer) => parentPort?.postMessage(message)

parentPort?.on('message', (job: FitJob | ContestJob | ExtendJob) => {
  try {
    if ('champion' in job) holdContest(job)
    else if ('group' in job) extendGroup(job)
    else fitFor(job)
  } catch (error) {
    answer({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
  }
})

function fitFor({ sets, teachers, options, origin }: FitJob): void {
  const fitted = fitModel(
    sets,
    options,
    kernel,
    (epoch, epochs, training, validation) => answer({ kind: 'epoch', epoch, epochs, training, validation }),
    teachers,
  )
  answer({ kind: 'fitted', file: toModelFile(fitted, options, origin) })
  fitted.weights.autoencoder.dispose()
  fitted.weights.forecast.dispose()
}

function holdContest({ sets, teachers, options, champion, heldFrom }: ContestJob): void {
  const judged = new Map(teachers.map((id) => [id, sets.get(id)!]))
  const champions = openModel(champion, kernel)
  answer({ kind: 'contested', contest: contest(judged, champions, heldFrom, options, kernel) })
  const [any] = champions.values()
  any?.model.weights.autoencoder.dispose()
  any?.model.weights.forecast.dispose()
}

function extendGroup({ sets, options, group }: ExtendJob): void {
  const [any] = openModel(group, kernel).values()
  const { weights } = any.model
  const added = extendModel(sets, weights, any.seed.anomalyThreshold, options, kernel)
  answer({ kind: 'fitted', file: withTargets(group, added) })
  weights.autoencoder.dispose()
  weights.forecast.dispose()
}
