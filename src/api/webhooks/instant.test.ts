import { expect, it } from 'vitest'
import { readInstant } from './instant.ts'

it.each([
  ['2026-11-21T10:00:00Z', '2026-11-21T10:00:00.000Z'],
  ['2026-11-21T10:00:00.123456789Z', '2026-11-21T10:00:00.123Z'],
  ['2026-11-21T10:00:00.5+02:00', '2026-11-21T08:00:00.500Z'],
  ['2026-03-29T02:30:00+01:00', '2026-03-29T01:30:00.000Z'],
  ['2026-12-31t23:59:60z', '2026-12-31T23:59:59.999Z'],
])('%s is %s', (text, expected) => {
  expect(new Date(readInstant(text)!).toISOString()).toBe(expected)
})

it.each([
  '',
  'now',
  '2026-11-21',
  '2026-11-21T10:00:00',
  '2026-13-01T00:00:00Z',
  '1763719200',
  '+002026-11-21T10:00:00Z',
])('%j is no time', (text) => {
  expect(readInstant(text)).toBeUndefined()
})
