import { isFiring } from '../domain/alert.ts'
import {
  alarmed,
  calmed,
  closed,
  heardAgain,
  type Incident,
  opened,
  silenced,
  silentSince,
} from '../domain/incident.ts'
import type { Target } from '../domain/target.ts'
import type { Verdict } from '../domain/verdict.ts'

/** An anomaly that comes back within so long is the same episode. */
const REJOIN_MS = 600_000
/** A target that is missing from the fleet for so long is gone. */
const GONE_MS = 600_000

/** What a cycle brought. */
export interface Cycle {
  /** Grid time, ms since the epoch. */
  readonly at: number
  readonly verdicts: Iterable<Verdict | undefined>
  /** Whether a target without a verdict is really missing, and not only left out because the source did not say all. */
  readonly complete: boolean
}

/** How incidents begin. */
export interface Beginning {
  /** Gives a new incident its id. */
  readonly newId: () => string
  readonly groupOf: (labels: Target['labels']) => string
}

/**
 * Opens, goes on with and ends incidents: what the detectors say of a target at one tick, and its incident until then,
 * give its incident from now on. Without data an incident stays as it is.
 *
 * @param ongoing by target, all that are not closed
 * @returns the incidents that are new or changed
 */
export function followIncidents(
  ongoing: ReadonlyMap<string, Incident>,
  { at, verdicts, complete }: Cycle,
  beginning: Beginning,
): Incident[] {
  const changed: Incident[] = []
  const seen = new Set<string>()
  for (const verdict of verdicts) {
    if (verdict === undefined) continue
    const { id } = verdict.target
    const before = ongoing.get(id)
    if (before !== undefined) seen.add(id)
    else if (!verdict.detected) continue
    const settled = before && settle(before, at)
    if (settled?.state === 'closed') changed.push(settled)
    const running = settled?.state === 'closed' ? undefined : settled
    const after = running === undefined ? begin(verdict, at, beginning) : judge(running, verdict, at)
    if (after !== undefined && after !== before) changed.push(after)
  }
  for (const [id, before] of ongoing) {
    if (seen.has(id)) continue
    const after = miss(settle(before, at), at, complete)
    if (after !== before) changed.push(after)
  }
  return changed
}

/** What recovered long enough ago is over. */
export function settle(incident: Incident, at: number): Incident {
  const { state, endedAt } = incident
  const over = state === 'recovered' && at - (endedAt ?? at) > REJOIN_MS
  return over ? closed(incident, at, 'it has not come back') : incident
}

function begin(verdict: Verdict, at: number, { newId, groupOf }: Beginning): Incident | undefined {
  if (!verdict.detected) return undefined
  const { id, labels } = verdict.target
  return opened(newId(), id, { ...verdict, at }, { labels, group: groupOf(labels) })
}

function judge(incident: Incident, verdict: Verdict, at: number): Incident {
  if (verdict.state === 'stale') return hasData(incident) ? silenced(incident, at) : incident
  // After a restart a target warms up: that says neither that it is well nor that it is not.
  if (verdict.state === 'warming_up') return incident
  if (verdict.detected) return alarmed(heard(incident, at), { ...verdict, at })
  return calmed(heard(incident, at), at, verdict.adopted)
}

const heard = (incident: Incident, at: number) => (incident.state === 'recovered' ? incident : heardAgain(incident, at))

/** Without an anomaly, data are not what the incident waits for. */
function hasData(incident: Incident): boolean {
  return incident.anomalous && incident.state !== 'recovered'
}

function miss(incident: Incident, at: number, complete: boolean): Incident {
  if (!hasData(incident)) return incident
  const since = silentSince(incident)
  if (since === undefined) return silenced(incident, at)
  const gone = complete && at - since >= GONE_MS && !incident.alerts.some(isFiring) && isIdle(incident)
  return gone ? closed(incident, at, 'the target is gone') : incident
}

/** No action is under way that would have to report to it. */
function isIdle({ state }: Incident): boolean {
  return state === 'opened' || state === 'escalated'
}
