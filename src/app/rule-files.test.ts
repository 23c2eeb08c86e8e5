import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { patternFile } from '../config/pattern-file.ts'
import { formatProblem } from '../config/problem.ts'
import { ruleFile } from '../config/rule-file.ts'
import { ruleTestFile } from '../config/rule-test-file.ts'
import { documentedKeys } from '../config/schema-tree.ts'
import { OWN_NAMES } from '../diagnose/language.ts'
import { CAUSES } from '../domain/diagnosis.ts'
import { DETECTORS } from '../domain/verdict.ts'
import { checkParameters } from './action-parameters.ts'
import { patternFeatures, SERVICE_FEATURES } from './rule-features.ts'
import { compilePatternFile, compileRules } from './rule-files.ts'

const OPTIONS = { features: ['cpu_percent', 'restarts'], mode: 'observe', checkParameters } as const

const compiled = (text: string) => compileRules([{ name: 'my.yaml', text }], OPTIONS)
const problemsOf = (text: string) => {
  const result = compiled(text)
  return result.ok ? [] : result.problems.map(formatProblem)
}
/** One rule, with lines of its own below. */
const rule = (...lines: string[]) =>
  ['rules:', '  - name: a', '    priority: 1', '    severity: low', ...lines.map((line) => `    ${line}`)].join('\n')
const ALERT = ['when: cpu_percent > 1', 'action: alert'] as const

describe('a rule file', () => {
  it('becomes rules with everything filled in', () => {
    const result = compiled(rule(...ALERT))

    expect(result.ok && result.rules.ordered).toMatchObject([
      {
        name: 'a',
        set: 'my.yaml',
        mode: 'observe',
        steps: [{ action: 'alert', parameters: {} }],
        limits: {},
        verification: { afterMs: 30_000, withinMs: 300_000 },
        onRepeat: false,
      },
    ])
  })

  it('says where the guards differ, and only that', () => {
    const guards = '{ soak: 4, max_unhealthy: 50%, cooldown: 30s, attempts: 2 in 1h, rates: [3 in 1h, 7 in 1d] }'
    const result = compiled(rule(...ALERT, `guards: ${guards}`))

    expect(result.ok && result.rules.ordered[0].limits).toEqual({
      soakCycles: 4,
      maxUnhealthy: 0.5,
      cooldown: { baseMs: 30_000, maxMs: 3_600_000 },
      attempts: { count: 2, windowMs: 3_600_000 },
      rates: [
        { count: 3, windowMs: 3_600_000, scope: 'rule' },
        { count: 7, windowMs: 86_400_000, scope: 'rule' },
      ],
    })
  })

  it('takes the mode of the rule before that of the file before that of the configuration', () => {
    const modes = (text: string) => {
      const result = compileRules([{ name: 'my.yaml', text }], { ...OPTIONS, mode: 'suggest' })
      return result.ok && result.rules.ordered.map(({ mode }) => mode)
    }

    expect(modes(rule(...ALERT))).toEqual(['suggest'])
    expect(modes(`mode: approve\n${rule(...ALERT)}`)).toEqual(['approve'])
    expect(modes(`mode: approve\n${rule(...ALERT, 'mode: auto')}`)).toEqual(['auto'])
  })
})

