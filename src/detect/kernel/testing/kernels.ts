/** Helpers for the tests and benchmarks of this folder; the only place here that touches the file system. */
import { readFileSync } from 'node:fs'
import type { Kernel } from '../kernel.ts'
import { createPlainKernel } from '../plain.ts'
import { createWasmKernel, type WasmKernel } from '../wasm.ts'

/** A kernel on the compiled module, as the build left it in `dist`. */
export function loadWasmKernel(): WasmKernel {
  const file = new URL('../../../../dist/detect/kernel/kernel.wasm', import.meta.url)
  return createWasmKernel(new WebAssembly.Module(readFileSync(file)))
}

export function bothKernels(): readonly Kernel[] {
  return [loadWasmKernel(), createPlainKernel()]
}

/** Reproducible numbers in [0, 1): a 32-bit counter put through a mixing function. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let x = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97)
    return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32
  }
}

/** `count` numbers uniform in [low, high). */
export function uniform(count: number, random: () => number, low = 0, high = 1): Float32Array {
  return Float32Array.from({ length: count }, () => low + (high - low) * random())
}

/** 0 .. rows-1 in random order. */
export function shuffled(rows: number, random: () => number): Uint32Array {
  const order = Uint32Array.from({ length: rows }, (_, i) => i)
  for (let i = rows - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const kept = order[i] as number
    order[i] = order[j] as number
    order[j] = kept
  }
  return order
}

/** Largest |a - b| / max(1, |b|). */
export function largestGap(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY
  let gap = 0
  for (let i = 0; i < a.length; i++) {
    const expected = b[i] as number
    const difference = Math.abs((a[i] as number) - expected) / Math.max(1, Math.abs(expected))
    if (!(difference <= gap)) gap = difference
  }
  return gap
}
