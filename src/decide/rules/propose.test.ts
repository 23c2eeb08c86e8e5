import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { factsOf } from '../../diagnose/testing/facts.ts'
import type { Diagnosis } from '../../domain/diagnosis.ts'
import type { Facts } from '../../domain/facts.ts'
import { describeRules } from './describe.ts'
import { type Progress, propose } from './propose.ts'
import type { RuleSpec, Rules } from './rule.ts'
import { FEATURES, ruleOf, rulesOf } from './testing/rules.ts'

const UNKNOWN: Diagnosis = { cause: 'unknown', confidence: 0, evidence: [], rootTarget: 'web@node' }

function proposed(
  rules: Rules,
  facts: Partial<Facts> & { diagnosis?: Diagnosis } = {},
  progress: Partial<Progress> = {},
) {
  const all = { ...factsOf(facts), diagnosis: facts.diagnosis ?? UNKNOWN }
  return propose(rules, all, { step: 0, repeated: false, ...progress })
}

const nameOf = (...args: Parameters<typeof proposed>) => proposed(...args).proposal?.rule
const features = (values: Record<string, number>) => ({ features: new Map(Object.entries(values)) })

describe('the first rule that matches', () => {
  it('is the one with the smallest priority, and of equals the one that was written first', () => {
    const rules = rulesOf(
      [ruleOf('late', 9, 'cpu > 10'), ruleOf('one', 5, 'cpu > 80')],
      [ruleOf('two', 5, 'cpu > 50'), ruleOf('early', 1, 'cpu > 90')],
    )

    expect(nameOf(rules, features({ cpu: 95 }))).toBe('early')
    expect(nameOf(rules, features({ cpu: 85 }))).toBe('one')
    expect(nameOf(rules, features({ cpu: 60 }))).toBe('two')
    expect(nameOf(rules, features({ cpu: 20 }))).toBe('late')
    expect(proposed(rules, features({ cpu: 5 }))).toMatchObject({ proposal: undefined, reason: 'no rule matches' })
  })

  it('says all that is to be done', () => {
    const limits = { soakCycles: 4 }
    const steps = [{ action: 'throttle', parameters: { requests_per_second: 50 } }] as const
    const rules = rulesOf([ruleOf('a', 1, 'cpu > 80', { steps, limits, severity: 'high', mode: 'approve' })])

    expect(proposed(rules, features({ cpu: 90 }))).toEqual({
      proposal: {
        rule: 'a',
        action: 'throttle',
        parameters: { requests_per_second: 50 },
        severity: 'high',
        mode: 'approve',
        verification: { afterMs: 30_000, withinMs: 300_000 },
        step: 0,
        steps: 1,
      },
      limits,
    })
  })

  it('may go by the diagnosis', () => {
    const rules = rulesOf([ruleOf('a', 1, 'cause == "latency" && confidence > 0.5')])
    const diagnosis = { ...UNKNOWN, cause: 'latency', confidence: 0.8 } as const

    expect(nameOf(rules, { diagnosis })).toBe('a')
    expect(nameOf(rules, { diagnosis: { ...diagnosis, confidence: 0.4 } })).toBeUndefined()
  })
})

describe('nothing is proposed', () => {
  const rules = rulesOf([ruleOf('rest', 1, 'true')])
  const alerts = [{ name: 'HighCpu', labels: {}, startsAt: 0 }]

  it('without an anomaly and without a firing alert', () => {
    expect(proposed(rules, { anomalous: false })).toMatchObject({ reason: 'there is no anomaly and no firing alert' })
    expect(nameOf(rules, { anomalous: false, alerts })).toBe('rest')
    expect(nameOf(rules, { anomalous: true })).toBe('rest')
  })

  it('about an alert that is only said again, unless the rule asks for it', () => {
    const again = rulesOf([ruleOf('again', 1, 'true', { onRepeat: true })])

    expect(proposed(rules, { alerts }, { repeated: true })).toMatchObject({
      reason: 'the alert is only repeated: rest does not act again',
      rule: 'rest',
      exhausted: false,
    })
    expect(nameOf(again, { alerts }, { repeated: true })).toBe('again')
  })

  it('on a number that is not known, whichever way it is asked', () => {
    const asked = ['cpu > 80', 'cpu < 80', 'cpu != 80', '!(cpu > 80)', '!(cpu == 80)', 'cpu >= 0 || cpu < 0']
    const every = asked.map((when) => rulesOf([ruleOf('a', 1, when)]))

    for (const one of every) {
      expect(nameOf(one, {})).toBeUndefined()
      expect(nameOf(one, features({ cpu: Number.NaN }))).toBeUndefined()
    }
  })
})

