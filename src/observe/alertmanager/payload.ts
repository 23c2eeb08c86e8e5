import type { Matcher } from '../../domain/feature.ts'
import type { OutsideSilence } from '../../domain/suppression.ts'
import { compileMatchers, type LabelTest } from '../matcher.ts'

type Labels = Readonly<Record<string, string>>
type Fields = Readonly<Record<string, unknown>>

/** An alert as Alertmanager keeps it; others are known by their fingerprints. */
export interface KeptAlert {
  readonly fingerprint: string
  readonly labels: Labels
  readonly silencedBy: readonly string[]
  readonly inhibitedBy: readonly string[]
}

/** Characters of a comment, and of an author's name, that people are shown. */
const LONGEST_TEXT = 300

/**
 * `GET /api/v2/silences`, without those that have expired.
 *
 * @throws {TypeError} with what is wrong, where the answer has another shape
 */
export function readSilences(answer: unknown): OutsideSilence[] {
  return listOf(answer, 'the list of silences').flatMap((one) => {
    const state = textOf(fieldsOf(one, 'a silence')['status'], 'state')
    return state === 'expired' ? [] : [silenceOf(fieldsOf(one, 'a silence'), state === 'active')]
  })
}

/**
 * `GET /api/v2/alerts`.
 *
 * @throws {TypeError} with what is wrong, where the answer has another shape
 */
export function readAlerts(answer: unknown): KeptAlert[] {
  return listOf(answer, 'the list of alerts').map((one) => {
    const alert = fieldsOf(one, 'an alert')
    const status = fieldsOf(alert['status'], 'the status of an alert')
    return {
      fingerprint: textOf(alert, 'fingerprint'),
      labels: labelsOf(alert['labels']),
      silencedBy: textsOf(status['silencedBy'], 'silencedBy'),
      inhibitedBy: textsOf(status['inhibitedBy'], 'inhibitedBy'),
    }
  })
}

function silenceOf(silence: Fields, active: boolean): OutsideSilence {
  const matchers = listOf(silence['matchers'], 'the matchers of a silence')
  const tests = matchers.map((matcher) => testOf(fieldsOf(matcher, 'a matcher')))
  return {
    id: textOf(silence, 'id'),
    // One without matchers is no silence that Alertmanager would take: nobody is meant by it.
    matches: (labels) => tests.length > 0 && tests.every((test) => test(labels)),
    startsAt: timeOf(silence, 'startsAt'),
    endsAt: timeOf(silence, 'endsAt'),
    active,
    by: shown(silence['createdBy']) || 'somebody',
    comment: shown(silence['comment']),
  }
}

function testOf(matcher: Fields): LabelTest {
  const { isRegex = false, isEqual = true } = matcher
  const op: Matcher['op'] = isRegex === true ? (isEqual === false ? '!~' : '=~') : isEqual === false ? '!=' : '='
  try {
    return compileMatchers([{ label: textOf(matcher, 'name'), op, value: textOf(matcher, 'value') }])
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    // A pattern that only Alertmanager can read may mean anybody: to leave too many alone is the lesser harm.
    return () => true
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value.replace(/\s+/g, ' ').trim().slice(0, LONGEST_TEXT) : ''
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`${what} is no list`)
  return value
}

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError(`${what} is no object`)
  return value as Fields
}

function textOf(fields: unknown, name: string): string {
  const value = fieldsOf(fields, `what holds ${name}`)[name]
  if (typeof value !== 'string') throw new TypeError(`${name} is no text`)
  return value
}

function timeOf(fields: Fields, name: string): number {
  const at = Date.parse(textOf(fields, name))
  if (Number.isNaN(at)) throw new TypeError(`${name} is no time`)
  return at
}

function textsOf(value: unknown, what: string): string[] {
  return listOf(value ?? [], what).map((text) => {
    if (typeof text !== 'string') throw new TypeError(`${what} holds something else than texts`)
    return text
  })
}

function labelsOf(value: unknown): Labels {
  const given = fieldsOf(value, 'the labels of an alert')
  const labels: Record<string, string> = Object.create(null)
  for (const name of Object.keys(given)) labels[name] = textOf(given, name)
  return labels
}
