import type { ActionState } from '../domain/action.ts'
import type { LabelTest } from './auth/label-scope.ts'
import { may, type Principal } from './auth/principal.ts'
import type {
  ActionCountsJson,
  ConfigurationJson,
  PermissionsJson,
  ReceiverJson,
  SourceJson,
  StatusJson,
  TargetCountsJson,
  WarmingUpJson,
} from './contract.ts'
import { freezeJson } from './control-json.ts'
import type { Fleet } from './fleet.ts'
import type { ReceiverFacts, SourceFacts, StatusFacts } from './status.ts'

const UNDER_WAY: ReadonlySet<ActionState> = new Set(['PLANNED', 'CLAIMED', 'STARTED'])
const PROBLEMS_SHOWN = 5

/** How Homeostat is, as somebody sees it: who sees a part of the fleet is told of that part alone. */
export function statusJson(facts: StatusFacts, fleet: Fleet, principal: Principal): StatusJson {
  const { at, startedAt, uptimeMs, cycle, training } = facts
  const { sees } = principal
  const labels = sees && new Map(Array.from(fleet.verdicts(), ({ target }) => [target.id, target.labels] as const))
  const isSeen = (target: string, own: Readonly<Record<string, string>> = {}) =>
    sees === undefined || sees({ ...own, ...labels!.get(target) })
  const ofIncidents = new Map(facts.ongoing.map((one) => [one.target, one.labels]))
  return {
    at: time(at),
    version: facts.version,
    started_at: time(startedAt),
    uptime_seconds: seconds(uptimeMs),
    interval_seconds: seconds(facts.intervalMs),
    ready: fleet.firstCycleDone,
    cycle: {
      at: maybeTime(cycle.at),
      seconds: cycle.tookMs === undefined ? null : seconds(cycle.tookMs),
      failures: cycle.failures,
    },
    sources: facts.sources.map((source) => sourceJson(source, at, sees === undefined)),
    targets: targetCounts(fleet, sees),
    warming_up: warmingUp(fleet, sees, at),
    training: {
      min_history_seconds: seconds(training.minHistoryMs),
      interval_seconds: seconds(training.intervalMs),
    },
    receivers: sees === undefined ? facts.receivers.map(receiverJson) : [],
    configuration: configurationJson(facts, sees === undefined),
    actions: actionCounts(facts.actions.filter(({ target }) => isSeen(target, ofIncidents.get(target)))),
    incidents: { open: facts.ongoing.filter((one) => isSeen(one.target, one.labels)).length },
    freeze: freezeJson(facts.freeze),
    permissions: permissionsOf(principal),
  }
}

/** What somebody may do, as the gate lets them. */
export function permissionsOf(principal: Principal): PermissionsJson {
  const whole_fleet = principal.sees === undefined
  const [operate, admin] = [may(principal, 'operate'), may(principal, 'admin')]
  return {
    operate,
    freeze: operate && whole_fleet,
    unfreeze: admin && whole_fleet,
    reload: admin && whole_fleet,
    whole_fleet,
  }
}

function targetCounts(fleet: Fleet, sees: LabelTest | undefined): TargetCountsJson {
  const counts = { total: 0, fresh: 0, warming_up: 0, stale: 0, detected: 0, with_model: 0 }
  for (const { target, state, detected } of fleet.verdicts()) {
    if (sees !== undefined && !sees(target.labels)) continue
    counts.total++
    counts[state]++
    if (detected) counts.detected++
    if (fleet.modelOf(target.id) !== undefined) counts.with_model++
  }
  return counts
}

function warmingUp(fleet: Fleet, sees: LabelTest | undefined, at: number): WarmingUpJson {
  let targets = 0
  let until = Number.NEGATIVE_INFINITY
  for (const { target, state } of fleet.verdicts()) {
    if (state !== 'warming_up' || (sees !== undefined && !sees(target.labels))) continue
    targets++
    until = Math.max(until, fleet.readyAt(target.id) ?? Number.NEGATIVE_INFINITY)
  }
  return { targets, until: until > at ? time(until) : null }
}

function sourceJson(
  { kind, url, state, newestAt, targets, problems }: SourceFacts,
  at: number,
  all: boolean,
): SourceJson {
  return {
    kind,
    url: url ?? null,
    state,
    data_age_seconds: newestAt === undefined ? null : seconds(Math.max(0, at - newestAt)),
    // Of a part of the fleet nobody has counted them.
    targets: all ? (targets ?? null) : null,
    problems: all ? problems.slice(0, PROBLEMS_SHOWN) : [],
  }
}

function receiverJson({ name, kind, waiting, sentAt, failedAt, failure }: ReceiverFacts): ReceiverJson {
  return {
    name,
    kind,
    waiting: waiting ?? null,
    last_sent_at: maybeTime(sentAt),
    last_failed_at: maybeTime(failedAt),
    last_failure: failure ?? null,
    ok: sentAt === undefined && failedAt === undefined ? null : (sentAt ?? 0) >= (failedAt ?? 0),
  }
}

function configurationJson({ configuration }: StatusFacts, all: boolean): ConfigurationJson {
  const { file, loadedAt, reload, warnings } = configuration
  return {
    file: all ? (file ?? null) : null,
    loaded_at: time(loadedAt),
    reload: reload === undefined ? null : { at: time(reload.at), ok: reload.ok, problems: all ? reload.problems : [] },
    warnings: all ? warnings : [],
  }
}

function actionCounts(actions: StatusFacts['actions']): ActionCountsJson {
  return {
    waiting: actions.filter(({ state }) => state === 'AWAITING_APPROVAL').length,
    under_way: actions.filter(({ state }) => UNDER_WAY.has(state)).length,
  }
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000
}

function time(ms: number): string {
  return new Date(ms).toISOString()
}

function maybeTime(ms: number | undefined): string | null {
  return ms === undefined || !Number.isFinite(ms) ? null : time(ms)
}
