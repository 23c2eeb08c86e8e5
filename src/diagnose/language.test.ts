import { describe, expect, it } from 'vitest'
import { CAUSES } from '../domain/diagnosis.ts'
import type { Facts } from '../domain/facts.ts'
import { createLanguage } from './language.ts'
import { factsOf } from './testing/facts.ts'
import { viewOf } from './view.ts'

const FEATURES = ['cpu', 'memory', 'restarts']
const language = createLanguage(FEATURES, { cause: CAUSES })

function holds(source: string, facts: Partial<Facts> = {}) {
  const compiled = language.compile(source)
  if (!compiled.ok) throw new Error(compiled.fault.message)
  return compiled.condition.holds(viewOf(factsOf(facts), FEATURES))
}

const fault = (source: string) => {
  const compiled = language.compile(source)
  return compiled.ok ? undefined : compiled.fault
}

describe('a condition', () => {
  const features = new Map([
    ['cpu', 90],
    ['restarts', 3],
  ])

  it.each([
    ['cpu > 80', true],
    ['cpu > 80 && restarts == 3', true],
    ['cpu / 2 == 45 && restarts + 1 > 3.5', true],
    ['cpu < 80 || "HighCpu" in alerts', true],
    ['cpu > 95 ? false : labels.job == "node"', true],
    ['alerts.exists(name, name.matches("^High[A-Z]"))', true],
    ['labels.job.matches("^nod.$") && group == "node" && target == "web@node"', true],
    ['detectors.zscore > 0.5 && anomaly && level > 1', true],
    ['cause == "unknown" && confidence == 0', true],
    ['peers_anomalous / peers_size >= 0.5', true],
    ['cpu > 95', false],
    ['!("HighCpu" in alerts)', false],
    ['cause in ["latency", "overload"]', false],
  ])('%s is %s', (source, expected) => {
    const alerts = [{ name: 'HighCpu', labels: {}, startsAt: 0 }]
    const peers = { group: 'node', anomalous: 3, size: 6 }

    expect(holds(source, { features, alerts, peers })).toBe(expected)
  })

  it.each([
    'memory > 80',
    '!(memory > 80)',
    'memory != 80',
    '!(memory == 80)',
    'memory - memory != 0.0',
    'restarts * 0.0 / (restarts - 3.0) != 1.0',
    'cpu > 80 && memory < 80',
    'cpu < 80 || memory < 80',
    'memory < 80 ? true : true',
    'labels.zone != "a"',
    'labels["zone"] == labels.job',
    '!labels.zone.matches("a")',
    'labels[group] == "x"',
    'detectors.forecast < 0.5',
    'peers_size < 5',
    'int(memory) > 3',
  ])('%s is neither true nor false where something in it is not known', (source) => {
    expect(holds(source, { features })).toBeUndefined()
  })

  it.each([
    ['cpu > 80 || memory > 80', true],
    ['memory > 80 || cpu > 80', true],
    ['cpu < 80 && memory > 80', false],
    ['memory > 80 && cpu < 80', false],
    ['has(labels.zone) && labels.zone == "a"', false],
    ['"zone" in labels', false],
    ['!has(labels.zone) || labels.zone == "a"', true],
  ])('%s is %s whatever is not known', (source, expected) => {
    expect(holds(source, { features })).toBe(expected)
  })

  it('takes labels for data, whatever they are called', () => {
    const labels = Object.assign(Object.create(null), { ['__proto__']: 'x', job: 'node' })

    expect(holds('labels.toString == "x"', { labels: { job: 'node' } })).toBeUndefined()
    expect(holds('has(labels.hasOwnProperty)', { labels })).toBe(false)
    expect(holds('labels.job == "node"', { labels })).toBe(true)
  })

  it('is the same text whatever its spaces and brackets', () => {
    const text = (source: string) => {
      const compiled = language.compile(source)
      return compiled.ok ? compiled.condition.text : undefined
    }

    expect(text('((cpu>80.0))&&restarts   >= 3')).toBe(text('cpu > 80.0 && (restarts >= 3)'))
  })
})

describe('a wrong condition', () => {
  it.each([
    ['cpuu > 80', 0, 'cpuu is not known'],
    ['cpu > 80 && lavel > 1', 12, 'lavel is not known'],
    ['cpu > "80"', 0, 'no such overload: double > string'],
    ['cpu', 0, 'gives a double, not true or false'],
    ['alerts == "HighCpu"', 0, 'no such overload: list<string> == string'],
    ['cpu >', 5, 'Unexpected token: EOF'],
    ['cause == "cpu_saturaton"', 9, 'there is no cause "cpu_saturaton"'],
    ['cause in ["latency", "slow"]', 21, 'there is no cause "slow"'],
    ['detectors.zscor > 0.5', 0, 'there is no detector zscor'],
    [
      'labels.job.matches("(a)\\\\1")',
      19,
      'is not an RE2 pattern: error parsing regexp: invalid escape sequence: `\\1`',
    ],
    [
      'labels.job.matches("(?<=a)b")',
      19,
      'is not an RE2 pattern: error parsing regexp: invalid named capture: `(?<=a)b`',
    ],
    ['labels.job.matches(group)', 0, 'the pattern of matches must stand there itself'],
    [`cpu > 1 ${'|| cpu > 1 '.repeat(400)}`, 0, 'is longer than 4000 characters'],
  ])('%s is refused at character %i: %s', (source, offset, message) => {
    expect(fault(source)).toMatchObject({ offset, message })
  })

  it('names what is known beside what is not', () => {
    expect(fault('memori > 1')?.unknown).toEqual({
      name: 'memori',
      known: expect.arrayContaining(['memory', 'level', 'alerts', 'cause']),
    })
  })
})

it('knows neither cause nor confidence before there is a diagnosis', () => {
  const before = createLanguage(FEATURES)

  expect(before.compile('cpu > 80').ok).toBe(true)
  expect(before.compile('cause == "latency"').ok).toBe(false)
  expect(before.compile('confidence > 0.5').ok).toBe(false)
})

it('does without features whose names it keeps for itself', () => {
  const own = createLanguage(['level', 'package', 'int', 'cpu'])

  expect(own.compile('cpu > level').ok).toBe(true)
  expect(own.compile('package > 1').ok).toBe(false)
})
