import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderEvaluateReport } from './evaluate-report.ts'
import type { ReportHost } from './evaluate-report-data.ts'
import { downsample } from './evaluate-report-downsample.ts'

const START = Date.UTC(2026, 0, 1)

function host(rows: number, overrides: Partial<ReportHost> = {}): ReportHost {
  return {
    name: 'web-1:9100@node',
    times: Float64Array.from({ length: rows }, (_, row) => START + row * 60_000),
    level: Float64Array.from({ length: rows }, (_, row) => 0.3 + 0.2 * Math.sin(row / 50)),
    alarms: [],
    ...overrides,
  }
}

describe('evaluate report', () => {
  it('is one page that links to nowhere and runs nothing', () => {
    const page = renderEvaluateReport({
      title: 'Scores',
      hosts: [host(500, { lossCurve: { train: [1, 0.1], validation: [1, 0.2] } })],
    })

    expect(page).not.toMatch(/https?:|<script|<link|<img|url\(|@import| src=/)
    expect(page).toMatch(/^<!doctype html>/)
    expect(page).toContain('<svg')
  })

  it('escapes what names hold', () => {
    const evil = '<img src=x onerror="alert(1)">&\''
    const alarm = { from: 10, to: 12, features: [evil] }

    const page = renderEvaluateReport({ title: evil, hosts: [host(100, { name: evil, alarms: [alarm] })] })

    expect(page).not.toContain('<img')
    expect(page).not.toContain('onerror="')
  })

  it('draws 26,000 rows in less than 150 kB, the highest among them', () => {
    const level = Float64Array.from({ length: 26_000 }, (_, row) => (row === 12_345 ? 63 : 0.2 + 0.1 * Math.sin(row)))

    const page = renderEvaluateReport({ title: 'Scores', hosts: [host(26_000, { level })] })

    expect(page.length).toBeLessThan(150_000)
    expect(page).toMatch(/L\d+(\.\d)? 14\.0/)
  })

  it.each([[0], [1], [2]])('renders a host of %d rows', (rows) => {
    const level = new Float64Array(rows).fill(Number.NaN)

    const page = renderEvaluateReport({ title: 'Scores', hosts: [host(rows, { level })] })

    expect(page).not.toMatch(/NaN|Infinity|undefined/)
  })

  it('draws no number that is none, for any levels', () => {
    const level = fc.array(fc.oneof(fc.double({ min: 0 }), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 0)), {
      minLength: 1,
      maxLength: 50,
    })

    fc.assert(
      fc.property(level, (values) => {
        const alarms = [{ from: 0, to: values.length - 1, features: ['cpu'] }]
        const page = renderEvaluateReport({ title: 'Scores', hosts: [host(values.length, { level: values, alarms })] })
        return !/NaN|Infinity|undefined/.test(page)
      }),
    )
  })
})

describe('downsampling', () => {
  const values = fc.array(
    fc.oneof({ weight: 4, arbitrary: fc.double({ noNaN: true }) }, { weight: 1, arbitrary: fc.constant(Number.NaN) }),
  )
  const buckets = fc.integer({ min: 1, max: 40 })

  it('keeps the lowest and the highest value', () => {
    fc.assert(
      fc.property(values, buckets, (line, count) => {
        const numbers = line.filter((value) => !Number.isNaN(value))
        const kept = downsample(line, count).flat()
        expect(Math.max(...kept.map(({ value }) => value))).toBe(Math.max(...numbers))
        expect(Math.min(...kept.map(({ value }) => value))).toBe(Math.min(...numbers))
      }),
    )
  })

  it('gives values of the line in their order, never across a gap, at most four a bucket and run', () => {
    fc.assert(
      fc.property(values, buckets, (line, count) => {
        const runs = downsample(line, count)
        const indices = runs.flat().map(({ index }) => index)
        expect(indices).toEqual([...new Set(indices)].sort((a, b) => a - b))
        for (const run of runs) {
          expect(line.slice(run[0].index, run[run.length - 1].index + 1).some(Number.isNaN)).toBe(false)
        }
        const gaps = line.filter(Number.isNaN).length
        expect(runs.length).toBeLessThanOrEqual(gaps + 1)
        expect(indices.length).toBeLessThanOrEqual(4 * (count + 1 + gaps))
      }),
    )
  })
})
