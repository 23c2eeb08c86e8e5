import { type Baseline, scale } from './baseline.ts'
import { eigenSymmetric } from './eigen.ts'

/** Share of the training variance that the kept components explain: of 0.7, 0.9 and 0.97 the best for this method. */
const EXPLAINED = 0.97
/** A column that hardly moves in training would otherwise have the loudest voice. */
const SMALLEST_STD = 0.03

/** Squared distance of a row from the subspace of the first principal components of the training rows. */
export const pca: Baseline = {
  name: 'PCA error',
  score(train, test) {
    const scaled = scale(train, test)
    const { width } = scaled
    const standard = standardiser(scaled.train, width)
    const components = principal(scaled.train, width, standard)
    const residuals = (rows: Float32Array) => residualSquares(rows, width, standard, components)
    const parts = residuals(scaled.test)
    return { test: rowMeans(parts, width), train: rowMeans(residuals(scaled.train), width), parts }
  },
}

type Standardise = (rows: Float32Array, row: number, into: Float64Array) => void

function standardiser(rows: Float32Array, width: number): Standardise {
  const count = rows.length / width
  const mean = new Float64Array(width)
  const std = new Float64Array(width)
  for (const [i, value] of rows.entries()) mean[i % width] += value / count
  for (const [i, value] of rows.entries()) std[i % width] += (value - mean[i % width]) ** 2 / count
  for (let f = 0; f < width; f++) std[f] = Math.max(Math.sqrt(std[f]), SMALLEST_STD)
  return (from, row, into) => {
    for (let f = 0; f < width; f++) into[f] = (from[row * width + f] - mean[f]) / std[f]
  }
}

function principal(rows: Float32Array, width: number, standard: Standardise): Float64Array[] {
  const count = rows.length / width
  const covariance = Array.from({ length: width }, () => new Float64Array(width))
  const z = new Float64Array(width)
  for (let row = 0; row < count; row++) {
    standard(rows, row, z)
    for (let a = 0; a < width; a++) for (let b = 0; b <= a; b++) covariance[a][b] += (z[a] * z[b]) / count
  }
  for (let a = 0; a < width; a++) for (let b = 0; b < a; b++) covariance[b][a] = covariance[a][b]
  const { values, vectors } = eigenSymmetric(covariance)
  const total = values.reduce((sum, value) => sum + value, 0)
  let explained = 0
  return vectors.filter((_, i) => {
    const needed = explained < EXPLAINED * total
    explained += values[i]
    return needed
  })
}

function residualSquares(rows: Float32Array, width: number, standard: Standardise, components: Float64Array[]) {
  const result = new Float32Array(rows.length)
  const z = new Float64Array(width)
  for (let row = 0; row < rows.length / width; row++) {
    standard(rows, row, z)
    const weights = components.map((component) => component.reduce((sum, loading, f) => sum + loading * z[f], 0))
    for (let f = 0; f < width; f++) {
      const rest = weights.reduce((left, weight, k) => left - weight * components[k][f], z[f])
      result[row * width + f] = rest * rest
    }
  }
  return result
}

/** Mean of each row's parts. */
export function rowMeans(parts: Float32Array, width: number): Float64Array {
  const means = new Float64Array(parts.length / width)
  for (const [i, part] of parts.entries()) means[Math.floor(i / width)] += part / width
  return means
}
