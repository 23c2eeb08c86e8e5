import { detectionOptions } from '../app/detection-options.ts'
import type { FeaturePlan } from '../app/features.ts'
import { loadKernel } from '../app/kernel.ts'
import type { Config } from '../config/resolve.ts'
import { createDetection } from '../detect/detection.ts'
import type { ModelFile } from '../domain/model-file.ts'
import { fromModelFile } from '../train/model-codec.ts'
import { textTable } from './text-table.ts'

/** A model that was trained, and its number on disk. */
export interface TrainedUnit {
  readonly file: ModelFile
  readonly version: number
}

const COLUMNS = [
  { title: 'model' },
  { title: 'rows', right: true },
  { title: 'epochs', right: true },
  { title: 'training loss', right: true },
  { title: 'validation loss', right: true },
  { title: 'threshold', right: true },
]

/** What came of a training, a line a model; losses are those of the epoch that was kept. */
export function trainedTable(done: readonly TrainedUnit[], config: Config, features: FeaturePlan): string {
  const rows = done.map(({ file, version }) => {
    const { unit, data, autoencoder } = file.card
    const { epochs, losses } = autoencoder
    return [
      `${unit}/${version}`,
      String(data.rows),
      String(epochs),
      digits(losses.training[epochs - 1]),
      digits(losses.validation[epochs - 1]),
      file.card.targets.length === 1 ? digits(firstThreshold(file, config, features)) : 'per target',
    ]
  })
  return textTable(COLUMNS, rows)
}

/** The threshold for `anomaly_score` with which the daemon begins; it moves on with the scores in mode `budget`. */
function firstThreshold(file: ModelFile, config: Config, features: FeaturePlan): number {
  const kernel = loadKernel()
  const { alarms } = createDetection(detectionOptions(config, features.resolution), kernel)
  const [{ model, seed }] = fromModelFile(file, kernel).values()
  alarms.adopt(0, seed)
  const none = { anomaly: Number.NaN, combined: Number.NaN, young: Number.NaN, any: Number.NaN }
  const { anomalyThreshold } = alarms.levelOf(0, seed.times[seed.times.length - 1], none)
  model.weights.autoencoder.dispose()
  model.weights.forecast.dispose()
  return anomalyThreshold
}

function digits(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '-' : value.toPrecision(4)
}
