/**
 * The highest score of every block of time, as a 16-bit code on a logarithmic scale, in a ring: 14 days in blocks of 10
 * minutes are 4,032 bytes. Code 0 is a block without a score, code 1 a score of 0 or next to it; 256 codes an octave,
 * 0.3 % each, reach from 2⁻²⁰ to 2²³⁵.
 */
export interface Sketch {
  readonly blockMs: number
  /** Ring, slot = block number modulo its length. */
  readonly codes: Uint16Array
  /** Number of the newest block, time / blockMs rounded down; −1 before the first score. */
  newest: number
}

const STEPS_PER_OCTAVE = 256
const CODE_OF_ONE = 20 * STEPS_PER_OCTAVE
const LOWEST = 1
const HIGHEST = 65535

/** @throws {RangeError} unless 2 or more blocks fit into the memory */
export function createSketch(memoryMs: number, blockMs: number): Sketch {
  const blocks = Math.floor(memoryMs / blockMs)
  if (!(blocks >= 2 && Number.isFinite(blocks))) {
    throw new RangeError(`a memory of ${memoryMs} ms holds fewer than 2 blocks of ${blockMs} ms`)
  }
  return { blockMs, codes: new Uint16Array(blocks), newest: -1 }
}

/** Puts a score into its block. A block older than the memory is left alone; blocks passed over stay without a score. */
export function putScore(sketch: Sketch, at: number, score: number): void {
  const block = Math.floor(at / sketch.blockMs)
  const { codes } = sketch
  if (sketch.newest < 0) sketch.newest = block
  if (block <= sketch.newest - codes.length) return
  forgetUpTo(sketch, block)
  const slot = block % codes.length
  codes[slot] = Math.max(codes[slot], codeOf(score))
}

/** The codes of the last `blocks` blocks that had a score, oldest first, with their block numbers. */
export function remembered({ codes, newest }: Sketch, blocks: number): { codes: Uint16Array; at: Int32Array } {
  const first = Math.max(0, newest + 1 - Math.min(blocks, codes.length))
  const kept = new Uint16Array(Math.max(0, newest + 1 - first))
  const at = new Int32Array(kept.length)
  let count = 0
  for (let block = first; block <= newest; block++) {
    const code = codes[block % codes.length]
    if (code === 0) continue
    kept[count] = code
    at[count++] = block
  }
  return { codes: kept.subarray(0, count), at: at.subarray(0, count) }
}

/** The lowest score that has this code; 0 for the lowest code. */
export function lowerEdge(code: number): number {
  return code <= LOWEST ? 0 : 2 ** ((code - 0.5 - CODE_OF_ONE) / STEPS_PER_OCTAVE)
}

function codeOf(score: number): number {
  if (!(score > 0)) return LOWEST
  const code = Math.round(Math.log2(score) * STEPS_PER_OCTAVE) + CODE_OF_ONE
  return Math.min(Math.max(code, LOWEST), HIGHEST)
}

function forgetUpTo(sketch: Sketch, block: number): void {
  const { codes } = sketch
  if (block - sketch.newest >= codes.length) codes.fill(0)
  else for (let passed = sketch.newest + 1; passed <= block; passed++) codes[passed % codes.length] = 0
  sketch.newest = Math.max(sketch.newest, block)
}
