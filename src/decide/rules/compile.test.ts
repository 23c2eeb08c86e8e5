import { describe, expect, it } from 'vitest'
import { compileSets } from './compile.ts'
import { faultsOf, ruleOf } from './testing/rules.ts'

describe('a rule is refused', () => {
  it('when its condition is wrong', () => {
    expect(faultsOf([ruleOf('a', 1, 'cpuu > 1'), ruleOf('b', 2, 'cpu > "1"')])).toEqual([
      'rules.0.when: cpuu is not known',
      'rules.1.when: no such overload: double > string',
    ])
  })

  it('when the condition of its file is wrong', () => {
    expect(faultsOf([ruleOf('a', 1, 'cpu > 1')], 'labels.job > 3')).toEqual(['when: no such overload: string > int'])
  })

  it('when another has its name, whatever the file', () => {
    const sets = [
      { name: 'one.yaml', rules: [ruleOf('a', 1, 'cpu > 1')] },
      { name: 'two.yaml', rules: [ruleOf('a', 2, 'memory > 1')] },
    ]

    const compiled = compileSets(sets, { features: ['cpu', 'memory'], checkParameters: () => [] })

    expect(compiled).toMatchObject({
      ok: false,
      faults: [{ set: 1, path: ['rules', 0, 'name'], message: 'there is a rule a already, in one.yaml' }],
    })
  })

  it('when the action does not take its parameters, on any step', () => {
    const steps = [
      { action: 'alert', parameters: {} },
      { action: 'throttle', parameters: { rps: 3 } },
    ] as const
    const sets = [{ name: 'test', rules: [ruleOf('a', 1, 'cpu > 1', { steps })] }]

    const compiled = compileSets(sets, {
      features: ['cpu'],
      checkParameters: (action) => (action === 'throttle' ? [{ name: 'rps', message: 'is not known' }] : []),
    })

    expect(compiled).toMatchObject({
      ok: false,
      faults: [{ path: ['rules', 0, 'ladder', 0, 'parameters', 'rps'], message: 'is not known' }],
    })
  })

  it('when it may act by itself on a whole group and nobody has said that this is meant', () => {
    const rule = (changes: object) =>
      ruleOf('a', 1, 'cpu > 1', { mode: 'auto', limits: { maxUnhealthy: 1 }, ...changes })

    expect(faultsOf([rule({})])).toEqual([
      'rules.0.guards.max_unhealthy: may act on a whole group at once in mode auto',
    ])
    expect(faultsOf([rule({ wholeGroup: true })])).toEqual([])
    expect(faultsOf([rule({ mode: 'approve' })])).toEqual([])
    expect(faultsOf([rule({ limits: { maxUnhealthy: 0.99 } })])).toEqual([])
  })

  it('when recovery would never be looked for', () => {
    const verification = { afterMs: 600_000, withinMs: 300_000 }

    expect(faultsOf([ruleOf('a', 1, 'cpu > 1', { verification })])).toEqual([
      'rules.0.verification.within: is shorter than `after`: recovery would never be looked for',
    ])
  })
})

describe('a rule is never reached', () => {
  const second = (first: string, then: string) => faultsOf([ruleOf('first', 1, first), ruleOf('then', 2, then)])

  it.each([
    ['true', 'cpu > 1'],
    ['cpu > 80', 'cpu>80'],
    ['cpu > 80', 'cpu > 90'],
    ['cpu > 80', '90.0 < cpu'],
    ['cpu > 80', 'cpu >= 81 && memory > 1'],
    ['cpu >= 80', 'cpu == 80'],
    ['cpu > -5', 'cpu > -4'],
    ['memory < 20', 'cpu > 1 && memory < 20.0 && errors > 1'],
    ['cpu > 80 || memory > 80', 'memory > 85'],
    ['cpu > 80 || memory > 80', '(cpu > 90 || memory > 90) && errors > 1'],
    ['cpu > 80 && memory > 80', 'memory > 90 && cpu > 90'],
    ['cause in ["latency", "overload"]', 'cause == "overload" && confidence > 0.5'],
    ['"HighCpu" in alerts', '"HighCpu" in alerts && anomaly'],
  ])('after %s: %s', (first, then) => {
    expect(second(first, then)).toEqual([
      'rules.1.when: is never reached: whenever it holds, first (priority 1) has matched before',
    ])
  })

  it.each([
    ['cpu > 90', 'cpu > 80'],
    ['cpu > 80', 'cpu >= 80'],
    ['cpu > 80', 'memory > 80'],
    ['cpu > 80', 'cpu < 80'],
    ['cpu == 80', 'cpu >= 80'],
    ['cpu > 80 && memory > 80', 'cpu > 80'],
    ['cpu > 80', 'cpu > 90 || memory > 90'],
    ['cpu > 80', '!(cpu > 80)'],
    ['cpu > 80 ? memory > 1 : errors > 1', 'cpu > 90'],
    ['cause == "latency"', 'cause in ["latency", "overload"]'],
    ['"HighCpu" in alerts', '"HighMemory" in alerts'],
  ])('but it is after %s: %s', (first, then) => {
    expect(second(first, then)).toEqual([])
  })

  it('when it is never true', () => {
    expect(faultsOf([ruleOf('a', 1, 'false')])).toEqual(['rules.0.when: is never true'])
  })

  it('by its priority, not by its place in the file', () => {
    const faults = faultsOf([ruleOf('late', 9, 'cpu > 1'), ruleOf('early', 1, 'true')])

    expect(faults).toEqual(['rules.0.when: is never reached: whenever it holds, early (priority 1) has matched before'])
  })

  it('only by a rule whose file has a condition that holds as well', () => {
    const sets = (first: string, second: string) => [
      { name: 'hosts', when: first, rules: [ruleOf('host-rest', 1, 'true')] },
      { name: 'services', when: second, rules: [ruleOf('service-rest', 2, 'true')] },
    ]
    const options = { features: [], checkParameters: () => [] }

    expect(compileSets(sets('labels.job == "node"', 'labels.job == "push"'), options).ok).toBe(true)
    expect(compileSets(sets('labels.job == "node"', 'labels.job == "node" && level > 2'), options).ok).toBe(false)
  })
})
