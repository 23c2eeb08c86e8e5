import { type Random, shuffle } from '../../domain/random.ts'
import { averagePathLength } from './path-length.ts'

export interface ForestOptions {
  readonly trees: number
  /** ψ, rows drawn for each tree. */
  readonly sampleSize: number
}

/**
 * Trees in flat arrays, one node an index. The children of an inner node are `child` and `child + 1`. A leaf is its own
 * child, whatever the row, so that every walk may take `deepest` steps without asking whether it has arrived.
 */
export interface Forest {
  readonly width: number
  readonly roots: Int32Array
  readonly feature: Uint16Array
  readonly split: Float32Array
  readonly child: Int32Array
  /** Of a leaf: its depth, and the average rest of the search. */
  readonly pathLength: Float32Array
  /** Depth of the deepest leaf, at most. */
  readonly deepest: number
  /** c(ψ), with ψ the rows really drawn. */
  readonly yardstick: number
}

/**
 * Grows an isolation forest.
 * Source: Liu, Ting & Zhou, "Isolation Forest", ICDM 2008, algorithms 1 and 2. A split feature is drawn among those
 * that vary in the node, so a constant one costs no depth.
 *
 * @param rows row-major, rows × width, without NaN
 * @throws {RangeError} with fewer than 2 rows
 */
export function growForest(rows: Float32Array, width: number, options: ForestOptions, random: Random): Forest {
  const count = rows.length / width
  if (!Number.isInteger(count) || count < 2) throw new RangeError(`a forest needs 2 or more whole rows, got ${count}`)
  const sampleSize = Math.min(options.sampleSize, count)
  const most = options.trees * (2 * sampleSize - 1)
  const nodes: Nodes = {
    feature: new Uint16Array(most),
    split: new Float32Array(most),
    child: new Int32Array(most),
    pathLength: new Float32Array(most),
    used: 0,
  }
  const roots = new Int32Array(options.trees)
  const indices = Int32Array.from({ length: count }, (_, i) => i)
  const deepest = Math.ceil(Math.log2(sampleSize))
  for (let tree = 0; tree < options.trees; tree++) {
    shuffle(indices, random, sampleSize)
    roots[tree] = nodes.used++
    const sample = indices.slice(0, sampleSize)
    grow({ rows, width, nodes, deepest, random, candidates: new Int32Array(width) }, sample, roots[tree], 0)
  }
  return {
    width,
    roots,
    feature: nodes.feature.slice(0, nodes.used),
    split: nodes.split.slice(0, nodes.used),
    child: nodes.child.slice(0, nodes.used),
    pathLength: nodes.pathLength.slice(0, nodes.used),
    deepest,
    yardstick: averagePathLength(sampleSize),
  }
}

interface Nodes {
  readonly feature: Uint16Array
  readonly split: Float32Array
  readonly child: Int32Array
  readonly pathLength: Float32Array
  used: number
}

interface Growth {
  readonly rows: Float32Array
  readonly width: number
  readonly nodes: Nodes
  readonly deepest: number
  readonly random: Random
  /** Scratch: the features still to try in a node. */
  readonly candidates: Int32Array
}

function grow(growth: Growth, sample: Int32Array, node: number, depth: number): void {
  const cut = sample.length > 1 && depth < growth.deepest ? drawCut(growth, sample) : undefined
  const { nodes } = growth
  if (cut === undefined) {
    nodes.split[node] = Number.POSITIVE_INFINITY
    nodes.child[node] = node
    nodes.pathLength[node] = depth + averagePathLength(sample.length)
    return
  }
  nodes.feature[node] = cut.feature
  nodes.split[node] = cut.value
  const child = nodes.used
  nodes.child[node] = child
  nodes.used += 2
  const middle = partition(growth, sample, cut)
  grow(growth, sample.subarray(0, middle), child, depth + 1)
  grow(growth, sample.subarray(middle), child + 1, depth + 1)
}

interface Cut {
  readonly feature: number
  readonly value: number
}

