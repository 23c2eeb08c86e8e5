import { describe, expect, it } from 'vitest'
import { featureWords, formatValue, unitOf } from './format-value.ts'

describe('formatValue', () => {
  it.each([
    [93.04, 'percent', '93 %'],
    [0.4567, 'ratio', '45.7 %'],
    [1_234_567_890, 'bytes', '1.23 GB'],
    [999, 'bytes', '999 B'],
    [0, 'bytes_per_second', '0 B/s'],
    [2500, 'bytes_per_second', '2.5 kB/s'],
    [120, 'per_second', '120 /s'],
    [0.0123, 'seconds', '12.3 ms'],
    [4.2, 'seconds', '4.2 s'],
    [3600, 'seconds', '1 h'],
    [438, 'ms', '438 ms'],
    [1, 'flag', 'yes'],
    [17, 'count', '17'],
    [17.25, null, '17.3'],
    [null, 'percent', '–'],
  ] as const)('writes %s in %s as %s', (value, unit, text) => {
    expect(formatValue(value, unit)).toBe(text)
  })
})

describe('unitOf', () => {
  it('believes the API before the name', () => {
    expect(unitOf('cpu_busy', 'percent')).toBe('percent')
    expect(unitOf('odd_ratio', 'count')).toBe('count')
  })

  it('does not make a percentage of a load', () => {
    expect(unitOf('load1_per_core', 'ratio')).toBeNull()
    expect(unitOf('memory_used_ratio', 'ratio')).toBe('ratio')
  })

  it.each([
    ['request_latency_ms', 'ms'],
    ['error_rate_percent', 'percent'],
    ['requests_per_second', 'per_second'],
    ['sent_bytes_per_second', 'bytes_per_second'],
    ['restarts', null],
    ['_ms', null],
  ])('reads from the name %s the unit %s', (name, unit) => {
    expect(unitOf(name, null)).toBe(unit)
  })
})

describe('featureWords', () => {
  it('leaves to the number what its unit says', () => {
    expect(featureWords('memory_used_ratio')).toBe('memory used')
    expect(featureWords('request_latency_ms')).toBe('request latency')
    expect(featureWords('load1_per_core')).toBe('load1 per core')
  })
})
