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
  readonly alerts: readonly AlertJson[]
  readonly diagnosis: DiagnosisJson | null
  /** Newest first. */
  readonly actions: readonly ActionJson[]
  /** Other incidents that belong to it. */
  readonly related: readonly string[]
  /** Oldest first. */
  readonly timeline: readonly TimelineEntryJson[]
}

/** An alert that is part of an incident, in its newest state. */
export interface AlertJson {
  readonly source: 'alertmanager' | 'grafana'
  readonly name: string
  readonly status: 'firing' | 'resolved'
  readonly summary: string
  readonly labels: Readonly<Record<string, string>>
  readonly fingerprint: string
  readonly starts_at: string
  /** null while it fires */
  readonly ends_at: string | null
}

export interface DiagnosisJson {
  readonly cause: string
  /** 0–1 */
  readonly confidence: number
  /** Strongest first. */
  readonly evidence: readonly string[]
  readonly root_target: string
  readonly peers: { readonly group: string; readonly anomalous: number; readonly size: number } | null
}

type ParametersJson = Readonly<Record<string, string | number | boolean>>

export interface ActionJson {
  readonly id: string
  readonly incident_id: string | null
  readonly target: string
  readonly action: string
  readonly parameters: ParametersJson
  readonly state: string
  readonly mode: string
  /** `manual` where a person asked. */
  readonly rule: string
  /** Why it is in this state. */
  readonly reason: string
  readonly created_at: string
  readonly started_at: string | null
  readonly finished_at: string | null
}

export interface ActionDetailJson extends ActionJson {
  readonly severity: string
  /** Who asked for it: `homeostat`, or a person. */
  readonly by: string
  readonly approved_by: string | null
  /** The exact call; empty until it was prepared. */
  readonly call: string
  /** Not begun after this. */
  readonly expires_at: string
}

export interface RuleJson {
  readonly name: string
  readonly file: string
  readonly priority: number
  /** CEL */
  readonly when: string
  readonly action: string
  readonly parameters: ParametersJson
  readonly severity: string
  /** The most that it may do. */
  readonly mode: string
  /** What it may do by now, by group. */
  readonly standings: readonly StandingJson[]
}

interface StandingJson {
  readonly group: string
  readonly mode: string
  /** Decisions since `since` that turned out right, and wrong. */
  readonly right: number
  readonly wrong: number
  readonly since: string
}

/** What the whole pipeline made of one pushed reading. */
export interface ObservationResultJson {
  readonly target: string
  /** As it was understood. */
  readonly observation: {
    readonly service: string
    readonly timestamp: string
    readonly labels: Readonly<Record<string, string>>
    readonly metrics: Readonly<Record<string, number>>
  }
  readonly anomaly: {
    readonly detected: boolean
    /** 0–1; null, as all that follow, until it is known. */
    readonly severity: number | null
    readonly level: number | null
    readonly score: number | null
    readonly threshold: number | null
    /** By detector, 0–1. */
    readonly detectors: Readonly<Record<string, number | null>>
    /** Strongest first; empty without an anomaly. */
    readonly contributions: readonly ContributionJson[]
  }
  /** null without an anomaly. */
  readonly diagnosis: Omit<DiagnosisJson, 'peers'> | null
  readonly decision: {
    readonly rule: string | null
    readonly action: string | null
    /** low, medium, high, critical */
    readonly severity: string | null
    readonly verdict: 'execute' | 'ask' | 'observe' | 'refuse' | 'none'
    /** Of a refusal: the guard and its words. */
    readonly reason: string
  }
  /** The newest one of the incident. */
  readonly action: { readonly id: string; readonly state: string; readonly message: string } | null
}

/** The kill switch. */
export interface FreezeJson {
  readonly frozen: boolean
  readonly by: string | null
  readonly reason: string | null
  readonly since: string | null
}

/** A model in use. */
export interface ModelListingJson extends ModelJson {
  /** Targets that it scores. */
  readonly targets: number
}

/** A mean in seconds, and of how many; null of none. */
export interface MeanJson {
  readonly mean_seconds: number | null
  readonly of: number
}

/** How well trouble was detected and healed in a period; null where nothing can be said. */
export interface KpisJson {
  readonly from: string
  readonly to: string
  readonly incidents: number
  /** Incidents in which the detectors spoke, by what they turned out to be. */
  readonly detections: { readonly true: number; readonly false: number; readonly unknown: number }
  /** Confirmed incidents of which only alerts spoke. */
  readonly missed: number
  /** 0–1 */
  readonly detection_rate: number | null
  readonly false_positive_rate: number | null
  readonly false_alarms_per_day: number | null
  readonly time_to_detect: MeanJson
  /** Below 0 where alerts came first. */
  readonly lead_over_alerts: MeanJson
  readonly time_to_recover: MeanJson
  readonly time_to_recover_acted: MeanJson
  readonly time_to_recover_alone: MeanJson
}

/** Who has signed in. */
export interface SessionJson {
  readonly name: string
  readonly role: 'read' | 'operate' | 'admin'
  /** To be sent in the header `X-CSRF-Token` with whatever changes something; null without a session. */
  readonly csrf_token: string | null
  readonly expires_at: string | null
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
  /** `opened`, `alert`, `diagnosed`, `decided`, `action`, … */
  readonly kind: string
  /** `homeostat`, `api`, `api:NAME`, `telegram:ID` */
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
