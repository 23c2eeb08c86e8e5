/** A source of uniform numbers in [0, 1); the same seed gives the same numbers. */
export type Random = () => number

/**
 * Seeded pseudo-random numbers, splitmix32: a Weyl sequence (step: the golden ratio) through an avalanching hash.
 * Period 2³²; good enough to draw samples and initial weights, not for secrets.
 *
 * @param seed any integer; only its low 32 bits count
 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    mixed ^= mixed >>> 15
    return (mixed >>> 0) / 4294967296
  }
}

/** A seed for one of many things, such as a target, from the common seed and the thing's name (FNV-1a). */
export function seedFor(seed: number, name: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193) >>> 0
  return hash
}

/** Shuffles the first `count` places of `items` with draws from all of them (Fisher–Yates), in place. */
export function shuffle(items: Int32Array, random: Random, count = items.length): void {
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (items.length - i))
    const item = items[i]
    items[i] = items[j]
    items[j] = item
  }
}
