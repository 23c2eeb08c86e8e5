import type { RuleTest } from '../config/rule-test-file.ts'
import type { Facts } from '../domain/facts.ts'
import { type Contribution, severityOf } from '../domain/verdict.ts'

/** The situation that a test describes, with what it leaves out filled in. */
export function factsOf(test: RuleTest): Facts {
  const { labels, alerts, shares, detectors, peers } = test
  const { values, expected } = readings(test)
  const features = new Map(Object.entries(values))
  const contributions = contributionsOf(values, expected, shares)
  const anomalous = test.anomaly ?? features.size > 0
  const level = test.level ?? (anomalous ? 2 : features.size > 0 ? 0.5 : Number.NaN)
  const group = test.group ?? labels.job ?? ''
  return {
    at: 0,
    target: test.target ?? `${labels.instance ?? ''}@${labels.job ?? ''}`,
    // Labels of the target win over those of its alerts.
    labels: Object.assign({}, ...alerts.map((alert) => alert.labels), labels),
    group,
    features,
    anomalous,
    level,
    severity: severityOf(level),
    score: test.score ?? Number.NaN,
    detectors: {
      zscore: detectors.zscore ?? Number.NaN,
      isolation_forest: detectors.isolation_forest ?? Number.NaN,
      autoencoder: detectors.autoencoder ?? Number.NaN,
      forecast: detectors.forecast ?? Number.NaN,
      baseline: detectors.baseline ?? Number.NaN,
    },
    contributions: anomalous ? contributions : [],
    alerts: alerts.map((alert) => ({ ...alert, startsAt: 0 })),
    ...(peers === undefined ? {} : { peers: { ...peers, group } }),
  }
}

type Values = Readonly<Record<string, number>>

/** The newest values, and what was expected: as it is said, else the mean of the readings before. */
function readings({ features, observations, expected }: RuleTest): { values: Values; expected: Values } {
  const values = { ...observations.at(-1), ...features }
  const before = observations.slice(0, -1)
  const means = Object.keys(values).flatMap((name) => {
    const known = before.map((reading) => reading[name]).filter((value) => value !== undefined)
    return known.length === 0 ? [] : [[name, known.reduce((a, b) => a + b, 0) / known.length] as const]
  })
  return { values, expected: { ...Object.fromEntries(means), ...expected } }
}

/** Strongest first. A feature without a share speaks as its distance from expected does, squared. */
function contributionsOf(values: Values, expected: Values, shares: Values): Contribution[] {
  const given = Object.keys(shares).length > 0
  const parts = Object.entries(values).map(([feature, actual]) => {
    const wanted = expected[feature] ?? Number.NaN
    const distance = Math.abs(actual - wanted) / (Math.abs(actual) + Math.abs(wanted) || 1)
    const weight = given ? (shares[feature] ?? 0) : Number.isNaN(distance) ? 0 : distance ** 2
    return { feature, actual, expected: wanted, weight }
  })
  const sum = given ? 1 : parts.reduce((total, { weight }) => total + weight, 0) || 1
  return parts.map(({ weight, ...part }) => ({ ...part, share: weight / sum })).sort((a, b) => b.share - a.share)
}
