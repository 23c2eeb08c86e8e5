import { verdictOf } from '../../api/testing/fake-fleet.ts'
import { DEFAULT_LIMITS, type Limits } from '../../decide/guards/guard.ts'
import type { Proposed } from '../../decide/rules/propose.ts'
import type { Topology } from '../../diagnose/topology.ts'
import type { Action } from '../../domain/action.ts'
import type { Alert } from '../../domain/alert.ts'
import type { ActionName, Mode } from '../../domain/decision.ts'
import type { Diagnosis } from '../../domain/diagnosis.ts'
import type { Facts } from '../../domain/facts.ts'
import type { Incident } from '../../domain/incident.ts'
import type { Freeze } from '../../domain/safety.ts'
import type { Verdict } from '../../domain/verdict.ts'
import { openMemoryStore } from '../../store/sql/testing/memory-store.ts'
import { createAttention } from '../attention.ts'
import { createFleetNow } from '../fleet.ts'
import { createHealer } from '../heal.ts'
import type { Boundary, HealDependencies } from '../heal-dependencies.ts'
import { createResponder, type Response } from '../respond.ts'
import type { Policy } from '../situation.ts'
import { fakeEffects } from './fake-effects.ts'
import { manualClock } from './manual-clock.ts'

export const NOON = Date.parse('2026-11-21T12:00:00Z')
const INTERVAL_MS = 15_000
const PROMOTIONS = { observe: 3, suggest: 3, approve: 3 }

export interface BenchOptions {
  readonly mode?: Mode
  /** The ladder of the only rule, which matches whatever is unwell. */
  readonly steps?: readonly ActionName[]
  readonly limits?: Partial<Limits>
  /** Well targets beside those that a test speaks of, so that the breaker has something to count. */
  readonly others?: number
  readonly promql?: string
  /** The rule that matches; `only` unless given, and only that one may have guards and a ladder of its own. */
  readonly ruleFor?: (facts: Facts) => string
  /** A memory leak in each target unless given. */
  readonly diagnose?: (facts: Facts) => Diagnosis
  readonly topology?: () => Topology
}

