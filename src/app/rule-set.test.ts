import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import { ruleChecks } from './rule-checks.ts'
import { loadRuleBook } from './rule-set.ts'

const readShipped = (path: string) => readFileSync(path, 'utf8')

/** Reads from these texts, and what is not among them from the disk. */
const readFrom = (files: Readonly<Record<string, string>>) => (path: string) => files[path] ?? readShipped(path)

function check(files: Readonly<Record<string, string>>) {
  const readFile = readFrom(files)
  return loadConfig({ flags: { config: '/etc/h.yaml' }, env: {}, readFile, checks: [ruleChecks(readFile)] })
}

function namesFor(preset: string) {
  const result = check({ '/etc/h.yaml': `features: { preset: ${preset} }` })
  const loaded = result.ok ? loadRuleBook(result.config, readShipped) : undefined
  return loaded?.ok ? loaded.book.rules.ordered.map(({ name }) => name) : undefined
}

describe('the built-in rules', () => {
  it.each(['node-exporter', 'classic'])('are those of hosts and of services for the preset %s', (preset) => {
    expect(namesFor(preset)).toEqual(expect.arrayContaining(['host-disk-filling', 'cpu-overload']))
  })

  it('are those of services alone where the columns are not those of hosts', () => {
    expect(namesFor('generic')).toEqual([
      'crash-loop',
      'cpu-overload',
      'memory-high',
      'error-rate-high',
      'latency-high',
      'anything-else',
    ])
  })

  it('only record what they would do', () => {
    const result = check({ '/etc/h.yaml': '' })
    const loaded = result.ok ? loadRuleBook(result.config, readShipped) : undefined

    expect(loaded?.ok && new Set(loaded.book.rules.ordered.map(({ mode }) => mode))).toEqual(new Set(['observe']))
  })
})

describe('the configuration', () => {
  const RULE = 'rules: [{ name: a, priority: 1, when: cpu_busy > 90, action: alert, severity: low }]'

  it('names files from its own directory on', () => {
    const result = check({ '/etc/h.yaml': 'remediation: { rules: [rules/a.yaml] }', '/etc/rules/a.yaml': RULE })

    const loaded = result.ok ? loadRuleBook(result.config, readFrom({ '/etc/rules/a.yaml': RULE })) : undefined
    expect(loaded?.ok && loaded.book.rules.ordered.map(({ name }) => name)).toEqual(['a'])
  })

  it('is refused with what is wrong in its files', () => {
    const result = check({
      '/etc/h.yaml': 'remediation:\n  rules: [a.yaml, /nix.yaml, a.yaml]\n  diagnosis: d.yaml\n',
      '/etc/a.yaml': RULE.replace('cpu_busy', 'cpu_bussy'),
      '/etc/d.yaml': 'patterns: [{ cause: slow }]',
    })

    expect(result.ok ? [] : result.problems.map(formatProblem)).toEqual([
      '/etc/h.yaml:2:11: remediation.rules[0]: /etc/a.yaml:1:39: rules[0].when: cpu_bussy is not known (did you mean cpu_busy?)',
      '/etc/h.yaml:2:19: remediation.rules[1]: /nix.yaml: there is no such file (the path counts from the configuration file)',
      '/etc/h.yaml:2:30: remediation.rules[2]: /etc/a.yaml: is listed twice (keep one of them)',
      expect.stringMatching(
        /^\/etc\/h\.yaml:3:14: remediation\.diagnosis: \/etc\/d\.yaml:1:21: patterns\[0\]\.cause: must be/,
      ),
    ])
  })

  it('knows only the commands and requests that it configures', () => {
    const files = (command: string) => ({
      '/etc/h.yaml': 'remediation: { rules: [a.yaml] }\nactions: { exec: { commands: [COMMAND] } }'.replace(
        'COMMAND',
        '{ name: clean-tmp, argv: [/usr/bin/true], match: \'{job="node"}\' }',
      ),
      '/etc/a.yaml': RULE.replace('alert', `exec, parameters: { command: ${command} }`),
    })
    const wrong = check(files('clean-tpm'))

    expect(check(files('clean-tmp'))).toMatchObject({ ok: true })
    expect(wrong.ok ? [] : wrong.problems.map(formatProblem)).toEqual([
      expect.stringMatching(/actions\.exec\.commands has no command "clean-tpm" \(did you mean clean-tmp\?\)$/),
    ])
  })

  it('knows only the features that it computes', () => {
    const files = {
      '/etc/h.yaml': 'remediation: { rules: [a.yaml] }\nfeatures: { exclude: [cpu_busy] }',
      '/etc/a.yaml': RULE,
    }

    expect(check(files).ok).toBe(false)
    expect(check({ ...files, '/etc/a.yaml': RULE.replace('cpu_busy', 'cpu_percent') }).ok).toBe(true)
  })

  const keeping = (store: string, guards: string) => `
store: { retention: ${store} }
remediation:
  guards: { ${guards} }
  rules: [a.yaml]
`

  it.each([
    ['29d', 'group_rates: [7 in 30d]', 'remediation.guards.group_rates looks back, 30d'],
    ['6d', 'rates: [9 in 1d, 7 in 7d]', 'remediation.guards.rates looks back, 7d'],
    ['6d', 'attempts: 3 in 7d', 'remediation.guards.attempts looks back, 7d'],
    // It doubles along a chain of pauses, each up to twice the longest.
    ['90d', 'cooldown: { base: 1h, max: 30d }', 'remediation.guards.cooldown looks back, 120d'],
  ])('is refused where the store forgets, after %s, what guards ask for: %s', (retention, guards, why) => {
    const text = keeping(retention, guards)

    expect(check({ '/etc/h.yaml': text, '/etc/a.yaml': RULE })).toMatchObject({
      ok: false,
      problems: [
        {
          path: 'store.retention',
          message: `${retention} is less than how far ${why}`,
          hint: 'keep actions at least that long, or shorten what the guard counts over',
        },
      ],
    })
    expect(check({ '/etc/h.yaml': keeping('120d', guards), '/etc/a.yaml': RULE }).ok).toBe(true)
  })

  it('is refused where the store forgets what the guards of a rule ask for', () => {
    const rule = RULE.replace('severity: low', 'severity: low, guards: { attempts: 2 in 3d }')

    expect(check({ '/etc/h.yaml': keeping('2d', ''), '/etc/a.yaml': rule })).toMatchObject({
      ok: false,
      problems: [{ path: 'store.retention', message: '2d is less than how far attempts of the rule a looks back, 3d' }],
    })
    expect(check({ '/etc/h.yaml': keeping('3d', ''), '/etc/a.yaml': rule }).ok).toBe(true)
  })

  it('gives rules its mode, and asks about a whole group', () => {
    const rules = RULE.replace('severity: low', 'severity: low, guards: { max_unhealthy: 100% }')
    const files = (mode: string) => ({
      '/etc/h.yaml': `remediation: { rules: [a.yaml], mode: ${mode} }`,
      '/etc/a.yaml': rules,
    })

    expect(check(files('approve')).ok).toBe(true)
    expect(check(files('auto')).ok).toBe(false)
  })
})
