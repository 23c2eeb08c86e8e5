import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { formatProblem } from '../config/problem.ts'
import { runRuleTests } from './rule-tests.ts'

const SHIPPED = fileURLToPath(new URL('../../rules/tests/', import.meta.url))
const readShipped = (path: string) => readFileSync(path, 'utf8')

it.each(readdirSync(SHIPPED))('the shipped rules do what rules/tests/%s expects', (name) => {
  const report = runRuleTests(`${SHIPPED}${name}`, readShipped)

  expect(report).toEqual({ ok: true, count: expect.any(Number), failed: 0, failures: [] })
  expect(report.ok && report.count).toBeGreaterThan(10)
})

const RULES = `
rules:
  - { name: hot, priority: 1, when: cpu_busy > 90, action: throttle, severity: high, mode: approve }
  - { name: rest, priority: 2, when: 'true', action: alert, severity: low }
`

function run(tests: string, rules = RULES) {
  const files: Readonly<Record<string, string>> = {
    '/r/tests/t.yaml': `rule_files: [../rules.yaml]\ntests:\n${tests}`,
    '/r/rules.yaml': rules,
  }
  return runRuleTests('/r/tests/t.yaml', (path) => files[path] ?? readShipped(path))
}

describe('a test of rules', () => {
  it('is good when all that it mentions came out', () => {
    const expected =
      '{ rule: hot, action: throttle, severity: high, verdict: ask, parameters: {}, cause: cpu_saturation }'

    expect(
      run(`  - { name: t, features: { cpu_busy: 95 }, expected: { cpu_busy: 20 }, expect: ${expected} }`),
    ).toMatchObject({
      ok: true,
      count: 1,
      failed: 0,
    })
  })

  it('says of each thing that came out otherwise what it was, and where the expectation stands', () => {
    const report = run(
      [
        '  - { name: one, features: { cpu_busy: 95 }, expect: { rule: rest, verdict: execute } }',
        '  - name: two',
        '    anomaly: false',
        '    features: { cpu_busy: 95 }',
        '    expect: { rule: hot }',
        '  - { name: three, alerts: [Odd], expect: { rule: rest, confidence: 0.5, evidence: [nothing] } }',
      ].join('\n'),
    )

    expect(report).toMatchObject({ ok: true, count: 3, failed: 3 })
    expect(report.ok && report.failures).toEqual([
      { where: '/r/tests/t.yaml:3:62', test: 'one', what: 'rule', got: 'hot', expected: 'rest' },
      { where: '/r/tests/t.yaml:3:77', test: 'one', what: 'verdict', got: 'ask', expected: 'execute' },
      {
        where: '/r/tests/t.yaml:7:21',
        test: 'two',
        what: 'rule',
        got: 'none (there is no anomaly and no firing alert)',
        expected: 'hot',
      },
      { where: '/r/tests/t.yaml:8:69', test: 'three', what: 'confidence', got: '0', expected: 'at least 0.5' },
      {
        where: '/r/tests/t.yaml:8:85',
        test: 'three',
        what: 'evidence[0]',
        got: 'alert Odd fires',
        expected: 'nothing',
      },
    ])
  })

  it.each([
    [
      '  - { name: t, features: { cpu_bussy: 95 }, expect: {} }',
      'tests[0].features.cpu_bussy: is not a known feature (did you mean cpu_busy?)',
    ],
    ['  - { name: t, expect: { rul: a } }', 'tests[0].expect.rul: is not a known key (did you mean rule?)'],
    ['  - { name: t, expect: { cause: slow } }', 'tests[0].expect.cause: must be one of'],
    ['  []', 'tests: must have 1 or more entries'],
  ])('that cannot be run says why: %s', (tests, message) => {
    const report = run(tests)

    expect(report.ok ? '' : report.problems.map(formatProblem).join('\n')).toContain(message)
  })

  it('cannot be run with rules that are wrong, or not there', () => {
    const test = '  - { name: t, expect: {} }'
    const broken = run(test, RULES.replace('cpu_busy', 'cpu_bussy'))
    const missing = runRuleTests('/r/tests/t.yaml', (path) => {
      if (path === '/r/tests/t.yaml') return `rule_files: [nix.yaml]\ntests:\n${test}`
      throw Object.assign(new Error('no'), { code: 'ENOENT' })
    })

    expect(broken.ok ? '' : broken.problems.map(formatProblem).join('\n')).toContain(
      '/r/rules.yaml:3:37: rules[0].when',
    )
    expect(missing.ok ? '' : missing.problems.map(formatProblem).join('\n')).toContain(
      '/r/tests/nix.yaml: there is no such file',
    )
  })
})
