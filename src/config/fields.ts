import { z } from 'zod'
import type { Matcher } from '../domain/feature.ts'
import { didYouMean } from './did-you-mean.ts'
import { formatDuration, parseDuration } from './duration.ts'
import { parseListenAddress } from './listen-address.ts'
import { parseMatchers } from './matchers.ts'
import { parseSize } from './size.ts'

/** What the reference says of a field's notation; kept in zod's metadata under `notation`. */
export type Notation = string

/** What a reader of a text field found wrong. */
class Wrong {
  readonly message: string
  readonly hint?: string

  constructor(message: string, hint?: string) {
    this.message = message
    this.hint = hint
  }
}

/** A text with a meaning of its own: the input stays a string, the output is what `read` makes of it. */
function written<T>(notation: Notation, example: string, read: (text: string) => T | Wrong) {
  const hint = `for example ${example}`
  const wrongKind = (input: unknown) =>
    input === undefined ? new Wrong('is missing', hint) : new Wrong(`must be ${notation}, not ${kindOf(input)}`, hint)
  return z
    .unknown()
    .transform((input, context): T => {
      const result = typeof input === 'string' ? read(input) : wrongKind(input)
      if (!(result instanceof Wrong)) return result
      context.addIssue({ code: 'custom', message: result.message, params: { hint: result.hint }, input })
      return z.NEVER
    })
    .meta({ notation, example })
}

/** What a YAML value is, in words. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'an empty value'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a section'
  if (typeof value === 'string') return 'a text'
  return typeof value === 'number' ? 'a bare number' : typeof value
}

/** A duration between `min` and `max`, both in the notation of durations. Output in ms. */
export function duration(min: string, max: string) {
  const [minMs, maxMs] = [parseDuration(min) ?? 0, parseDuration(max) ?? 0]
  const format = 'a duration is written with its unit: 15s, 1m30s, 12h, 7d'
  return written(`a duration from ${min} to ${max}`, '15s', (text) => {
    const ms = parseDuration(text)
    if (ms === undefined) return new Wrong(`is not a duration: ${JSON.stringify(text.slice(0, 40))}`, format)
    if (ms < minMs || ms > maxMs) return new Wrong(`must be from ${min} to ${max}, not ${formatDuration(ms)}`)
    return ms
  })
}

/** A duration, or `auto`. Output in ms. */
export function durationOrAuto(min: string, max: string) {
  const exact = duration(min, max)
  return written(`auto or a duration from ${min} to ${max}`, '1m', (text) => {
    if (text === 'auto') return 'auto' as const
    const result = exact.safeParse(text)
    if (result.success) return result.data
    return new Wrong(`${result.error.issues[0].message}`, 'auto, or a duration such as 1m')
  })
}

/** A size such as `64MiB`. Output in bytes. */
export function size(min: string, max: string) {
  const [minBytes, maxBytes] = [parseSize(min) ?? 0, parseSize(max) ?? 0]
  return written(`a size from ${min} to ${max}`, '64MiB', (text) => {
    const bytes = parseSize(text)
    if (bytes === undefined)
      return new Wrong(`is not a size: ${JSON.stringify(text.slice(0, 40))}`, 'for example 64MiB')
    return bytes < minBytes || bytes > maxBytes ? new Wrong(`must be from ${min} to ${max}, not ${text}`) : bytes
  })
}

/** A share such as `2%`, bounds in percent. Output 0–1. */
export function percent(min: number, max: number) {
  return written(`a share from ${min}% to ${max}%`, '2%', (text) => {
    if (!/^\d+(\.\d+)?%$/.test(text))
      return new Wrong(`is not a share: ${JSON.stringify(text.slice(0, 40))}`, 'for example 2%')
    const value = Number(text.slice(0, -1))
    return value < min || value > max ? new Wrong(`must be from ${min}% to ${max}%, not ${text}`) : value / 100
  })
}

/** So many in a time, such as `3 in 1h`. Output: the count, and the time in ms. */
export function rate(maxCount: number, max: string) {
  const window = duration('1s', max)
  return written(`a rate of up to ${maxCount} in up to ${max}`, '3 in 1h', (text) => {
    const match = /^(\d{1,9}) in (\S{1,20})$/.exec(text)
    if (match === null) return new Wrong(`is not a rate: ${JSON.stringify(text.slice(0, 40))}`, 'for example 3 in 1h')
    const count = Number(match[1])
    if (count < 1 || count > maxCount) return new Wrong(`must be from 1 to ${maxCount} in a time, not ${count}`)
    const time = window.safeParse(match[2])
    return time.success ? { count, windowMs: time.data } : new Wrong(time.error.issues[0].message)
  })
}

/** A window counted in readings, where the method itself is defined so: `30 readings`. Output: the count. */
export function readings(min: number, max: number) {
  return written(`a number of readings from ${min} to ${max}`, '30 readings', (text) => {
    const match = /^(\d{1,9}) readings$/.exec(text)
    if (match === null)
      return new Wrong(`is not a number of readings: ${JSON.stringify(text.slice(0, 40))}`, 'for example 30 readings')
    const count = Number(match[1])
    return count < min || count > max ? new Wrong(`must be from ${min} to ${max} readings, not ${count}`) : count
  })
}

