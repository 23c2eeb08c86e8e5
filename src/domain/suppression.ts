import type { IncidentAlert } from './alert.ts'
import type { Target } from './target.ts'

type Labels = Readonly<Record<string, string>>

/** A silence that people have set where alerts are routed. Times are ms since the epoch. */
export interface OutsideSilence {
  readonly id: string
  /** Whether its matchers fit labels; one that is missing counts as empty. */
  readonly matches: (labels: Labels) => boolean
  readonly startsAt: number
  readonly endsAt: number
  /** Its keeper says that it is in force, whatever our clock says of its beginning. */
  readonly active: boolean
  readonly by: string
  readonly comment: string
}

/** An alert that fires and is kept from people where alerts are routed. */
export interface SuppressedAlert {
  readonly labels: Labels
  /** Ids of silences. */
  readonly silencedBy: readonly string[]
  /** Labels of the alerts that inhibit it; undefined for one that is not known. */
  readonly inhibitedBy: readonly (Labels | undefined)[]
}

/** All that is kept from people, as it was read. */
export interface Suppressions {
  /** Those that are over are left out. */
  readonly silences: readonly OutsideSilence[]
  readonly alerts: readonly SuppressedAlert[]
}

/** What is asked about: a target, with the trouble that it has. */
export interface Suspect {
  readonly target: Target
  readonly anomalous: boolean
  /** Those that fire. */
  readonly alerts: readonly Pick<IncidentAlert, 'labels'>[]
}

/**
 * The first silence that is about a target: its matchers fit one of its alerts, completed by the target's labels; or
 * the target's labels alone, where not only alerts say that it is unwell.
 *
 * @param at ms since the epoch
 */
export function silenceOver(
  { target, anomalous, alerts }: Suspect,
  silences: readonly OutsideSilence[],
  at: number,
): OutsideSilence | undefined {
  const told = alerts.map(({ labels }) => ({ ...target.labels, ...labels }))
  const labelSets = anomalous || told.length === 0 ? [target.labels, ...told] : told
  return silences.find((silence) => isInForce(silence, at) && labelSets.some(silence.matches))
}

/**
 * Until when all that speaks of a target is silenced: each of its alerts, completed by the target's labels, and the
 * target's labels where not only alerts say that it is unwell, or labels that its anomaly is known by elsewhere.
 *
 * @param anomaly other labels of the target's anomaly
 * @param at ms since the epoch
 * @returns undefined where something may be said now
 */
export function silencedUntil(
  { target, anomalous, alerts }: Suspect,
  anomaly: readonly Labels[],
  silences: readonly OutsideSilence[],
  at: number,
): number | undefined {
  const inForce = silences.filter((silence) => isInForce(silence, at))
  const whole = (labels: Labels) => ({ ...target.labels, ...labels })
  const voices = alerts.map(({ labels }) => [whole(labels)])
  if (anomalous || voices.length === 0) voices.push([target.labels, ...anomaly.map(whole)])
  const ends = voices.map((labelSets) => {
    const covering = inForce.filter((silence) => labelSets.some(silence.matches))
    return Math.max(Number.NEGATIVE_INFINITY, ...covering.map(({ endsAt }) => endsAt))
  })
  const first = Math.min(...ends)
  return first > at ? first : undefined
}

function isInForce({ startsAt, endsAt, active }: OutsideSilence, at: number): boolean {
  return at < endsAt && (active || startsAt <= at)
}

/** In words for people. */
export function silenceText({ by, endsAt, comment }: OutsideSilence): string {
  return `silenced in Alertmanager by ${by} until ${new Date(endsAt).toISOString()}${comment === '' ? '' : `: ${comment}`}`
}
