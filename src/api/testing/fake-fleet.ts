import type { Target } from '../../domain/target.ts'
import { DETECTORS, severityOf, type Verdict } from '../../domain/verdict.ts'
import type { Fleet, ModelInfo } from '../fleet.ts'

/** A healthy verdict, changed where a test needs it. */
export function verdictOf(instance: string, changes: Partial<Verdict> = {}): Verdict {
  const target: Target = { id: `${instance}@node`, labels: { instance, job: 'node' } }
  const level = changes.level ?? 0.5
  return {
    target,
    state: 'fresh',
    at: Date.parse('2026-11-21T10:00:00Z'),
    score: 0.01,
    threshold: 0.2,
    combined: 1.5,
    level,
    severity: severityOf(level),
    detected: false,
    detectors: detectors(0.25),
    contributions: [],
    exhaustion: [],
    drift: Number.NaN,
    ...changes,
  }
}

/** The same score for every detector. */
export function detectors(score: number): Verdict['detectors'] {
  return Object.fromEntries(DETECTORS.map((name) => [name, score])) as Record<(typeof DETECTORS)[number], number>
}

/** A verdict of a target that has not been judged yet. */
export function warmingUp(instance: string): Verdict {
  const nothing = Number.NaN
  const numbers = {
    score: nothing,
    threshold: nothing,
    combined: nothing,
    level: nothing,
    severity: nothing,
    drift: nothing,
  }
  return verdictOf(instance, { state: 'warming_up', ...numbers, detectors: detectors(nothing) })
}

export interface FakeFleet extends Fleet {
  firstCycleDone: boolean
  model: ModelInfo | undefined
  readonly all: Verdict[]
}

export function fakeFleet(all: Verdict[] = []): FakeFleet {
  const fleet: FakeFleet = {
    all,
    firstCycleDone: false,
    cycleAt: undefined,
    model: undefined,
    verdicts: () => fleet.all,
    modelOf: () => fleet.model,
    readyAt: () => undefined,
    groupOf: ({ job }) => job ?? '',
    feature: (name) => (name === 'cpu_busy' ? { unit: 'percent', help: 'Busy share of all processors.' } : undefined),
    detail: (id) => {
      const verdict = fleet.all.find(({ target }) => target.id === id)
      return verdict && { verdict, features: verdict.contributions, alarmsPerDay: 1, model: fleet.model }
    },
  }
  return fleet
}
