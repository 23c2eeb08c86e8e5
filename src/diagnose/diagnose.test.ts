import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Facts } from '../domain/facts.ts'
import { diagnose } from './diagnose.ts'
import { compilePatterns, type PatternSpec } from './patterns.ts'
import { factsOf } from './testing/facts.ts'

const FEATURES = ['cpu_busy', 'cpu_user', 'disk_queue', 'disk_reads', 'requests', 'memory']

const pattern = (cause: PatternSpec['cause'], changes: Partial<PatternSpec> = {}): PatternSpec => ({
  cause,
  features: [],
  conditions: [],
  peers: 0,
  ...changes,
})

function patternsOf(specs: readonly PatternSpec[], minimumConfidence = 0.3) {
  const compiled = compilePatterns({ minimumConfidence, patterns: specs }, FEATURES)
  if (!compiled.ok) throw new Error(compiled.faults.map(({ message }) => message).join())
  return compiled.patterns
}

const up = (name: string, weight = 1) => ({ name, direction: 'up', weight }) as const
const contribution = (feature: string, share: number, actual: number, expected: number) => ({
  feature,
  share,
  actual,
  expected,
})
const alert = (name: string) => ({ name, labels: {}, startsAt: 0 })

const PATTERNS = patternsOf([
  pattern('cpu_saturation', {
    features: [up('cpu_busy'), up('cpu_*', 0.5)],
    alerts: { matching: ['cpu', '^high_?load$'], weight: 0.6 },
    conditions: [{ when: 'cpu_busy > 90', weight: 0.5 }],
  }),
  pattern('disk_saturation', { features: [up('disk_*')] }),
  pattern('traffic_drop', { features: [{ name: 'requests', direction: 'down', weight: 1 }] }),
  pattern('overload', { features: [up('requests', 0.5)], peers: 0.4 }),
])

const diagnosisOf = (changes: Partial<Facts>, patterns = PATTERNS) => diagnose(factsOf(changes), patterns)

describe('a cause', () => {
  it('is as sure as the shares of its features, each by its weight', () => {
    const contributions = [contribution('cpu_busy', 0.5, 80, 20), contribution('cpu_user', 0.3, 70, 15)]

    expect(diagnosisOf({ contributions })).toEqual({
      cause: 'cpu_saturation',
      confidence: 0.5 * 1 + 0.3 * 0.5,
      evidence: ['cpu_busy 80, expected 20', 'cpu_user 70, expected 15'],
      rootTarget: 'web@node',
    })
  })

  it('is surer with each further piece of evidence', () => {
    const contributions = [contribution('cpu_busy', 0.5, 95, 20)]
    const features = new Map([['cpu_busy', 95]])

    expect(diagnosisOf({ contributions }).confidence).toBe(0.5)
    expect(diagnosisOf({ contributions, features }).confidence).toBe(1 - 0.5 * 0.5)
    const all = diagnosisOf({ contributions, features, alerts: [alert('HighCPU'), alert('Other')] })
    expect(all.confidence).toBe(1 - 0.5 * 0.5 * 0.4)
    expect(all.evidence).toEqual(['cpu_busy 95, expected 20', 'alert HighCPU fires'])
  })

  it('is known by an alert alone', () => {
    expect(diagnosisOf({ anomalous: false, alerts: [alert('High_Load')] })).toMatchObject({
      cause: 'cpu_saturation',
      confidence: 0.6,
      evidence: ['alert High_Load fires'],
    })
  })

  it('is known by a condition alone, with the value that it read', () => {
    expect(diagnosisOf({ features: new Map([['cpu_busy', 97.25]]) })).toMatchObject({
      cause: 'cpu_saturation',
      evidence: ['cpu_busy 97.3'],
    })
  })

  it('is not spoken for by features that moved the other way', () => {
    const contributions = [contribution('requests', 0.9, 5, 120)]

    expect(diagnosisOf({ contributions }).cause).toBe('traffic_drop')
    expect(diagnosisOf({ contributions: [contribution('requests', 0.9, 500, 120)] }).cause).toBe('overload')
  })

  it('is half as sure where nobody knows what was expected', () => {
    const contributions = [contribution('disk_queue', 0.8, 30, Number.NaN)]

    expect(diagnosisOf({ contributions })).toMatchObject({ confidence: 0.4, evidence: ['disk_queue 30'] })
  })

  it('does not count without what it requires', () => {
    const patterns = patternsOf([
      pattern('memory_leak', { features: [up('memory')], requires: 'cpu_busy < 50' }),
      pattern('memory_pressure', { features: [up('memory', 0.5)] }),
    ])
    const contributions = [contribution('memory', 1, 90, 40)]
    const causeAt = (cpu: number) => diagnosisOf({ contributions, features: new Map([['cpu_busy', cpu]]) }, patterns)

    expect(causeAt(20).cause).toBe('memory_leak')
    expect(causeAt(70).cause).toBe('memory_pressure')
    expect(causeAt(Number.NaN).cause).toBe('memory_pressure')
  })

  it('is unknown below the least confidence, with what there is', () => {
    const contributions = [contribution('disk_reads', 0.2, 300, 100), contribution('memory', 0.1, 50, 40)]

    expect(diagnosisOf({ contributions, alerts: [alert('Odd')] })).toMatchObject({
      cause: 'unknown',
      confidence: 0,
      evidence: ['disk_reads 300, expected 100', 'memory 50, expected 40', 'alert Odd fires'],
    })
  })
})

