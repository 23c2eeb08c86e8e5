/**
 * The little of WebAssembly's JavaScript API that the kernel needs. Neither TypeScript's "es" libs nor
 * @types/node declare it; delete this file in a project whose `lib` includes "dom".
 */
declare namespace WebAssembly {
  /** Whether this engine can run the module; false where it lacks SIMD. */
  function validate(bytes: Uint8Array | ArrayBuffer): boolean
  class Module {
    constructor(bytes: Uint8Array | ArrayBuffer)
  }
  class Instance {
    constructor(module: Module, imports?: object)
    readonly exports: Readonly<Record<string, unknown>>
  }
  class Memory {
    constructor(descriptor: { readonly initial: number; readonly maximum?: number })
    readonly buffer: ArrayBuffer
    grow(pages: number): number
  }
}