describe('a mistake is told with its place and what to do:', () => {
  it.each([
    [
      'a name that does not exist',
      rule('when: cpu_percnt > 80', 'action: alert'),
      ['my.yaml:5:11: rules[0].when: cpu_percnt is not known (did you mean cpu_percent?)'],
    ],
    [
      'in quotes',
      rule('when: "level > 1 && cpu_percnt > 80"', 'action: alert'),
      ['my.yaml:5:25: rules[0].when: cpu_percnt is not known (did you mean cpu_percent?)'],
    ],
    [
      'on a line of its own',
      rule('when: |', '  level > 1 &&', '    cpu_percnt > 80', 'action: alert'),
      ['my.yaml:7:9: rules[0].when: cpu_percnt is not known (did you mean cpu_percent?)'],
    ],
    [
      'a wrong type',
      rule('when: cpu_percent > "80"', 'action: alert'),
      ['my.yaml:5:11: rules[0].when: no such overload: double > string (a number and a text cannot be compared)'],
    ],
    [
      'an action that does not exist',
      rule('when: level > 1', 'action: restrat'),
      [
        'my.yaml:6:13: rules[0].action: must be one of restart, scale_up, scale_down, throttle, exec, http, alert (did you mean restart?)',
      ],
    ],
    [
      'parameters out of bounds',
      rule('when: level > 1', 'action: throttle', 'parameters: { requests_per_second: 0 }'),
      ['my.yaml:7:40: rules[0].parameters.requests_per_second: must be at least 1, not 0'],
    ],
    [
      'parameters that it does not have',
      rule('when: level > 1', 'action: restart', 'parameters: { force: true }'),
      ['my.yaml:7:26: rules[0].parameters.force: is not a known key (no key is known here)'],
    ],
    [
      'a parameter that is missing',
      rule('when: level > 1', 'action: alert', 'ladder: [{ action: exec }]'),
      ['my.yaml:7:14: rules[0].ladder[0].parameters.command: is missing (expected a text)'],
    ],
    [
      'an unknown key',
      rule(...ALERT, 'colour: red'),
      [
        'my.yaml:7:5: rules[0].colour: is not a known key (known here: name, priority, when, action, parameters, severity, mode, guards, verification, ladder, on_repeat)',
      ],
    ],
    [
      'a whole group at once',
      rule(...ALERT, 'mode: auto', 'guards: { max_unhealthy: 100% }'),
      [
        'my.yaml:8:30: rules[0].guards.max_unhealthy: may act on a whole group at once in mode auto (set guards.allow_whole_group: true if that is meant, or lower the share)',
      ],
    ],
    [
      'a backreference',
      rule(`when: 'group.matches("(a)\\\\1")'`, 'action: alert'),
      [
        'my.yaml:5:26: rules[0].when: is not an RE2 pattern: error parsing regexp: invalid escape sequence: `\\1` (RE2 has neither backreferences nor look-around)',
      ],
    ],
    [
      'an anchor',
      rule('when: &a level > 1', 'action: alert', 'parameters: *a'),
      ['my.yaml:7:17: rules[0].parameters: is an alias (anchors and aliases are not supported: write the value out)'],
    ],
    [
      'a merge key',
      rule(...ALERT, '<<: { mode: auto }'),
      ['my.yaml:7:5: rules[0]: has the key "<<" (merge keys are not supported: write the keys out)'],
    ],
    [
      'a prototype',
      rule(...ALERT, '__proto__: { mode: auto }'),
      ['my.yaml:7:5: rules[0]: has the key "__proto__" (this name is reserved)'],
    ],
    [
      'code',
      rule(...ALERT, 'mode: !!js/function "x"'),
      [
        'my.yaml:7:25: rules[0].mode: has the tag tag:yaml.org,2002:js/function (tags such as !!str or !!js/function are not supported)',
      ],
    ],
    ['no YAML', 'rules: [', [expect.stringMatching(/^my\.yaml:1:9: is not valid YAML/)]],
    ['nothing', '', ['my.yaml: rules: is missing (expected a list)']],
  ])('%s', (_what, text, problems) => {
    expect(problemsOf(text)).toEqual(problems)
  })

  it('two rules of one name in two files', () => {
    const text = rule(...ALERT)
    const result = compileRules(
      [
        { name: 'one.yaml', text },
        { name: 'two.yaml', text: text.replace('> 1', '< 1') },
      ],
      OPTIONS,
    )

    expect(result.ok ? [] : result.problems.map(formatProblem)).toEqual([
      'two.yaml:2:11: rules[0].name: there is a rule a already, in one.yaml (choose another name)',
    ])
  })

  it('patterns of causes', () => {
    const text = 'patterns:\n  - cause: latency\n    features: [{ name: cpu_percnt }]\n'
    const result = compilePatternFile({ name: 'mine.yaml', text }, OPTIONS.features)

    expect(result.ok ? [] : result.problems.map(formatProblem)).toEqual([
      'mine.yaml:3:24: patterns[0].features[0].name: there is no feature cpu_percnt (did you mean cpu_percent?)',
    ])
    expect(compilePatternFile({ name: 'mine.yaml', text: 'patterns: [{ cause: unknown }]' }, [])).toMatchObject({
      ok: false,
      problems: [{ where: 'mine.yaml:1:21', path: 'patterns[0].cause' }],
    })
  })
})

describe('docs/rules.md', () => {
  const docs = readFileSync(new URL('../../docs/rules.md', import.meta.url), 'utf8')
  const examples = [...docs.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text)
  const names = [ruleFile, patternFile, ruleTestFile].flatMap((schema) => documentedKeys(schema)).map(({ key }) => key)

  it.each([...new Set([...names, ...OWN_NAMES, ...CAUSES, ...DETECTORS, ...SERVICE_FEATURES])])(
    'speaks of %s',
    (name) => {
      expect(docs).toMatch(new RegExp(`\\b${name}\\b`))
    },
  )

  it('shows rules that can be loaded, with verification and ladder', () => {
    const rule = examples.find((text) => text.includes('memory-high'))!
    const steps = examples.find((text) => text.includes('verification:'))!

    expect(problemsOf(`${rule.trimEnd()}\n${steps}`.replace('memory_percent', 'cpu_percent'))).toEqual([])
  })

  it('shows patterns that can be loaded', () => {
    const text = examples.find((one) => one.includes('minimum_confidence'))!

    expect(compilePatternFile({ name: 'docs', text }, patternFeatures()).ok).toBe(true)
  })

  it('shows a test that is one of the shipped ones in short', () => {
    const text = examples.find((one) => one.includes('rule_files'))!
    const shipped = readFileSync(new URL('../../rules/tests/services.yaml', import.meta.url), 'utf8')

    expect(ruleTestFile.safeParse(parse(text)).success).toBe(true)
    expect(shipped).toContain(parse(text).tests[0].name)
  })
})
