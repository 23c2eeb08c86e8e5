import type { Diagnosis } from '../domain/diagnosis.ts'
import type { Facts } from '../domain/facts.ts'
import type { Contribution } from '../domain/verdict.ts'
import type { CompiledPattern, Patterns } from './patterns.ts'
import { alertNames, type View, viewOf } from './view.ts'

/** Smaller shares are noise. */
const LEAST_SHARE = 0.01
/** Sentences of each kind that people get to see. */
const FEATURES_SHOWN = 5
const ALERTS_SHOWN = 5
/** From so many targets, and this share of them unwell, it is the group and not one host. */
const GROUP_SIZE = 3
const GROUP_SHARE = 0.5

/**
 * Gives what a target shows a name. Each pattern collects what speaks for it: the shares of its features in the
 * anomaly, as far as they moved its way; alerts whose names it knows; conditions that hold; most of the group being
 * unwell. Pieces of evidence a, b, … together make the confidence 1 − (1 − a)(1 − b)…, and the most confident pattern
 * wins; of equals the first.
 */
export function diagnose(facts: Facts, patterns: Patterns): Diagnosis {
  const view = viewOf(facts, patterns.features)
  const alerts = alertNames(facts)
  const supports = supportOf(facts.contributions, patterns)
  const alerted = patternsAlerted(alerts, patterns)
  const group = isGroup(facts)
  let best = -1
  let confidence = 0
  for (const [p, pattern] of patterns.causes.entries()) {
    const sure = confidenceIn(pattern, { support: supports[p], alerted: alerted.has(p), group, view })
    if (sure <= confidence) continue
    best = p
    confidence = sure
  }
  const known = best !== -1 && confidence >= patterns.minimumConfidence
  const evidence = known
    ? evidenceFor(best, facts, alerts, view, patterns)
    : [...facts.contributions.slice(0, 3).map(sentence), ...alerts.slice(0, ALERTS_SHOWN).map(alertSentence)]
  if (group) evidence.push(groupSentence(facts))
  return {
    cause: known ? patterns.causes[best].cause : 'unknown',
    confidence: known ? Math.round(confidence * 1000) / 1000 : 0,
    evidence,
    rootTarget: facts.target,
    ...(facts.peers === undefined ? {} : { peers: facts.peers }),
  }
}

interface Signs {
  readonly support: number
  readonly alerted: boolean
  readonly group: boolean
  readonly view: View
}

function confidenceIn(pattern: CompiledPattern, { support, alerted, group, view }: Signs): number {
  if (pattern.requires !== undefined && pattern.requires.holds(view) !== true) return 0
  let doubt = 1 - Math.min(Math.max(support, 0), 1)
  if (alerted) doubt *= 1 - pattern.alertWeight
  for (const { condition, weight } of pattern.conditions) {
    if (weight > 0 && condition.holds(view) === true) doubt *= 1 - weight
  }
  if (group && doubt < 1) doubt *= 1 - pattern.peers
  return 1 - doubt
}

/** Sum of shares × weight for each pattern, over the features that moved its way. */
function supportOf(contributions: readonly Contribution[], patterns: Patterns): Float64Array {
  const supports = new Float64Array(patterns.causes.length)
  for (const contribution of contributions) {
    // Strongest first: what follows is weaker still.
    if (!(contribution.share >= LEAST_SHARE)) break
    for (const { pattern, direction, weight } of patterns.signsOf(contribution.feature)) {
      supports[pattern] += contribution.share * weight * agreement(contribution, direction)
    }
  }
  return supports
}

/** 1 when a feature moved the way that is asked for, 0 when it moved the other way, half where nobody knows. */
function agreement({ actual, expected }: Contribution, direction: 'up' | 'down' | 'any'): number {
  if (direction === 'any') return 1
  const change = actual - expected
  if (Number.isNaN(change)) return 0.5
  return (direction === 'up' ? change > 0 : change < 0) ? 1 : 0
}

function patternsAlerted(alerts: readonly string[], patterns: Patterns): ReadonlySet<number> {
  if (alerts.length === 0) return NOBODY
  return new Set(alerts.flatMap((name) => patterns.causesOf(name)))
}

const NOBODY: ReadonlySet<number> = new Set()

function isGroup({ peers }: Facts): boolean {
  return peers !== undefined && peers.size >= GROUP_SIZE && peers.anomalous >= GROUP_SHARE * peers.size
}

/** What spoke for a pattern, strongest first. */
function evidenceFor(
  index: number,
  { contributions }: Facts,
  alerts: readonly string[],
  view: View,
  patterns: Patterns,
): string[] {
  const spoke: { readonly contribution: Contribution; readonly weight: number }[] = []
  for (const contribution of contributions) {
    if (!(contribution.share >= LEAST_SHARE)) break
    const sign = patterns.signsOf(contribution.feature).find(({ pattern }) => pattern === index)
    const weight = sign === undefined ? 0 : contribution.share * sign.weight * agreement(contribution, sign.direction)
    if (weight > 0) spoke.push({ contribution, weight })
  }
  spoke.sort((a, b) => b.weight - a.weight)
  const shown = spoke.slice(0, FEATURES_SHOWN).map(({ contribution }) => contribution)
  const said = new Set(spoke.map(({ contribution }) => contribution.feature))
  const held = patterns.causes[index].conditions.filter(({ condition }) => condition.holds(view) === true)
  const read = new Set(held.flatMap(({ condition }) => condition.numbers).filter((name) => !said.has(name)))
  return [
    ...shown.map(sentence),
    ...alerts
      .filter((name) => patterns.causesOf(name).includes(index))
      .slice(0, ALERTS_SHOWN)
      .map(alertSentence),
    ...[...read].slice(0, FEATURES_SHOWN).flatMap((name) => valueSentence(name, view[name])),
  ]
}

function sentence({ feature, actual, expected }: Contribution): string {
  const value = `${feature} ${rounded(actual)}`
  return Number.isNaN(expected) ? value : `${value}, expected ${rounded(expected)}`
}

function valueSentence(name: string, value: unknown): string[] {
  return typeof value === 'number' && !Number.isNaN(value) ? [`${name} ${rounded(value)}`] : []
}

function alertSentence(name: string): string {
  return `alert ${name} fires`
}

function groupSentence({ peers }: Facts): string {
  return `${peers?.anomalous} of ${peers?.size} in group ${peers?.group}: the group, not one host`
}

/** Three digits, without exponents in the range in which people read. */
function rounded(value: number): string {
  return Math.abs(value) >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)))
}
