import { existsSync, readFileSync } from 'node:fs'
import type { Kernel } from '../detect/kernel/kernel.ts'
import { createPlainKernel } from '../detect/kernel/plain.ts'
import { createWasmKernel } from '../detect/kernel/wasm.ts'
import { withNetworkFiles } from './network-file.ts'

/** Where the build leaves the compiled kernel: beside the built code, seen from there or from the sources. */
const PLACES = ['../detect/kernel/kernel.wasm', '../../dist/detect/kernel/kernel.wasm']

/**
 * The numeric kernel of this process: WebAssembly SIMD, or plain TypeScript, some fifteen times slower with the same
 * results, where there is no build of it or the processor has no SIMD. Either runs imported network files beside its own.
 */
export function loadKernel(): Kernel {
  return withNetworkFiles(ownKernel())
}

function ownKernel(): Kernel {
  const file = PLACES.map((place) => new URL(place, import.meta.url)).find((url) => existsSync(url))
  if (file === undefined) return createPlainKernel()
  const bytes = readFileSync(file)
  return WebAssembly.validate(bytes) ? createWasmKernel(new WebAssembly.Module(bytes)) : createPlainKernel()
}
