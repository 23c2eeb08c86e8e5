/** The JSON of the API, as in contracts.md: names snake_case, times ISO 8601 UTC. The dashboard may import this file. */

export interface Page<T> {
  readonly items: readonly T[]
  /** To be sent as `?cursor=` for what follows; null on the last page. */
  readonly next_cursor: string | null
}

/** The latest result for one target. A number that is not known is null, never 0. */
export interface TargetJson {
  readonly id: string
  readonly labels: Readonly<Record<string, string>>
  readonly state: 'fresh' | 'warming_up' | 'stale'
  /** In units of the threshold in force: above 1 is an alarm. */
  readonly level: number | null
  /** 0–1; 0.5 at the threshold. */
  readonly severity: number | null
  /** The autoencoder's reconstruction error. */
  readonly score: number | null
  /** Threshold for `score`. */
  readonly threshold: number | null
  readonly detected: boolean
  /** By detector, 0–1. */
  readonly detectors: Readonly<Record<string, number | null>>
  /** Time of the reading behind it; null before the first. */
  readonly updated_at: string | null
}

interface FeatureJson {
  readonly name: string
  readonly actual: number | null
  /** What the models expected; null where none has an expectation yet. */
  readonly expected: number | null
  /** Part of the whole error, 0–1. */
  readonly share: number | null
}

export interface TargetDetailJson extends TargetJson {
  /** Strongest first. */
  readonly features: readonly FeatureJson[]
  /** Resources that are filling significantly, the soonest used up first; empty where none is. */
  readonly exhaustion: readonly ExhaustionJson[]
  /** How far the inputs have moved since training, 0–8, in deviations; null without a model. */
  readonly drift: number | null
  /** False alarms allowed: `threshold.alarms_per_day`, moved by feedback on incidents. */
  readonly alarms_per_day: number
  /** The model behind `score`; null before there is one. */
  readonly model: ModelJson | null
}

interface ExhaustionJson {
  /** The feature that is its used share. */
  readonly resource: string
  /** Time left if it goes on as it does; 0 when it is full. */
  readonly seconds: number
  /** 95 % interval of `seconds`. */
  readonly low: number
  readonly high: number
}

interface ModelJson {
  readonly id: string
  readonly scope: 'host' | 'group'
  readonly trained_at: string
}

export interface IncidentJson {
  readonly id: string
  readonly target: string
  /** `recovered`: the anomaly is over, and would be the same incident if it came back within ten minutes. */
  readonly state: 'opened' | 'acting' | 'verifying' | 'escalated' | 'recovered' | 'closed'
  /** 0–1, at its highest. */
  readonly severity: number | null
  /** null until there is a diagnosis. */
  readonly cause: string | null
  readonly opened_at: string
  /** When the anomaly ended; null while it goes on. */
  readonly closed_at: string | null
}

export interface IncidentDetailJson extends IncidentJson {
  /** At its highest. */
  readonly level: number | null
  /** The features that spoke when the level was highest, strongest first. */
  readonly contributions: readonly ContributionJson[]
  /** The same when the incident opened. */
  readonly contributions_at_opening: readonly ContributionJson[]
  readonly acknowledged_at: string | null
  readonly feedback: { readonly useful: boolean; readonly at: string } | null
  readonly alerts: readonly never[]
  readonly diagnosis: null
  readonly actions: readonly never[]
  /** Oldest first. */
  readonly timeline: readonly TimelineEntryJson[]
}

export interface ContributionJson {
  readonly feature: string
  /** Part of the whole error, 0–1. */
  readonly share: number | null
  readonly actual: number | null
  /** null where no model has an expectation yet. */
  readonly expected: number | null
}

interface TimelineEntryJson {
  readonly at: string
  /** opened, rose, no_data, data_back, recovered, reopened, closed, acknowledged, feedback */
  readonly kind: string
  /** `homeostat`, or `api` */
  readonly by: string
  readonly text: string
  readonly data: Readonly<Record<string, string | number | boolean>>
}

/** A deploy or a maintenance window; no model is trained on what the targets did then. */
export interface ChangeJson {
  readonly id: string
  readonly targets: readonly string[]
  readonly from: string
  readonly to: string
  readonly text: string
  readonly created_at: string
  /** Those of `targets` that are not watched now. */
  readonly unknown_targets: readonly string[]
}

/** RFC 9457, `application/problem+json`; programs decide by `code`. */
export interface ProblemJson {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail: string
  /** With `code` `config_invalid`: everything that is wrong with the configuration. */
  readonly problems?: readonly ConfigProblemJson[]
}

export interface ConfigProblemJson {
  readonly where: string
  readonly path: string
  readonly message: string
  readonly hint?: string
}
