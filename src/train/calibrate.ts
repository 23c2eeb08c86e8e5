import { usualErrors } from '../detect/error-scale.ts'
import { byMember, MEMBERS, type Member, type MemberCalibration, type ModelWeights } from '../detect/model.ts'
import { fromRange } from '../detect/model-inputs.ts'
import { quantileOf } from '../detect/quantile.ts'
import type { Design, ScaledSet } from './design.ts'
import type { TrainingScores } from './rescore.ts'

type Uncalibrated = Omit<ModelWeights, 'members'>

/** Scores are rare from this quantile of the training scores on; single readings, not smoothed, from the other. */
const RARE = 0.995
const RARE_SUDDEN = 0.999
/** A member whose scores at this quantile, half an hour a day above it, come near its rare ones tells little. */
const ORDINARY = 0.98
/** How sharply a member's weight falls with its noise. */
const SHARPNESS = 20
/** Rare scores of hosts that do anything lie near 1; where nothing ever moved, rounding must not look rare. */
const LEAST_REFERENCE = 0.25
/** Weights before the noise is known. */
const PRIOR: Readonly<Record<Member, number>> = { autoencoder: 0.3, forecast: 1, baseline: 1 }

/** Adds the members' usual errors on the training rows; what their scores are worth is still open. */
export function withUsualErrors(weights: Uncalibrated, design: Design, scaled: readonly ScaledSet[]): ModelWeights {
  const width = weights.names.length
  const expectations = expectationsOf(weights, design, scaled)
  const members = byMember((member): MemberCalibration => {
    const errors = new Float32Array(design.deviations.length)
    for (let i = 0; i < errors.length; i++) errors[i] = Math.abs(design.deviations[i] - expectations[member][i])
    return { usual: usualErrors(errors, width), reference: 1, suddenReference: 1, weight: 1 / MEMBERS.length }
  })
  return { ...weights, members }
}

/**
 * Adds what the members' scores are worth: each is divided by its own rare training score, and weighed by how far its
 * ordinary scores stay below the rare ones: prior · exp(−20·(q98 − the least q98)), q98 in units of the rare score. A
 * label-free choice of detector for each target.
 *
 * @param scores of all targets, with references of 1
 */
export function withReferences(weights: ModelWeights, scores: readonly TrainingScores[]): ModelWeights {
  const sorted = byMember((member) => sortedScores(scores.map((one) => one.lasting[member])))
  const sortedSudden = byMember((member) => sortedScores(scores.map((one) => one.sudden[member])))
  const reference = byMember((member) => Math.max(LEAST_REFERENCE, quantileOf(sorted[member], RARE)))
  const noise = byMember((member) => quantileOf(sorted[member], ORDINARY) / reference[member])
  const calmest = Math.min(...MEMBERS.map((member) => noise[member]))
  const raw = byMember((member) => PRIOR[member] * Math.exp(-SHARPNESS * (noise[member] - calmest)))
  const sum = MEMBERS.reduce((total, member) => total + raw[member], 0)
  const members = byMember((member) => ({
    usual: weights.members[member].usual,
    reference: reference[member],
    suddenReference: Math.max(LEAST_REFERENCE, quantileOf(sortedSudden[member], RARE_SUDDEN)),
    weight: raw[member] / sum,
  }))
  return { ...weights, members }
}

function sortedScores(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    all.set(part, offset)
    offset += part.length
  }
  return all.sort()
}

/** What each member expects of every training row, in deviations. */
function expectationsOf(
  { autoencoder, forecast, plan, names }: Uncalibrated,
  design: Design,
  scaled: readonly ScaledSet[],
): Record<Member, Float32Array> {
  const reconstructed = new Float32Array(design.deviations.length)
  const forecasted = new Float32Array(design.deviations.length)
  autoencoder.infer(design.rows, design.autoencoderIn, reconstructed)
  forecast.apply(design.rows, design.forecastIn, forecasted)
  if (plan.scaling === 'minmax') {
    let row = 0
    for (const { set, scaler } of scaled) {
      for (let i = 0; i < set.times.length; i++, row++) fromRange(scaler, reconstructed, row * names.length)
    }
  }
  return { autoencoder: reconstructed, forecast: forecasted, baseline: design.baseline }
}
