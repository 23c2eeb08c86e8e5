import fc from 'fast-check'
import { expect, it } from 'vitest'
import { scanJson } from './json-scan.ts'

it('finds the depth of any JSON, and no fewer values than it has', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const { depth, values } = scanJson(Buffer.from(JSON.stringify(value)))

      expect(depth).toBe(depthOf(value))
      expect(values).toBeGreaterThanOrEqual(countOf(value))
    }),
  )
})

it('finds the longest text, be it a value or a name', () => {
  expect(scanJson(Buffer.from('{"abc": ["", "defg"], "x": "\\"\\""}')).longest).toBe(4)
  expect(scanJson(Buffer.from('[1, 2]')).longest).toBe(0)
})

it('is not taken in by brackets in texts', () => {
  expect(scanJson(Buffer.from(JSON.stringify(['[{"\\', '"[', ',,,']))).depth).toBe(1)
})

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

function countOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce((sum, one) => sum + countOf(one), 1)
}
