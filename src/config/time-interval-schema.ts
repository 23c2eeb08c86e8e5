import { z } from 'zod'
import { text } from './fields.ts'

/** Ends included; times of day in minutes, without the end. */
interface Span {
  readonly from: number
  readonly to: number
}

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const MONTHS = [
  ...['january', 'february', 'march', 'april', 'may', 'june', 'july'],
  ...['august', 'september', 'october', 'november', 'december'],
]

/** A list of values and ranges such as `monday:friday`. @param read a value; undefined for what is none */
function spans(notation: string, example: string, read: (word: string) => number | undefined) {
  return z
    .array(
      z.unknown().transform((input, context): Span => {
        const words = String(input).toLowerCase().split(':')
        const [from, to = from] = words.map(read)
        if (words.length <= 2 && from !== undefined && to !== undefined && inOrder(from, to)) return { from, to }
        const params = { hint: `for example ${example}` }
        context.addIssue({ code: 'custom', message: `must be ${notation}`, params, input })
        return z.NEVER
      }),
    )
    .meta({ notation: `a list of ${notation}`, example: `['${example}']` })
    .default([])
}

/** A range that counts from the month's end on one side only is put in order when the month is known. */
function inOrder(from: number, to: number): boolean {
  return from < 0 === to < 0 ? from <= to : from > 0
}

const oneOfWords = (words: readonly string[], first: number) => (word: string) => {
  const index = words.indexOf(word)
  return index === -1 ? undefined : index + first
}

const number = (isGood: (value: number) => boolean) => (word: string) => {
  return /^-?\d{1,4}$/.test(word) && isGood(Number(word)) ? Number(word) : undefined
}

const month = (word: string) => oneOfWords(MONTHS, 1)(word) ?? number((value) => value >= 1 && value <= 12)(word)

const timeOfDay = z
  .unknown()
  .transform((input, context): number => {
    const [, hour, minute] = /^(\d\d):([0-5]\d)$/.exec(String(input)) ?? []
    const minutes = Number(hour) * 60 + Number(minute)
    if (minutes <= 24 * 60) return minutes
    const params = { hint: 'for example 09:00; the end of the day is 24:00' }
    context.addIssue({ code: 'custom', message: 'must be a time of day HH:MM', params, input })
    return z.NEVER
  })
  .meta({ notation: 'a time of day HH:MM', example: "'09:00'" })

const times = z
  .array(
    z
      .strictObject({
        start_time: timeOfDay.describe('First minute.'),
        end_time: timeOfDay.describe('First minute after it.'),
      })
      .transform(({ start_time, end_time }, context): Span => {
        if (start_time < end_time) return { from: start_time, to: end_time }
        const params = { hint: 'a span over midnight is two: one until 24:00, one from 00:00' }
        context.addIssue({ code: 'custom', message: 'ends before it begins', params, input: start_time })
        return z.NEVER
      }),
  )
  .meta({ notation: 'a list of {start_time, end_time}', example: "[{start_time: '09:00', end_time: '17:00'}]" })
  .default([])

const location = z
  .unknown()
  .transform((input, context): string => {
    if (typeof input === 'string' && isTimeZone(input)) return input
    const params = { hint: 'for example Europe/Berlin' }
    context.addIssue({ code: 'custom', message: 'is not a time zone that is known here', params, input })
    return z.NEVER
  })
  .meta({ notation: 'a time zone', example: 'Europe/Berlin' })

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

/** Alertmanager's `time_intervals`. */
export const timeIntervalSchema = z.strictObject({
  name: text('a name', 'offhours').describe('Name by which routes refer to it.'),
  time_intervals: z
    .array(
      z.strictObject({
        times: times.describe('Times of the day.'),
        weekdays: spans('days of the week', 'monday:friday', oneOfWords(WEEKDAYS, 0)).describe('Days of the week.'),
        days_of_month: spans(
          'days of the month, negative ones from its end',
          '1:7',
          number((day) => day !== 0 && Math.abs(day) <= 31),
        ).describe('Days of the month.'),
        months: spans('months', 'january:march', month).describe('Months.'),
        years: spans(
          'years',
          '2026',
          number((year) => year >= 1970),
        ).describe('Years.'),
        location: location.prefault('UTC').describe('Time zone of all of them.'),
      }),
    )
    .min(1)
    .max(100)
    .meta({ notation: 'a list' })
    .describe('Any of them: in each, all that is given must hold.'),
})