describe('the ladder', () => {
  const steps = [
    { action: 'throttle', parameters: { cpus: 0.5 } },
    { action: 'restart', parameters: {} },
  ] as const
  const rules = rulesOf([ruleOf('early', 1, 'memory > 80'), ruleOf('late', 2, 'cpu > 80', { steps })])
  const facts = features({ cpu: 90 })

  it('goes on with the rule that has acted', () => {
    expect(proposed(rules, facts, { step: 1, ruleInForce: 'late' }).proposal).toMatchObject({
      action: 'restart',
      step: 1,
      steps: 2,
    })
  })

  it('ends, and says that a person is needed', () => {
    expect(proposed(rules, facts, { step: 2, ruleInForce: 'late' })).toEqual({
      proposal: undefined,
      reason: 'late has no step left',
      rule: 'late',
      exhausted: true,
    })
  })

  it('belongs to its rule: another that matches first begins with its own', () => {
    expect(proposed(rules, facts, { step: 1, ruleInForce: 'gone' }).proposal).toMatchObject({ rule: 'late', step: 0 })
    expect(proposed(rules, features({ cpu: 90, memory: 90 }), { step: 1, ruleInForce: 'late' }).proposal).toMatchObject(
      { rule: 'early', step: 0 },
    )
  })
})

describe('rules and their order', () => {
  const value = fc.integer({ min: 0, max: 3 })
  const condition = fc
    .tuple(fc.constantFrom(...FEATURES), fc.constantFrom('>', '<', '>=', '!='), value)
    .map(([name, op, bound]) => `${name} ${op} ${bound}`)
  const specs = fc
    .uniqueArray(fc.record({ priority: fc.integer({ min: 0, max: 5 }), when: condition }), {
      selector: ({ when }) => when,
      maxLength: 8,
    })
    .map((some) => some.map(({ priority, when }, i) => ruleOf(`r${i}`, priority, when)))
  const facts = fc
    .record(Object.fromEntries(FEATURES.map((name) => [name, fc.oneof(value, fc.constant(Number.NaN))])))
    .map((values) => features(values as Record<string, number>))

  /** Leaves out rules that could never be reached, which is not what is tested here. */
  function compiled(some: readonly RuleSpec[]): Rules | undefined {
    try {
      return rulesOf(some)
    } catch {
      return undefined
    }
  }

  it('decide by the smallest priority among those that match', () => {
    fc.assert(
      fc.property(specs, facts, (some, situation) => {
        const rules = compiled(some)
        fc.pre(rules !== undefined)
        const matching = some.filter((rule) => nameOf(rulesOf([rule]), situation) !== undefined)
        const smallest = Math.min(...matching.map(({ priority }) => priority))
        return nameOf(rules, situation) === matching.find(({ priority }) => priority === smallest)?.name
      }),
    )
  })

  it('decide the same with one more rule that does not match', () => {
    fc.assert(
      fc.property(specs, facts, condition, fc.integer({ min: 0, max: 5 }), (some, situation, when, priority) => {
        const more = ruleOf('more', priority, `${when} && errors > 100`)
        const [without, with_] = [compiled(some), compiled([...some, more])]
        fc.pre(without !== undefined && with_ !== undefined)
        return nameOf(without, situation) === nameOf(with_, situation)
      }),
    )
  })
})

it('are described in the order in which they are asked, with how often each has matched', () => {
  const rules = rulesOf([ruleOf('b', 2, 'cpu > 1'), ruleOf('a', 1, 'memory > 1')])

  expect(describeRules(rules, new Map([['a', 3]]))).toMatchObject([
    { name: 'a', file: 'file 0', priority: 1, when: 'memory > 1', action: 'alert', mode: 'observe', matches: 3 },
    { name: 'b', matches: 0 },
  ])
})
