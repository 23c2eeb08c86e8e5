import { setImmediate as letOthers, setTimeout as rest } from 'node:timers/promises'
import type { Happening } from '../api/events/happenings.ts'
import type { Config } from '../config/resolve.ts'
import { propose } from '../decide/rules/propose.ts'
import type { StandingPolicy } from '../decide/standing.ts'
import { diagnose } from '../diagnose/diagnose.ts'
import type { Topology } from '../diagnose/topology.ts'
import type { Incident } from '../domain/incident.ts'
import type { Freeze } from '../domain/safety.ts'
import type { Target } from '../domain/target.ts'
import { surroundingsNow } from '../pipeline/ask-again.ts'
import { createAttention } from '../pipeline/attention.ts'
import type { Effects } from '../pipeline/effects.ts'
import { createElsewhere, quietUntil } from '../pipeline/elsewhere.ts'
import { createFleetNow, type FleetNow, type Seen } from '../pipeline/fleet.ts'
import { createHealer, type Healer } from '../pipeline/heal.ts'
import type { HealDependencies, RuleInForce } from '../pipeline/heal-dependencies.ts'
import { type Journal, type JournalEntries, JournalError } from '../pipeline/journal.ts'
import { createResponder, type Responder, type Response } from '../pipeline/respond.ts'
import type { Policy, Surroundings } from '../pipeline/situation.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import type { Metrics } from '../platform/metrics.ts'
import type { AlertmanagerWatch } from './alertmanager-watch.ts'
import type { Experience } from './experience.ts'
import { grouping, policyOf, standingOf } from './policy.ts'
import type { RuleBook } from './rule-set.ts'
import { createTroubleLog } from './troubles.ts'

export interface RemediationDependencies {
  readonly journal: Journal
  /** This process, and every process that lives, itself included, by the journal's word. */
  readonly owner: string
  readonly alive: () => Promise<readonly string[]>
  readonly effects: Effects
  /** What is silenced and inhibited where alerts are routed; without it nobody is asked. */
  readonly alertmanager?: Pick<AlertmanagerWatch, 'suppressions' | 'unknown'>
  readonly book: RuleBook
  readonly experience: Experience
  readonly newId: (at: number) => string
  readonly fileFreeze: () => Freeze | undefined
  readonly holds: HealDependencies['holds']
  /** Which services call which, as it is known by now. */
  readonly topology: () => Topology
  readonly onBoundary?: HealDependencies['onBoundary']
  /** What happens beside what the journal keeps. */
  readonly tell?: (happening: Happening) => void
  readonly clock: Clock
  /** Milliseconds from any point in time. */
  readonly stopwatch: () => number
  readonly metrics: Metrics
  readonly logger: Logger
}

/** The loop from what was seen to proof of recovery, as one configuration has it. */
export interface RemediationLoop {
  readonly fleet: FleetNow
  readonly responder: Responder
  readonly healer: Healer
  readonly book: RuleBook
  readonly standing: StandingPolicy
  readonly groupOf: (labels: Target['labels']) => string
  readonly ruleOf: (name: string) => RuleInForce | undefined
  /** How long what is planned may wait. */
  readonly waitMs: number
  /** Until when people have silenced an incident where alerts are routed, as far as that is known. */
  silencedElsewhere(incident: Incident, at: number): number | undefined
  /** What guards look around at. */
  surroundings(entries: JournalEntries, at: number): Promise<Surroundings>
  /** Follows a cycle; what fails is logged and counted, and nothing follows from the cycle then. */
  respond(seen: Seen): Promise<void>
}

