import { describe, expect, it } from 'vitest'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import type { Config } from '../config/resolve.ts'
import { exhaustionOptions } from './detection-options.ts'
import { featureChecks } from './feature-checks.ts'
import { planFeatures, rateWindowOf } from './features.ts'

function load(text: string) {
  return loadConfig({ flags: { config: 'f' }, env: {}, readFile: () => text, checks: featureChecks })
}

function problems(text: string): string[] {
  const result = load(text)
  return result.ok ? [] : result.problems.map(formatProblem)
}

function config(text: string): Config {
  const result = load(text)
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'))
  return result.config
}

function watched(text: string): readonly string[] | undefined {
  const loaded = config(text)
  return exhaustionOptions(loaded, planFeatures(loaded).names)?.resources
}

describe('detect.exhaustion.resources', () => {
  it('are the fill ratios that the preset has, unless others are named', () => {
    const all = [
      'filesystem_used_ratio',
      'filesystem_inodes_used_ratio',
      'memory_used_ratio',
      'file_descriptors_used_ratio',
    ]

    expect(watched('')).toEqual(all)
    expect(watched('features: { exclude: [memory_used_ratio] }')).toEqual(all.filter((name) => !/^memory/.test(name)))
    expect(watched('features: { preset: classic }')).toEqual([])
    expect(watched('detect: { exhaustion: { resources: [conntrack_used_ratio] } }')).toEqual(['conntrack_used_ratio'])
    expect(watched('detect: { exhaustion: { resources: [] } }')).toEqual([])
  })

  it('may be features of the user’s own', () => {
    const extra = '{ name: pool_used, expression: memory_used_ratio * 0.5, unit: ratio }'

    expect(watched(`features: { extra: [${extra}] }\ndetect: { exhaustion: { resources: [pool_used] } }`)).toEqual([
      'pool_used',
    ])
  })

  it.each([
    [
      'detect: { exhaustion: { resources: [filesystem_used_rati] } }',
      'no feature "filesystem_used_rati" is computed (did you mean filesystem_used_ratio?)',
    ],
    [
      'features: { exclude: [memory_used_ratio] }\ndetect: { exhaustion: { resources: [memory_used_ratio] } }',
      'no feature "memory_used_ratio" is computed',
    ],
    [
      'detect: { exhaustion: { resources: [swap_used] } }',
      'swap_used is not a share: its unit is bytes (only what runs from 0 to 1, with unit ratio, can be used up)',
    ],
  ])('%s is refused', (text, message) => {
    const found = problems(text)

    expect(found).toHaveLength(1)
    expect(found[0]).toContain('detect.exhaustion.resources[0]')
    expect(found[0]).toContain(message)
  })
})

describe('source.prometheus.recorded', () => {
  const recorded = (rest = '', prometheus = '') =>
    `source: { prometheus: { url: "http://prom:9090", recorded: true${prometheus} } }\n${rest}`

  it('goes with the presets of hosts, and tells the window of their rates', () => {
    expect(problems(recorded())).toEqual([])
    expect(problems(recorded('features: { preset: classic }', ', rate_window: 1m'))).toEqual([])
    expect(rateWindowOf(config(recorded()))).toBe(60_000)
    expect(rateWindowOf(config(recorded('interval: 30s\nfeatures: { preset: classic }')))).toBe(60_000)
  })

  it.each([
    ['features: { preset: red }', '', 'features.preset: red is not recorded'],
    ['features: { database: true }', '', 'features.database: is not recorded'],
    ['', ', rate_window: 5m', 'source.prometheus.rate_window: 5m is not the window of the recording rules'],
    ['targets: { labels: [host] }', '', 'targets.labels: host are not the labels of the recorded series'],
    ['', ', matchers: \'{env="prod"}\'', 'source.prometheus.matchers: env is no label of the recorded series'],
  ])('refuses what is not recorded: %s%s', (rest, prometheus, problem) => {
    const found = problems(recorded(rest, prometheus))

    expect(found).toHaveLength(1)
    expect(found[0]).toContain(problem)
    expect(found[0]).toContain('(source.prometheus.recorded is on: ')
  })

  it('is looked at for source prometheus alone', () => {
    expect(
      problems(`${recorded('features: { database: true }')}`.replace('source: {', 'source: { type: local,')),
    ).toEqual([])
  })
})
