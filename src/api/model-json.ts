import type { ContestJson, ModelDetailJson, ModelJson, ModelListingJson, ModelVersionJson } from './contract.ts'
import type { ModelInfo } from './fleet.ts'
import type { ModelVersion } from './models.ts'

export function modelJson({ id, scope, trainedAt }: ModelInfo): ModelJson {
  return { id, scope, trained_at: new Date(trainedAt).toISOString() }
}

/** The unit and the number of the version, which an id is made of: `<unit>/<version>`. */
export function partsOf({ id }: ModelInfo): { readonly unit: string; readonly version: number } {
  const [, unit = id, version = '0'] = /^(.*)\/(\d+)$/s.exec(id) ?? []
  return { unit, version: Number(version) }
}

/** @param targets how many it scores */
export function modelListingJson(model: ModelInfo, targets: number): ModelListingJson {
  return {
    ...modelJson(model),
    ...partsOf(model),
    targets,
    history_seconds: Math.round(model.spanMs / 1000),
    training_loss: finite(model.trainingLoss),
    validation_loss: finite(model.validationLoss),
  }
}

/** @param versions those on disk, newest first @returns undefined where the one in use is not among them, or unreadable */
export function modelDetailJson(
  model: ModelInfo,
  targets: number,
  versions: readonly ModelVersion[],
  contests: readonly ContestJson[],
): ModelDetailJson | undefined {
  const { version } = partsOf(model)
  const current = versions.find((one) => one.version === version)
  if (current === undefined || !('card' in current)) return undefined
  const { card } = current
  const { autoencoder, data, threshold } = card
  return {
    ...modelListingJson(model, targets),
    features: card.features,
    data: { from: data.from, to: data.to, step_seconds: data.step_seconds, rows: data.rows },
    layers: autoencoder.layers,
    losses: autoencoder.losses,
    threshold: { mode: threshold.mode, rule: threshold.rule ?? null, value: threshold.value },
    imported_from: card.imported_from ?? null,
    versions: versions.map((one) => versionJson(one, version)),
    contests,
  }
}

function versionJson(one: ModelVersion, inUse: number): ModelVersionJson {
  const { version } = one
  if (!('card' in one)) {
    const unknown = { trained_at: null, rows: null, training_loss: null, validation_loss: null, restored_from: null }
    return { version, in_use: version === inUse, ...unknown, problem: one.problem }
  }
  const { created_at, data, autoencoder, restored_from = null } = one.card
  return {
    version,
    trained_at: created_at,
    in_use: version === inUse,
    rows: data.rows,
    training_loss: finite(autoencoder.losses.training.at(-1)),
    validation_loss: finite(autoencoder.losses.validation.at(-1)),
    restored_from,
    problem: null,
  }
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null
}
