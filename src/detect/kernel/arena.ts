/**
 * Allocator over one growing WebAssembly.Memory: first fit, neighbours merged on release. Meant for long
 * processes with thousands of models; the memory itself never shrinks, but what is released is reused.
 */

const PAGE = 65_536
/** Whole cache lines: no model shares one with another. */
const ALIGNMENT = 64
/** Growing in larger steps keeps the typed arrays valid for longer. */
const GROWTH = 1 << 20

/** A piece of kernel memory; addresses and sizes in bytes, multiples of ALIGNMENT. */
export interface Block {
  readonly address: number
  readonly bytes: number
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
}

export class Arena {
  readonly #memory: WebAssembly.Memory
  /** Free blocks by ascending address, no two adjacent. */
  readonly #free: Block[] = []
  #f32!: Float32Array<ArrayBufferLike>
  #u32!: Uint32Array<ArrayBuffer>
  #f64!: Float64Array<ArrayBuffer>
  #used = 0

  /** Manages everything from `base` (bytes) up to the end of the memory, which nobody else may grow. */
  constructor(memory: WebAssembly.Memory, base: number) {
    this.#memory = memory
    this.#deriveViews()
    const start = aligned(base)
    const bytes = memory.buffer.byteLength - start
    if (bytes > 0) this.#free.push({ address: start, bytes })
  }

  /** The whole memory as float32. Never keep it across an allocation: growth detaches it. */
  get f32(): Float32Array<ArrayBufferLike> {
    return this.#f32
  }

  get u32(): Uint32Array<ArrayBuffer> {
    return this.#u32
  }

  get f64(): Float64Array<ArrayBuffer> {
    return this.#f64
  }

  /** Bytes currently handed out. */
  get used(): number {
    return this.#used
  }

  /** Bytes of the memory as a whole. */
  get size(): number {
    return this.#memory.buffer.byteLength
  }

  /** At least `bytes` bytes, all zero. Throws RangeError where the memory cannot grow that far. */
  allocate(bytes: number): Block {
    const wanted = Math.max(ALIGNMENT, aligned(bytes))
    let index = this.#free.findIndex((block) => block.bytes >= wanted)
    if (index < 0) {
      this.#grow(wanted)
      index = this.#free.length - 1
    }
    const found = this.#free[index] as Block
    const rest = { address: found.address + wanted, bytes: found.bytes - wanted }
    if (rest.bytes > 0) this.#free[index] = rest
    else this.#free.splice(index, 1)
    this.#used += wanted
    this.#u32.fill(0, found.address / 4, rest.address / 4)
    return { address: found.address, bytes: wanted }
  }

  /** Takes a block back; the caller sees to it that this happens once. */
  release(block: Block): void {
    this.#used -= block.bytes
    let { address, bytes } = block
    let index = this.#insertionPoint(address)
    const next = this.#free[index]
    if (next !== undefined && address + bytes === next.address) {
      bytes += next.bytes
      this.#free.splice(index, 1)
    }
    const previous = this.#free[index - 1]
    if (previous !== undefined && previous.address + previous.bytes === address) {
      address = previous.address
      bytes += previous.bytes
      this.#free.splice(--index, 1)
    }
    this.#free.splice(index, 0, { address, bytes })
  }

  /** Index of the first free block above `address`. */
  #insertionPoint(address: number): number {
    let low = 0
    let high = this.#free.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#free[middle] as Block).address < address) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Grows until the last free block has `wanted` bytes. */
  #grow(wanted: number): void {
    const end = this.size
    const last = this.#free[this.#free.length - 1]
    const tail = last !== undefined && last.address + last.bytes === end ? last.bytes : 0
    const pages = Math.ceil(Math.max(wanted - tail, GROWTH) / PAGE)
    try {
      this.#memory.grow(pages)
    } catch {
      throw new RangeError(`kernel memory: no room for ${wanted} bytes beside the ${this.#used} in use`)
    }
    this.#deriveViews()
    if (tail > 0) this.#free.pop()
    this.#free.push({ address: end - tail, bytes: tail + this.size - end })
  }

  #deriveViews(): void {
    const buffer = this.#memory.buffer as ArrayBuffer
    this.#f32 = new Float32Array(buffer)
    this.#u32 = new Uint32Array(buffer)
    this.#f64 = new Float64Array(buffer)
  }
}