describe('the group', () => {
  const contributions = [contribution('requests', 0.9, 500, 120)]
  const group = (anomalous: number, size: number) =>
    diagnosisOf({ contributions, peers: { group: 'a', anomalous, size } })

  it('speaks for causes of many when half of it, and three or more, are unwell', () => {
    expect(group(2, 4)).toMatchObject({ confidence: expect.closeTo(1 - (1 - 0.45) * 0.6, 9) })
    expect(group(7, 9).evidence).toEqual(['requests 500, expected 120', '7 of 9 in group a: the group, not one host'])
    expect(group(7, 9).peers).toEqual({ group: 'a', anomalous: 7, size: 9 })
  })

  it.each([
    [1, 3],
    [3, 7],
    [2, 2],
  ])('does not with %i of %i', (anomalous, size) => {
    expect(group(anomalous, size)).toMatchObject({ confidence: 0.45, evidence: ['requests 500, expected 120'] })
  })

  it('speaks for nothing by itself', () => {
    expect(diagnosisOf({ peers: { group: 'a', anomalous: 9, size: 9 } })).toMatchObject({
      cause: 'unknown',
      evidence: ['9 of 9 in group a: the group, not one host'],
    })
  })
})

it('is sure from 0 to 1 whatever comes', () => {
  const value = fc.double({ noDefaultInfinity: false })
  const contributions = fc.array(
    fc.record({ feature: fc.constantFrom(...FEATURES, 'x'), share: value, actual: value, expected: value }),
    { maxLength: 8 },
  )
  const alerts = fc.array(fc.string().map(alert), { maxLength: 4 })
  const peers = fc.option(fc.record({ group: fc.constant('g'), anomalous: fc.nat(20), size: fc.nat(20) }), {
    nil: undefined,
  })

  fc.assert(
    fc.property(contributions, alerts, peers, (some, firing, group) => {
      const { confidence, cause } = diagnosisOf({ contributions: some, alerts: firing, peers: group })
      return confidence >= 0 && confidence <= 1 && (cause === 'unknown') === (confidence === 0)
    }),
  )
})

it('names what is wrong with patterns', () => {
  const compiled = compilePatterns(
    {
      minimumConfidence: 0.3,
      patterns: [
        pattern('latency', {
          features: [up('cpu_bussy'), up('disc_*')],
          alerts: { matching: ['(a)\\1'], weight: 1 },
          conditions: [{ when: 'cause == "latency"', weight: 1 }],
          requires: 'cpu_busy',
        }),
        pattern('latency'),
      ],
    },
    FEATURES,
  )

  expect(compiled.ok ? [] : compiled.faults.map(({ path, message }) => [path.join('.'), message])).toEqual([
    ['patterns.0.features.0.name', 'there is no feature cpu_bussy'],
    ['patterns.0.features.1.name', 'there is no feature disc_*'],
    ['patterns.0.alerts.matching.0', 'is not an RE2 pattern: error parsing regexp: invalid escape sequence: `\\1`'],
    ['patterns.0.conditions.0.when', 'cause is not known'],
    ['patterns.0.requires', 'gives a double, not true or false'],
    ['patterns.1.cause', 'latency has a pattern already, number 1'],
  ])
})