/** `HOST:PORT`. Output: its parts. */
export function listenAddress() {
  return written('an address HOST:PORT', '127.0.0.1:9797', (text) => {
    return (
      parseListenAddress(text) ??
      new Wrong(`is not HOST:PORT: ${JSON.stringify(text.slice(0, 80))}`, 'for example 127.0.0.1:9797 or [::1]:9797')
    )
  })
}

/** An http or https URL that holds no credentials. Its text is never repeated: it may hold them all the same. */
export function httpUrl(example: string) {
  return written('an http:// or https:// URL', example, (text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined
    if (url === undefined) return new Wrong('is not a URL', `for example ${example}`)
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      return new Wrong(`must begin with http:// or https://, not ${url.protocol}`, `for example ${example}`)
    }
    if (url.username !== '' || url.password !== '') {
      return new Wrong('must not hold a user name or a password', 'use basic_auth with password_file or password_env')
    }
    if (url.search !== '' || url.hash !== '') return new Wrong('must end with the path, without ? or #')
    return text
  })
}

/** A PromQL label selector. Output: its matchers. */
export function matchers() {
  return written('a PromQL label selector', `'{job="node"}'`, (text): readonly Matcher[] | Wrong => {
    const result = parseMatchers(text)
    return 'problem' in result
      ? new Wrong(`is not a label selector: ${result.problem}`, `for example '{job="node"}'`)
      : result
  })
}

/** A metric, perhaps with a label selector behind it. Output: its name and its matchers. */
export function series(example: string) {
  return written('a metric, perhaps with a selector', example, (text): SeriesText | Wrong => {
    const [, metric, selector] = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})?$/s.exec(text.trim()) ?? []
    if (metric === undefined)
      return new Wrong(`is not the name of a metric: ${JSON.stringify(text.slice(0, 80))}`, `for example ${example}`)
    const found = parseMatchers(selector ?? '')
    return 'problem' in found
      ? new Wrong(`has no label selector behind its name: ${found.problem}`, `for example ${example}`)
      : { metric, matchers: found }
  })
}

interface SeriesText {
  readonly metric: string
  readonly matchers: readonly Matcher[]
}

const RESERVED_LABELS = ['detector', 'feature', 'resource', '__name__']

/** The name of a label that may identify a target. */
export function labelName() {
  return written('a label name', 'instance', (text) => {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(text))
      return new Wrong(`is not a label name: ${JSON.stringify(text.slice(0, 80))}`)
    return RESERVED_LABELS.includes(text)
      ? new Wrong(`${text} is a label of our own series and cannot identify a target`)
      : text
  })
}

/** A name for a feature: as a label value and a CSV column it is the same everywhere. */
export function featureName() {
  return written('a feature name', 'ntp_offset', (text) => {
    if (/^[a-z][a-z0-9_]{0,63}$/.test(text)) return text
    return new Wrong(
      `is not a feature name: ${JSON.stringify(text.slice(0, 80))}`,
      'small letters, digits and _, beginning with a letter',
    )
  })
}

/** Text that is not empty. */
export function text(notation: Notation, example: string) {
  return written(notation, example, (value) =>
    value.trim() === '' ? new Wrong('is empty', `for example ${example}`) : value,
  )
}

/** One of a few words. */
export function oneOf<const T extends string>(words: readonly T[]) {
  return written(`one of ${words.join(', ')}`, words[0], (value): T | Wrong => {
    const known = words.find((word) => word === value)
    if (known !== undefined) return known
    const meant = didYouMean(value, words)
    return new Wrong(`must be one of ${words.join(', ')}`, meant === undefined ? undefined : `did you mean ${meant}?`)
  })
}

/** A whole number. */
export function count(min: number, max: number) {
  return z
    .int()
    .min(min)
    .max(max)
    .meta({ notation: `a whole number from ${min} to ${max}` })
}

/** Any number in a range. */
export function number(min: number, max: number) {
  return z
    .number()
    .min(min)
    .max(max)
    .meta({ notation: `a number from ${min} to ${max}` })
}

/** A number, or `auto` where it follows from other keys. */
export function orAuto<N extends z.ZodNumber>(exact: N) {
  const notation = `auto or ${exact.meta()?.['notation']}`
  return z.union([z.literal('auto'), exact], { error: `must be ${notation}` }).meta({ notation })
}

/** `true` or `false`. */
export function flag() {
  return z.boolean().meta({ notation: 'true or false' })
}

/** A group of keys. A section whose keys are all commented out reads as empty in YAML and stands for its defaults. */
export function section<S extends z.ZodRawShape>(shape: S) {
  return z.preprocess((input) => input ?? {}, z.strictObject(shape))
}
