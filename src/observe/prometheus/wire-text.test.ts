import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readDecimal, Text } from './wire-text.ts'

function read(text: string): number {
  const body = Buffer.from(`"${text}"`)
  return readDecimal(body, 1, body.length - 1)
}

describe('a number on the wire', () => {
  it('is what Number makes of it, to the last bit', () => {
    const decimal = fc
      .tuple(fc.constantFrom('', '-'), fc.stringMatching(/^\d{0,12}$/), fc.stringMatching(/^\d{0,24}$/))
      .map(([sign, whole, fraction]) => `${sign}${whole}.${fraction}`)
    const whole = fc.stringMatching(/^\d{1,24}$/)
    const text = fc.oneof(decimal, whole, fc.double().map(String), fc.double({ min: -1e6, max: 1e6 }).map(String))
    fc.assert(
      fc.property(text, (given) => {
        expect(read(given)).toBe(Number(given))
      }),
      { numRuns: 2_000 },
    )
  })

  it.each(['NaN', '+Inf', '-Inf', '1e-9', '1E5', '007', '-0', '0', '', '-', '.', '-.', '1.2.3', '12a', ' 1'])(
    'may be %j',
    (text) => {
      expect(read(text)).toBe(Number(text))
    },
  )

  it.each([
    '9007199254740993',
    '9007199254740992.5',
    '0.1000000000000000055',
    '9223372036854775807',
    '4503599627370497.5',
  ])('is rounded once, half to even: %s', (text) => {
    expect(read(text)).toBe(Number(text))
  })
})

describe('a text on the wire', () => {
  it('is found where it stands, and nowhere else', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'ä', '€'), maxLength: 9 })
    fc.assert(
      fc.property(text, text, text, (before, wanted, after) => {
        const bytes = Buffer.from(before + wanted + after)
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
        const sought = new Text(wanted)

        expect(sought.bytes).toBe(Buffer.byteLength(wanted))
        for (let at = 0; at <= bytes.length; at++) {
          const found = bytes.subarray(at, at + sought.bytes).equals(Buffer.from(wanted))
          expect(sought.standsAt(view, at)).toBe(found)
        }
      }),
    )
  })
})
