/** What a JSON text will cost to parse. */
export interface JsonSize {
  /** Levels of nesting at the deepest place. */
  readonly depth: number
  /** Upper bound of the values in it. */
  readonly values: number
  /** Bytes of the longest text, escapes counted as they are written. */
  readonly longest: number
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c]

/** Measures a JSON text without parsing it: a parser holds gigabytes by the time it sees that 32 MiB of `[` do not end. */
export function scanJson(text: Uint8Array): JsonSize {
  let depth = 0
  let deepest = 0
  let values = 1
  let longest = 0
  /** Where the text began that we are in; -1 outside of texts. */
  let began = -1
  for (let i = 0; i < text.length; i++) {
    const byte = text[i]
    if (began >= 0) {
      if (byte === BACKSLASH) i += 1
      else if (byte === QUOTE) {
        longest = Math.max(longest, i - began)
        began = -1
      }
    } else if (byte === QUOTE) began = i + 1
    else if (byte === COMMA) values += 1
    // [ and {, ] and } differ in one bit.
    else if ((byte | 0x20) === 0x7b) {
      values += 1
      depth += 1
      if (depth > deepest) deepest = depth
    } else if ((byte | 0x20) === 0x7d) depth -= 1
  }
  return { depth: deepest, values, longest }
}
