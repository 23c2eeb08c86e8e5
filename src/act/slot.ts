import { RE2JS } from 're2js'
import { EffectError } from '../pipeline/effects.ts'

export type Labels = Readonly<Record<string, string>>

/** A place in a call that takes the value of a label, where the whole of the value fits the pattern. */
export interface Slot {
  readonly label: string
  readonly pattern: Pattern
}

/** An RE2 pattern, anchored at both ends. */
export interface Pattern {
  readonly source: string
  /** @returns the first group where the pattern has one, else the whole text; undefined where it does not fit */
  match(text: string): string | undefined
}

/** Longer values are no names. */
const MAX_CHARACTERS = 256

/** @throws {RangeError} when it is not RE2 */
export function compilePattern(source: string): Pattern {
  const regex = compile(source)
  return {
    source,
    match(text) {
      const matcher = regex.matcher(text)
      if (!matcher.matches()) return undefined
      return (matcher.groupCount() > 0 ? matcher.group(1) : text) ?? undefined
    },
  }
}

function compile(source: string): RE2JS {
  try {
    return RE2JS.compile(source)
  } catch (cause) {
    throw new RangeError(`not a regular expression that RE2 accepts: ${JSON.stringify(source)}`, { cause })
  }
}

/**
 * The value for a slot. Whatever its pattern lets pass, a value is printable ASCII, not empty, no longer than 256
 * characters and begins with no dash: so no control character, no look-alike letter and no option gets through.
 *
 * @throws {EffectError} `invalid`, naming the label and showing a harmless piece of its value
 */
export function fillSlot({ label, pattern }: Slot, labels: Labels, place: string): string {
  const refuse = (why: string) => new EffectError('invalid', 'no', `${place}: the label ${label} ${why}`)
  if (!Object.hasOwn(labels, label)) throw refuse('is missing')
  const text = labels[label]
  if (text.length > MAX_CHARACTERS) throw refuse(`is longer than ${MAX_CHARACTERS} characters`)
  const value = /^[\x20-\x7e]+$/.test(text) ? pattern.match(text) : undefined
  if (value === undefined || value === '') throw refuse(`is ${shown(text)}, which its pattern does not allow`)
  if (value.startsWith('-')) throw refuse(`is ${shown(text)}: a value may not begin with a dash`)
  return value
}

/** A text chosen by others, fit for a message: short, quoted, printable ASCII only. */
export function shown(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text
  return JSON.stringify(short).replace(
    /[^\x20-\x7e…]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
