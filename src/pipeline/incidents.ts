import {
  closed,
  heardAgain,
  type Incident,
  opened,
  recovered,
  reopened,
  risen,
  silenced,
  silentSince,
} from '../domain/incident.ts'
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

/**
 * Opens, goes on with and ends incidents: what the detectors say of a target at one tick, and its incident until then,
 * give its incident from now on. Without data an incident stays as it is.
 *
 * @param ongoing by target, all that are not closed
 * @param newId gives a new incident its id
 * @returns the incidents that are new or changed
 */
export function followIncidents(
  ongoing: ReadonlyMap<string, Incident>,
  { at, verdicts, complete }: Cycle,
  newId: () => string,
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
    const after = running === undefined ? begin(verdict, at, newId) : judge(running, verdict, at)
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
function settle(incident: Incident, at: number): Incident {
  const { state, endedAt } = incident
  const over = state === 'recovered' && at - (endedAt ?? at) > REJOIN_MS
  return over ? closed(incident, at, 'it has not come back') : incident
}

function begin(verdict: Verdict, at: number, newId: () => string): Incident | undefined {
  return verdict.detected ? opened(newId(), verdict.target.id, { ...verdict, at }) : undefined
}

function judge(incident: Incident, verdict: Verdict, at: number): Incident {
  if (verdict.state === 'stale') return incident.state === 'opened' ? silenced(incident, at) : incident
  // After a restart a target warms up: that says neither that it is well nor that it is not.
  if (verdict.state === 'warming_up') return incident
  if (incident.state === 'recovered') return verdict.detected ? reopened(incident, { ...verdict, at }) : incident
  const heard = heardAgain(incident, at)
  return verdict.detected ? risen(heard, { ...verdict, at }) : recovered(heard, at, verdict.adopted)
}

function miss(incident: Incident, at: number, complete: boolean): Incident {
  if (incident.state !== 'opened') return incident
  const since = silentSince(incident)
  if (since === undefined) return silenced(incident, at)
  return complete && at - since >= GONE_MS ? closed(incident, at, 'the target is gone') : incident
}