/** A varying feature, and a value strictly inside its range; undefined when all rows of the node are alike. */
function drawCut({ rows, width, random, candidates }: Growth, sample: Int32Array): Cut | undefined {
  for (let f = 0; f < width; f++) candidates[f] = f
  for (let left = width; left > 0; left--) {
    const pick = Math.floor(random() * left)
    const feature = candidates[pick]
    candidates[pick] = candidates[left - 1]
    let low = Number.POSITIVE_INFINITY
    let high = Number.NEGATIVE_INFINITY
    for (const index of sample) {
      const value = rows[index * width + feature]
      if (value < low) low = value
      if (value > high) high = value
    }
    // Rounding to float32 may land on `low`, which would leave the left side empty.
    const value = Math.fround(low + random() * (high - low))
    if (high > low) return { feature, value: value > low ? value : high }
  }
  return undefined
}

/** Moves the rows below the cut to the front; returns how many they are, at least 1 and not all. */
function partition({ rows, width }: Growth, sample: Int32Array, cut: Cut): number {
  let middle = 0
  for (let i = 0; i < sample.length; i++) {
    const index = sample[i]
    if (rows[index * width + cut.feature] < cut.value) {
      sample[i] = sample[middle]
      sample[middle++] = index
    }
  }
  return middle
}

/**
 * Anomaly score of one row, 2^(−E[h]/c(ψ)): above 0.6 stands out, about 0.45 is ordinary, towards 0 lies deep inside.
 * Source: as above, eq. 2.
 *
 * @param offset of the row in `rows`, which has no NaN
 */
export function forestScore(forest: Forest, rows: Float32Array, offset: number): number {
  let lengths = 0
  for (const root of forest.roots) lengths += pathLengthFrom(forest, root, rows, offset)
  return scoreOf(forest, lengths)
}

/**
 * The same for many rows, four of which walk down a tree side by side: a single one would wait for memory at every step.
 *
 * @param rows row-major, at least `scores.length` × width, without NaN
 */
export function forestScores(forest: Forest, rows: Float32Array, scores: Float64Array): void {
  const { width, roots, feature, split, child, pathLength, deepest } = forest
  const inFours = scores.length - (scores.length % 4)
  scores.fill(0)
  for (const root of roots) {
    for (let i = 0; i < inFours; i += 4) {
      const row0 = i * width
      const row1 = row0 + width
      const row2 = row1 + width
      const row3 = row2 + width
      let node0 = root
      let node1 = root
      let node2 = root
      let node3 = root
      for (let depth = 0; depth < deepest; depth++) {
        node0 = child[node0] + Number(rows[row0 + feature[node0]] >= split[node0])
        node1 = child[node1] + Number(rows[row1 + feature[node1]] >= split[node1])
        node2 = child[node2] + Number(rows[row2 + feature[node2]] >= split[node2])
        node3 = child[node3] + Number(rows[row3 + feature[node3]] >= split[node3])
      }
      scores[i] += pathLength[node0]
      scores[i + 1] += pathLength[node1]
      scores[i + 2] += pathLength[node2]
      scores[i + 3] += pathLength[node3]
    }
    for (let i = inFours; i < scores.length; i++) scores[i] += pathLengthFrom(forest, root, rows, i * width)
  }
  for (let i = 0; i < scores.length; i++) scores[i] = scoreOf(forest, scores[i])
}

/** Adding the comparison, instead of branching on it, spares the processor a guess that is wrong half of the time. */
function pathLengthFrom(forest: Forest, root: number, rows: Float32Array, offset: number): number {
  const { feature, split, child, pathLength, deepest } = forest
  let node = root
  for (let depth = 0; depth < deepest; depth++) {
    node = child[node] + Number(rows[offset + feature[node]] >= split[node])
  }
  return pathLength[node]
}

function scoreOf({ roots, yardstick }: Forest, lengths: number): number {
  return 2 ** (-lengths / roots.length / yardstick)
}
