import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recording } from '../../test/fixtures/observe/recorded-fs.ts'
import { ObserveError } from './error.ts'
import { parseExposition, parseLabels, seriesKey } from './exposition.ts'

type Sample = [series: string, metric: string, value: number, timeMs: number]

function parse(text: string, ...wanted: string[]): Sample[] {
  const samples: Sample[] = []
  parseExposition(text, new Set(wanted), (...sample) => samples.push(sample))
  return samples
}

describe('parseExposition', () => {
  it('hands on the wanted metrics and passes over the rest', () => {
    const page = '# HELP a Help.\n# TYPE a gauge\na 1\n\nb{x="1"} 2\nab 3\n'

    expect(parse(page, 'a', 'b')).toEqual([
      ['a', 'a', 1, Number.NaN],
      ['b{x="1"}', 'b', 2, Number.NaN],
    ])
  })

  it.each([
    ['1.5e+09', 1.5e9],
    ['+Inf', Number.POSITIVE_INFINITY],
    ['-Inf', Number.NEGATIVE_INFINITY],
    ['NaN', Number.NaN],
  ])('reads the value %s', (text, value) => {
    expect(parse(`a ${text}`, 'a')[0][2]).toBe(value)
  })

  it('reads timestamps: milliseconds, in OpenMetrics seconds', () => {
    expect(parse('a 1 1395066363000\n', 'a')[0][3]).toBe(1395066363000)
    expect(parse('a 1 1395066363.5 # {id="x"} 1\n# EOF\n', 'a')[0][3]).toBe(1395066363500)
    expect(parse('a 1 # {id="x"} 1\n# EOF\n', 'a')[0][3]).toBeNaN()
  })

  it('is not misled by braces, blanks and quotes inside label values', () => {
    const [[series, , value]] = parse('a{x="} 7 \\" {",y="z"} 5\r\n', 'a')

    expect(value).toBe(5)
    expect(parseLabels(series)).toEqual({ x: '} 7 " {', y: 'z' })
  })

  it('reads a recorded page of node_exporter', () => {
    const samples = parse(
      recording('node_exporter-0.txt'),
      'node_load1',
      'node_cpu_seconds_total',
      'node_memory_MemTotal_bytes',
    )

    expect(samples).toHaveLength(1 + 2 * 8 + 1)
    expect(samples.every(([, , value]) => value >= 0)).toBe(true)
  })

  it('recognises HTML and says where to look', () => {
    expect(() => parse('\n<!DOCTYPE html><html></html>', 'a')).toThrow(/HTML, not metrics: check the path/)
  })

  it.each([
    ['a 1\n{"json": true}x\n?\n', 3],
    ['a 1\na one\n', 2],
    ['a{x="1" 1\n', 1],
    ['a\n', 1],
    ['b 1\na 1 soon\n', 2],
  ])('names the line that it cannot read in %j', (page, line) => {
    const error = thrownBy(() => parse(page, 'a'))

    expect(error).toBeInstanceOf(ObserveError)
    expect(error).toMatchObject({ reason: 'bad_response', message: expect.stringContaining(`line ${line} `) })
  })

  it('throws nothing but ObserveError, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'a{}="\\ \n1#,.N') }), (page) => {
        const error = thrownBy(() => parse(page, 'a'))
        return error === undefined || error instanceof ObserveError
      }),
    )
  })
})

describe('parseLabels', () => {
  it('reads back what seriesKey wrote', () => {
    const name = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]*$/)
    fc.assert(
      fc.property(fc.dictionary(name, fc.string()), (labels) => {
        expect({ ...parseLabels(seriesKey('a', labels)) }).toEqual({ ...labels })
      }),
    )
  })

  it('allows blanks and a comma at the end', () => {
    expect(parseLabels('a { x = "1" , y="2", }')).toEqual({ x: '1', y: '2' })
    expect(parseLabels('a{}')).toEqual({})
  })

  it.each(['a{x}', 'a{x=1}', 'a{x="1"y="2"}', 'a{x="1"'])('refuses %j', (series) => {
    expect(() => parseLabels(series)).toThrow(SyntaxError)
  })
})

function thrownBy(work: () => unknown): unknown {
  try {
    work()
    return undefined
  } catch (error) {
    return error
  }
}
