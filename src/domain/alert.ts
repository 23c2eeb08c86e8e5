/** Who sent an alert. */
export const ALERT_SOURCES = ['alertmanager', 'grafana'] as const
export type AlertSource = (typeof ALERT_SOURCES)[number]

/** One alert as a sender told us of it. Labels and annotations are chosen by others: data, never code. */
export interface Alert {
  readonly source: AlertSource
  /** The sender's group; part of what tells a delivery from its repetition. */
  readonly groupKey: string
  /** Ours, over the labels alone: the sender's is not trusted. */
  readonly fingerprint: string
  readonly status: 'firing' | 'resolved'
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** ms since the epoch */
  readonly startsAt: number
  /** Undefined while it fires. */
  readonly endsAt?: number
  /** When it ends unless it is said again, where its sender says so of one that fires. */
  readonly expiresAt?: number
}

/** What an incident keeps of an alert: its newest state. */
export interface IncidentAlert
  extends Pick<Alert, 'source' | 'fingerprint' | 'status' | 'labels' | 'startsAt' | 'endsAt' | 'expiresAt'> {
  /** The label `alertname`; empty where there is none. */
  readonly name: string
  /** The annotation `summary`, else `description`, else empty. */
  readonly summary: string
  /** When it was last said to fire, as far as that is written down; ms since the epoch. */
  readonly heardAt?: number
  /** It was not resolved: nobody said it any more. */
  readonly lapsed?: boolean
}

/** What our own anomalies carry when they come back to us as alerts: they join their incident, and mean nothing new. */
const ORIGIN = { label: 'origin', value: 'homeostat' } as const

export function isOurs(labels: Readonly<Record<string, string>>): boolean {
  return labels[ORIGIN.label] === ORIGIN.value
}

/** Whether an alert fires, and somebody else than we says so. */
export function isFiring({ status, labels }: Pick<IncidentAlert, 'status' | 'labels'>): boolean {
  return status === 'firing' && !isOurs(labels)
}

/** What began after it ended is kept, but nothing follows from it. */
export function isDoubtful({ startsAt, endsAt }: Pick<Alert, 'startsAt' | 'endsAt'>): boolean {
  return endsAt !== undefined && endsAt < startsAt
}

/** Characters of a summary that an incident keeps. */
const SUMMARY_LENGTH = 1000

/** @param at when it was said */
export function incidentAlert(alert: Alert, at: number): IncidentAlert {
  const { source, fingerprint, labels, annotations, startsAt, endsAt, expiresAt } = alert
  const summary = annotations['summary'] ?? annotations['description'] ?? ''
  return {
    source,
    fingerprint,
    status: isDoubtful(alert) ? 'resolved' : alert.status,
    labels,
    startsAt,
    endsAt,
    expiresAt,
    heardAt: at,
    name: labels['alertname'] ?? '',
    summary: summary.slice(0, SUMMARY_LENGTH),
  }
}
