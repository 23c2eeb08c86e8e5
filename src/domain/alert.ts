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
}

/** What an incident keeps of an alert: its newest state. */
export interface IncidentAlert
  extends Pick<Alert, 'source' | 'fingerprint' | 'status' | 'labels' | 'startsAt' | 'endsAt'> {
  /** The label `alertname`; empty where there is none. */
  readonly name: string
  /** The annotation `summary`, else `description`, else empty. */
  readonly summary: string
}
