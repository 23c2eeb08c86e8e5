import type { DecisionVerdict } from './decision.ts'
import type { Incident } from './incident.ts'

/** How often a rule has decided. */
export interface RuleMatches {
  readonly count: number
  /** ms since the epoch; undefined where it never has. */
  readonly lastAt: number | undefined
  readonly verdicts: Readonly<Record<DecisionVerdict, number>>
}

type Verdicts = Record<DecisionVerdict, number>

export const NO_MATCHES: RuleMatches = { count: 0, lastAt: undefined, verdicts: none() }

/** The decisions in the timelines of some incidents from a time on, by rule. A decision that changed nothing stands in no timeline. */
export function matchesByRule(incidents: Iterable<Incident>, since: number): ReadonlyMap<string, RuleMatches> {
  const matches = new Map<string, { count: number; lastAt: number | undefined; verdicts: Verdicts }>()
  for (const { timeline } of incidents) {
    for (const { at, kind, data } of timeline) {
      const { rule, verdict } = data
      if (kind !== 'decided' || rule === undefined || at < since) continue
      const own = matches.get(String(rule)) ?? { count: 0, lastAt: undefined, verdicts: none() }
      matches.set(String(rule), own)
      own.count++
      own.lastAt = Math.max(own.lastAt ?? at, at)
      if (isVerdict(verdict)) own.verdicts[verdict]++
    }
  }
  return matches
}

function none(): Verdicts {
  return { execute: 0, ask: 0, observe: 0, refuse: 0, none: 0 }
}

function isVerdict(word: unknown): word is DecisionVerdict {
  return typeof word === 'string' && Object.hasOwn(none(), word)
}
