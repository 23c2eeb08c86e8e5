import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TargetTable } from '../target-table.ts'
import { ingest, type SlotHints } from './ingest.ts'
import { KnownVectorReader } from './known-vector.ts'

type Sample = readonly [instance: string, time: number, value: string]

const bodyOf = (samples: readonly Sample[]) =>
  JSON.stringify({
    status: 'success',
    data: {
      resultType: 'vector',
      result: samples.map(([instance, time, value]) => ({ metric: { instance, job: 'node' }, value: [time, value] })),
    },
  })

/** A table, and the hints of a first answer. */
function answeredBefore(body: string, identity = ['instance', 'job']) {
  const table = new TargetTable(identity, 600_000)
  const hints: SlotHints = []
  ingest(JSON.parse(body).data.result, table, hints, () => true)
  return { table, hints, reader: new KnownVectorReader(table) }
}

function read({ reader, hints }: ReturnType<typeof answeredBefore>, body: string) {
  const samples: number[][] = []
  const taken = reader.read(Buffer.from(body), hints, (...sample) => samples.push(sample) > 0)
  return { taken, samples }
}

const first = bodyOf([
  ['a', 12, '1'],
  ['b', 12, '2'],
])

describe('reading a vector of known targets', () => {
  it('finds what parsing would find', () => {
    const text = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('a"b', 'ä\\', '<&>', '\u2028', ',"', '"]}'))
    const value = fc.oneof(fc.double().map(String), fc.constantFrom('NaN', '+Inf', '-Inf', '1e-9', '007', '-0'))
    const time = fc.double({ min: 0, max: 2e9, noNaN: true })
    const answers = fc.uniqueArray(fc.tuple(text, time, value), { selector: ([name]) => name, minLength: 1 })
    fc.assert(
      fc.property(answers, fc.array(value), (before, values) => {
        const state = answeredBefore(bodyOf(before))
        const next = bodyOf(before.map(([name, at, old], i) => [name, at, values[i] ?? old]))
        const parsed: number[][] = []
        ingest(JSON.parse(next).data.result, state.table, [...state.hints], (...sample) => parsed.push(sample) > 0)

        expect(read(state, next)).toEqual({ taken: true, samples: parsed })
      }),
    )
  })

  it('takes what a real Prometheus answered', () => {
    const fixture = new URL('../../../test/fixtures/observe/api/vector.json', import.meta.url)
    const body = readFileSync(fixture, 'utf8')

    expect(read(answeredBefore(body), body)).toEqual({ taken: true, samples: [[0, 1795246500285, 1795246499.797]] })
  })

  it('counts as seeing the targets', () => {
    const state = answeredBefore(first)
    state.table.sweep(0)

    read(state, first)

    state.table.sweep(1)
    state.table.sweep(700_000)
    expect(state.table.targets().filter(Boolean)).toHaveLength(2)
  })

  it('takes identity labels in any order, and none that are empty', () => {
    const body =
      '{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"x","z":"y"},"value":[1.5,"2"]}]}}'

    expect(read(answeredBefore(body, ['z', 'none', 'a']), body).samples).toEqual([[0, 1500, 2]])
  })

  const other = {
    'another order': bodyOf([
      ['b', 12, '2'],
      ['a', 12, '1'],
    ]),
    'a series less': bodyOf([['a', 12, '1']]),
    'a series more': bodyOf([
      ['a', 12, '1'],
      ['b', 12, '2'],
      ['c', 12, '3'],
    ]),
    'another target': bodyOf([
      ['a', 12, '1'],
      ['c', 12, '2'],
    ]),
    'further labels': first.replace('"job":"node"}', '"job":"node","rack":"1"}'),
    warnings: first.replace(/\}$/, ',"warnings":["w"]}'),
    'a partial answer': first.replace('"success",', '"success","isPartial":true,'),
    'a matrix': first.replace('"vector"', '"matrix"'),
    'an error': '{"status":"error","errorType":"timeout","error":"slow"}',
    'a number where a text belongs': first.replace('"2"]', '2]'),
    'a time that is none': first.replace('[12,"2"]', '[x,"2"]'),
    'a broken end': first.slice(0, -4),
    'something after the end': `${first} `,
    nothing: '',
  }
  it.each(Object.entries(other))('refuses %s, and takes in nothing of it', (_, body) => {
    expect(read(answeredBefore(first), body)).toEqual({ taken: false, samples: [] })
  })

  it('refuses a target whose slot went to another', () => {
    const state = answeredBefore(first)
    state.table.sweep(0)
    state.table.sweep(1)
    state.table.sweep(700_000)

    expect(read(state, first).taken).toBe(false)
  })
})
