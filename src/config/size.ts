const UNIT_BYTES: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }

/**
 * Reads a size such as `64MiB`: a whole number and one of B, KiB, MiB, GiB.
 *
 * @returns bytes, or undefined when the text is no size or too large to count exactly
 */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+)(B|KiB|MiB|GiB)$/.exec(text)
  if (match === null) return undefined
  const bytes = Number(match[1]) * UNIT_BYTES[match[2]]
  return Number.isSafeInteger(bytes) ? bytes : undefined
}
