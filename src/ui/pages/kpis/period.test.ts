import { expect, it } from 'vitest'
import { kpisPath, periodOf } from './period.ts'

it('a period is a week where the address names none that there is', () => {
  expect(periodOf('30d')).toBe('30d')
  expect(periodOf('')).toBe('7d')
  expect(periodOf('toString')).toBe('7d')
})

it('a period begins with a minute, and is asked for the same way throughout it', () => {
  const path = kpisPath('1d', Date.parse('2026-11-21T10:00:10Z'))

  expect(path).toBe('kpis?from=2026-11-20T10%3A00%3A00.000Z')
  expect(kpisPath('1d', Date.parse('2026-11-21T10:00:50Z'))).toBe(path)
})