/** The loop from verdicts and alerts to effects, on the real store in memory, a clock that is moved by hand, and effects that are only counted. */
export async function openBench(options: BenchOptions = {}) {
  const { mode = 'auto', steps = ['restart'], others = 20, promql } = options
  const clock = manualClock(NOON)
  const effects = fakeEffects()
  const groupOf = ({ job }: Readonly<Record<string, string>>) => job ?? ''
  const fleet = createFleetNow({ intervalMs: INTERVAL_MS, groupOf, groupSizes: new Map() })
  const attention = createAttention()
  let numbers = 0
  const newId = (at: number) => `${at}-${String(numbers++).padStart(6, '0')}`
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits }
  const policy: Policy = {
    lookBackMs: 48 * 3_600_000,
    limitsOf: (_group, _rule, changes) => ({ ...limits, ...changes }),
    windowOf: () => undefined,
    quietElsewhere: () => switches.quiet,
    unknownElsewhere: () => switches.unknown,
    protectedBy: () => undefined,
  }
  const standing = { start: 'ceiling', promoteAfter: PROMOTIONS } as const
  const propose = (facts: Facts, { step }: { step: number }): Proposed =>
    step < steps.length
      ? {
          proposal: {
            rule: options.ruleFor?.(facts) ?? 'only',
            action: steps[step],
            parameters: {},
            severity: 'high',
            mode,
            verification: { promql, afterMs: 15_000, withinMs: 120_000 },
            step,
            steps: steps.length,
          },
          limits: {},
        }
      : { proposal: undefined, reason: 'only has no step left', rule: 'only', exhausted: true }
  const store = await openMemoryStore(clock, 'first')
  const responses: Response[] = []
  const transitions: Action[] = []
  const troubles: unknown[] = []
  const switches: {
    quiet?: string
    unknown?: string
    freeze?: Freeze
    holds?: boolean
    atBoundary?: (boundary: Boundary, action: Action) => void
  } = {}

  const responder = createResponder({
    journal: store,
    effects,
    fleet,
    attention,
    identity: ['instance', 'job'],
    alertTimeoutMs: 12 * 3_600_000,
    groupOf,
    newId,
    policy,
    decider: { propose, standing, newId, approvalMs: 600_000, plannedMs: 600_000 },
    diagnose: options.diagnose ?? leakIn,
    topology: options.topology,
    now: clock.now,
    sleep: async () => {},
    letOthers: async () => {},
    frozenOutside: () => switches.freeze,
    onResponse: (response) => responses.push(response),
    timed: (_stage, run) => run(),
  })

  const healDependencies = (owner: string): HealDependencies => ({
    journal: store,
    effects,
    clock,
    owner,
    alive: async () => [owner],
    fleet,
    attention,
    policy,
    standing,
    ruleOf: (name) => (name === 'only' ? { ceiling: mode, steps: steps.length, limits: {} } : undefined),
    newId,
    frozenOutside: () => switches.freeze,
    holds: async () => switches.holds,
    targetOf: (id) => fleet.known.byId(id),
    onTransition: (action) => transitions.push(action),
    onTrouble: (error) => void (error !== undefined && troubles.push(error)),
    onRound: () => {},
    timed: (round) => round(),
    onBoundary: (boundary, action) => switches.atBoundary?.(boundary, action),
  })
  let healer = createHealer(healDependencies('first'))

  const calm = Array.from({ length: others }, (_, i) => verdictOf(`calm-${i}`))

  /** One cycle, in which these are unwell and the others well. */
  async function cycle(unwell: readonly string[] = [], well: readonly string[] = [], warnings: readonly string[] = []) {
    const at = clock.now()
    const verdicts: Verdict[] = [
      ...unwell.map((name) => verdictOf(name, { detected: true, level: 4, at })),
      ...well.map((name) => verdictOf(name, { at })),
      ...calm,
    ]
    const targets = verdicts.map(({ target }) => target)
    const sampledAt = new Float64Array(targets.length).fill(at)
    const fresh = new Uint8Array(targets.length).fill(1)
    const cleaning = { forwardFilled: 0, missing: 0, droppedRows: 0 }
    const values = new Float64Array(targets.length).fill(97)
    const seen = {
      at,
      snapshot: { warnings },
      matrix: { at, names: ['memory'], targets, values, fresh, sampledAt, cleaning },
      verdicts,
    }
    fleet.see(seen)
    return responder.afterCycle(seen)
  }

  return {
    clock,
    effects,
    store,
    responder,
    responses,
    transitions,
    troubles,
    switches,
    get healer() {
      return healer
    },
    cycle,
    /** So many cycles, one interval apart. */
    async cycles(count: number, unwell: readonly string[] = [], well: readonly string[] = []) {
      for (let i = 0; i < count; i++) {
        await cycle(unwell, well)
        await clock.advance(INTERVAL_MS)
      }
    },
    /** One look at the ledger, and the end of what it began. */
    async heal() {
      await healer.round()
      await healer.idle()
    },
    /** The process dies, and another begins. */
    restart() {
      healer = createHealer(healDependencies('second'))
    },
    incidents: () => store.transaction((entries) => entries.incidents({ limit: 10_000 })),
    async incident(target: string): Promise<Incident> {
      const found = await store.transaction((entries) => entries.incidents({ target, limit: 1 }))
      return found[0]
    },
    actions: (target?: string) => store.transaction((entries) => entries.actions({ target, limit: 10_000 })),
    messages: () => store.unrouted(10_000),
  }
}

function leakIn({ target }: Facts): Diagnosis {
  return { cause: 'memory_leak', confidence: 0.8, evidence: ['memory 97'], rootTarget: target }
}

/** An alert of Alertmanager's about an instance of the job node. */
export function alertOf(instance: string, changes: Partial<Alert> = {}): Alert {
  return {
    source: 'alertmanager',
    groupKey: '{}:{alertname="MemoryLow"}',
    fingerprint: `fingerprint-of-${instance}`,
    status: 'firing',
    labels: { alertname: 'MemoryLow', instance, job: 'node', severity: 'warning' },
    annotations: { summary: 'memory is low' },
    startsAt: NOON - 60_000,
    ...changes,
  }
}
