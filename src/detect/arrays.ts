/** A longer copy of a per-slot array, the new places set to `fill`; the array itself when it is long enough. */
export function enlarged<T extends Float32Array | Float64Array | Uint8Array>(array: T, length: number, fill = 0): T {
  if (length <= array.length) return array
  const next = new (array.constructor as new (length: number) => T)(length)
  next.fill(fill)
  next.set(array)
  return next
}
