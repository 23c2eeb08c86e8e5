export type Tensor = Float32Array | Float64Array | Int32Array | Int16Array | Uint16Array

/** Arrays of one kind, end to end; of length 0 for none. */
export function joined<T extends Tensor>(make: new (length: number) => T, parts: readonly T[]): T {
  const all = new make(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    all.set(part, offset)
    offset += part.length
  }
  return all
}

/** The i-th of `parts` equal parts, as a copy. */
export function part<T extends Tensor>(tensor: T, i: number, parts: number): T {
  const size = tensor.length / parts
  return tensor.slice(i * size, (i + 1) * size) as T
}

/** The tensor of a name, if it is of the kind that is expected. @throws {RangeError} */
export function tensorOf<T extends Tensor>(
  tensors: Readonly<Record<string, Tensor>>,
  name: string,
  kind: new (length: number) => T,
): T {
  const tensor = tensors[name]
  if (!(tensor instanceof kind)) throw new RangeError(`there is no ${kind.name} ${name} in the file`)
  return tensor
}