export function createRemediation(config: Config, dependencies: RemediationDependencies): RemediationLoop {
  const { journal, effects, alertmanager, book, experience, newId, fileFreeze, clock, metrics, logger } = dependencies
  const groupOf = grouping(config)
  const groupSizes = new Map(Object.entries(config.remediation.groups.sizes))
  const fleet = createFleetNow({ intervalMs: config.interval, groupOf, groupSizes })
  const attention = createAttention()
  const elsewhere = createElsewhere(config.targets.labels)
  const policy: Policy = {
    ...policyOf(
      config,
      book.rules.ordered.map(({ limits }) => limits),
    ),
    quietElsewhere(suspect, at) {
      const suppressions = alertmanager?.suppressions
      return suppressions && elsewhere(suspect, suppressions, fleet.known, at)
    },
    unknownElsewhere: (at) => alertmanager?.unknown(at),
  }
  const standing = standingOf(config)
  const rules = new Map(
    book.rules.ordered.map(({ name, mode, steps, limits }): [string, RuleInForce] => {
      return [name, { ceiling: mode, steps: steps.length, limits }]
    }),
  )
  const ruleOf = (name: string) => rules.get(name)
  const waitMs = config.remediation.approval_timeout
  const timed = stopwatchOf(dependencies)

  function onResponse(response: Response): void {
    for (const _ of response.opened) metrics.incident('opened')
    for (const _ of response.recovered) metrics.incident('recovered')
    for (const { ruling, incident } of response.decisions) {
      metrics.decided(ruling.verdict)
      const { verdict, rule, action, guard, reason } = ruling
      if (verdict !== 'none') logger.info({ target: incident.target, verdict, rule, action, guard, reason }, 'decision')
    }
    for (const { action } of response.decisions) if (action !== undefined) metrics.acted(action.action, action.state)
    experience.noteIncidents(response.incidents)
    if (response.decisions.some(({ action }) => action !== undefined)) healer.wake()
  }

  const responder = createResponder({
    journal,
    effects,
    fleet,
    attention,
    identity: config.targets.labels,
    alertTimeoutMs: config.webhooks.alert_timeout,
    groupOf,
    newId,
    policy,
    decider: {
      propose: (facts, progress) => propose(book.rules, facts, progress),
      standing,
      newId,
      approvalMs: waitMs,
      plannedMs: waitMs,
    },
    diagnose: (facts) => diagnose(facts, book.patterns),
    topology: dependencies.topology,
    now: clock.now,
    // Real time passes in a replay as well, between two readings.
    sleep: (ms) => rest(ms),
    letOthers: () => letOthers(),
    frozenOutside: fileFreeze,
    onResponse,
    timed,
  })

  const healing = createTroubleLog(logger, {
    begun: 'actions cannot be looked after',
    over: 'actions are looked after again',
  })
  const switched = createTroubleLog(logger, { begun: 'frozen: nothing is done', over: 'unfrozen' })
  const healer = createHealer({
    ...dependencies,
    fleet,
    attention,
    policy,
    standing,
    ruleOf,
    frozenOutside: fileFreeze,
    targetOf: (id) => fleet.known.byId(id),
    onTransition(action) {
      const { id, target, state, rule, reason } = action
      metrics.acted(action.action, state)
      experience.noteAction(action)
      logger.info({ action: id, what: action.action, target, state, rule, reason }, 'action')
    },
    onTrouble(error) {
      if (error !== undefined) metrics.stageFailed('heal', reasonOf(error))
      healing.say(...troubleOfStore(error))
    },
    onRound({ waiting, freeze }) {
      metrics.actionsWaiting(waiting)
      metrics.frozen(freeze !== undefined)
      dependencies.tell?.({ kind: 'freeze', freeze })
      switched.say(freeze && `${freeze.by}: ${freeze.reason}`, { ...freeze })
    },
    timed: (round) => timed('heal', round),
  })

  const storing = createTroubleLog(logger, {
    begun: 'incidents cannot be kept; scores go on, nothing is done',
    over: 'incidents are kept again',
  })
  let pending: Promise<void> | undefined

  async function respondNow(seen: Seen): Promise<void> {
    try {
      await responder.afterCycle(seen)
      storing.say(undefined, {})
    } catch (error) {
      metrics.stageFailed('record', reasonOf(error))
      storing.say(...troubleOfStore(error))
    }
  }

  return {
    fleet,
    responder,
    healer,
    book,
    standing,
    groupOf,
    ruleOf,
    waitMs,
    silencedElsewhere(incident, at) {
      const known = alertmanager?.unknown(at) === undefined ? alertmanager?.suppressions : undefined
      return known && quietUntil(incident, known.silences, config.targets.labels, at)
    },
    surroundings(entries, at) {
      return surroundingsNow(entries, at, { fleet, attention, policy, effects, frozenOutside: fileFreeze })
    },
    async respond(seen) {
      if (pending !== undefined) {
        metrics.stageFailed('record', 'timeout')
        return
      }
      const work = respondNow(seen).finally(() => {
        pending = undefined
      })
      pending = work
      // A store that hangs must not cost the cycles that follow.
      const enough = new AbortController()
      const limit = clock.sleep(config.interval / 2, enough.signal).catch(() => {})
      await Promise.race([work, limit])
      enough.abort()
    },
  }
}

function stopwatchOf({ stopwatch, metrics }: Pick<RemediationDependencies, 'stopwatch' | 'metrics'>) {
  return <T>(stage: 'diagnose' | 'decide' | 'record' | 'heal', run: () => T): T => {
    const began = stopwatch()
    const took = () => metrics.stageTook(stage, (stopwatch() - began) / 1000)
    const result = run()
    if (result instanceof Promise) result.then(took, took)
    else took()
    return result
  }
}

function reasonOf(error: unknown): string {
  return error instanceof JournalError ? error.reason : 'internal'
}

function troubleOfStore(error: unknown): [kind: string | undefined, fields: object] {
  if (error === undefined) return [undefined, {}]
  if (error instanceof JournalError) return [error.reason, { reason: error.reason, error: error.message }]
  return [String(error), { err: error }]
}
