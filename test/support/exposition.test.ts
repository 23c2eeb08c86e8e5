import { expect, it } from 'vitest'
import { parseExposition } from './exposition.ts'

it('reads names, labels with escapes, and numbers of every kind', () => {
  const text = [
    '# HELP a_total Text.',
    '# TYPE a_total counter',
    'a_total 3',
    'b{instance="web-1:9100",path="C:\\\\x\\"y\\nz"} 1.5e-3',
    'c{le="+Inf"} +Inf 1395066363000',
    'd NaN',
    '',
  ].join('\n')

  expect(parseExposition(text)).toEqual([
    { name: 'a_total', labels: {}, value: 3 },
    { name: 'b', labels: { instance: 'web-1:9100', path: 'C:\\x"y\nz' }, value: 0.0015 },
    { name: 'c', labels: { le: '+Inf' }, value: Number.POSITIVE_INFINITY },
    { name: 'd', labels: {}, value: Number.NaN },
  ])
})

it('refuses what is no sample', () => {
  expect(() => parseExposition('<html>')).toThrow('not a sample')
})
