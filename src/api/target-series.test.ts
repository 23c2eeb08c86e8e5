import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DETECTORS, type Verdict } from '../domain/verdict.ts'
import { TargetSeries } from './target-series.ts'
import { detectors, verdictOf, warmingUp } from './testing/fake-fleet.ts'

const textOf = (verdicts: Verdict[], series = new TargetSeries()) => [...series.render(verdicts)].join('')
const lines = (verdicts: Verdict[]) => textOf(verdicts).split('\n')
const samples = (verdicts: Verdict[]) => lines(verdicts).filter((line) => line !== '' && !line.startsWith('#'))

describe('TargetSeries', () => {
  it('gives a judged target one series per number and detector', () => {
    const found = samples([verdictOf('a', { detectors: detectors(0.25) })])

    expect(found).toEqual([
      'anomaly_score{instance="a",job="node"} 0.01',
      'anomaly_threshold{instance="a",job="node"} 0.2',
      'anomaly_level{instance="a",job="node"} 0.5',
      `anomaly_severity{instance="a",job="node"} ${1 - 2 ** -0.5}`,
      'anomaly_detected{instance="a",job="node"} 0',
      ...DETECTORS.map((name) => `anomaly_detector_score{instance="a",job="node",detector="${name}"} 0.25`),
    ])
  })

  it('gives a stale target and one that warms up no series', () => {
    expect(samples([verdictOf('a', { state: 'stale' }), warmingUp('b')])).toEqual([])
  })

  it('leaves out what is not known, and does not call a target well that has no level', () => {
    const unknown = { score: Number.NaN, threshold: Number.NaN, level: Number.NaN, severity: Number.NaN }

    const found = samples([verdictOf('a', { ...unknown, detectors: { ...detectors(Number.NaN), zscore: 1 } })])

    expect(found).toEqual(['anomaly_detector_score{instance="a",job="node",detector="zscore"} 1'])
  })

  it('names the five strongest features of an anomalous target only', () => {
    const contributions = [...'abcdef'].map((feature, i) => ({ feature, share: (6 - i) / 21, actual: 1, expected: 0 }))

    const found = samples([
      verdictOf('calm', { contributions }),
      verdictOf('hot', { detected: true, level: 2, contributions }),
    ])

    expect(found).toContain('anomaly_detected{instance="hot",job="node"} 1')
    expect(found.filter((line) => line.startsWith('anomaly_contribution'))).toEqual(
      [...'abcde'].map(
        (feature, i) => `anomaly_contribution{instance="hot",job="node",feature="${feature}"} ${(6 - i) / 21}`,
      ),
    )
  })

  it('gives each resource that fills its time left, with the interval', () => {
    const exhaustion = [
      { resource: 'filesystem_used_ratio', seconds: 3600, low: 3000, high: 4200.5 },
      { resource: 'memory_used_ratio', seconds: 7200, low: 7000, high: 7400 },
    ]

    const found = samples([
      verdictOf('calm'),
      verdictOf('hot', { exhaustion }),
      verdictOf('gone', { exhaustion, state: 'stale' }),
    ])

    const series = (end: string, resource: string) =>
      `homeostat_time_to_exhaustion_${end}{instance="hot",job="node",resource="${resource}"}`
    expect(found.filter((line) => line.startsWith('homeostat_time_to_exhaustion'))).toEqual([
      `${series('seconds', 'filesystem_used_ratio')} 3600`,
      `${series('seconds', 'memory_used_ratio')} 7200`,
      `${series('lower_seconds', 'filesystem_used_ratio')} 3000`,
      `${series('lower_seconds', 'memory_used_ratio')} 7000`,
      `${series('upper_seconds', 'filesystem_used_ratio')} 4200.5`,
      `${series('upper_seconds', 'memory_used_ratio')} 7400`,
    ])
  })

  it('gives a target with a model the drift of its inputs', () => {
    const found = samples([verdictOf('trained', { drift: 0.25 }), verdictOf('young', { drift: Number.NaN })])

    expect(found.filter((line) => line.startsWith('homeostat_input_drift'))).toEqual([
      'homeostat_input_drift{instance="trained",job="node"} 0.25',
    ])
  })

  it('takes the label names from the target', () => {
    const target = { id: 'eu@db@7', labels: { region: 'eu', service: 'db', shard: '7' } }

    expect(samples([verdictOf('x', { target })])[0]).toBe('anomaly_score{region="eu",service="db",shard="7"} 0.01')
  })

  it('writes infinite and negative numbers as Prometheus reads them', () => {
    const found = samples([
      verdictOf('a', { level: Number.POSITIVE_INFINITY, score: -1e-9, threshold: Number.NEGATIVE_INFINITY }),
    ])

    expect(found).toContain('anomaly_level{instance="a",job="node"} +Inf')
    expect(found).toContain('anomaly_score{instance="a",job="node"} -1e-9')
    expect(found).toContain('anomaly_threshold{instance="a",job="node"} -Inf')
  })

  it('keeps any label value on its line, readable again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (instance) => {
        const line = samples([verdictOf('x', { target: { id: 'x', labels: { instance } } })])[0]
        const quoted = /^anomaly_score\{instance="(.*)"\} 0\.01$/s.exec(line)?.[1] ?? 'unreadable'
        expect(quoted.replace(/\\(.)/g, (_, char) => (char === 'n' ? '\n' : char))).toBe(instance)
      }),
    )
  })

  it.skipIf(spawnSync('promtool', ['--version']).error)('passes promtool', () => {
    const contributions = [{ feature: 'cpu_usage', share: 1, actual: 1, expected: 0 }]
    const exhaustion = [{ resource: 'memory_used_ratio', seconds: 60, low: 50, high: 70 }]
    const evil = { id: 'evil', labels: { instance: 'a"b\\c\nd\u2028{}', job: '' } }
    const input = textOf([
      verdictOf('a', { detected: true, level: Number.POSITIVE_INFINITY, contributions, exhaustion, drift: 1 }),
      verdictOf('b', { target: evil, detected: true, contributions }),
      warmingUp('c'),
    ])

    const { stdout, stderr, status } = spawnSync('promtool', ['check', 'metrics'], { input })

    expect(`${stdout}${stderr}`).toBe('')
    expect(status).toBe(0)
  })

  it('renders 10,000 targets in well under a second', () => {
    const verdicts = Array.from({ length: 10_000 }, (_, i) =>
      verdictOf(`host-${i}:9100`, { score: Math.sin(i) ** 2, detectors: detectors(Math.cos(i) ** 2) }),
    )
    const series = new TargetSeries()
    textOf(verdicts, series)

    const start = performance.now()
    const body = Buffer.from(textOf(verdicts, series))

    expect(body.length).toBeGreaterThan(5_000_000)
    expect(performance.now() - start).toBeLessThan(500)
  })
})
