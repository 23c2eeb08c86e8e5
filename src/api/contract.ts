/**
 * The JSON of the API: names snake_case, times ISO 8601 UTC, durations in seconds. The dashboard may import this file,
 * which holds types only. `src/api/schemas` describes the same in zod, for the OpenAPI description; a test holds the two
 * to be equal.
 */

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

export interface PeersJson {
  readonly group: string
  /** Targets in the group that are seen, this one included. */
  readonly size: number
  /** How many of them the detectors call anomalous now, this one included. */
  readonly anomalous: number
}

export interface SilenceJson {
  readonly until: string
  /** Who set it. */
  readonly by: string
  readonly text: string
}

export interface FeatureJson {
  readonly name: string
  /** What `actual` and `expected` count; null where nobody has said. */
  readonly unit: UnitJson | null
  /** What it is, in a few words; empty where nobody has said. */
  readonly help: string
  readonly actual: number | null
  /** What the models expected; null where none has an expectation yet. */
  readonly expected: number | null
  /** Part of the whole error, 0–1. */
  readonly share: number | null
}

export interface TargetDetailJson extends TargetJson {
  /** All features, strongest first. */
  readonly features: readonly FeatureJson[]
  /** While it is warming up: when its first score is to be expected; null otherwise. */
  readonly ready_at: string | null
  /** The group that its safety is counted in, and how the others in it are; null where their number is not known. */
  readonly peers: PeersJson | null
  /** The silence that ends last; null while there is none, or the store cannot be read. */
  readonly silenced: SilenceJson | null
  /** The incident that goes on; null where all is well, or the store cannot be read. */
  readonly incident: IncidentJson | null
  /** Resources that are filling significantly, the soonest used up first; empty where none is. */
  readonly exhaustion: readonly ExhaustionJson[]
  /** How far the inputs have moved since training, 0–8, in deviations; null without a model. */
  readonly drift: number | null
  /** False alarms allowed: `threshold.alarms_per_day`, moved by feedback on incidents. */
  readonly alarms_per_day: number
  /** The model behind `score`; null before there is one. */
  readonly model: ModelJson | null
}

/** `percent` is 0–100, `ratio` 0–1, `per_second` events a second, `flag` 0 or 1. */
export type UnitJson = 'percent' | 'ratio' | 'bytes' | 'bytes_per_second' | 'per_second' | 'seconds' | 'count' | 'flag'

/**
 * `GET /api/v1/fleet`: every target that is seen, in one answer, for a first picture; `GET /api/v1/events` tells what
 * changes from there. Sorted by id. Sent compressed where the client takes it: 10,000 targets are about 100 kB.
 */
export interface FleetJson {
  /** Time of the newest cycle; null before the first. */
  readonly at: string | null
  /** For `GET /api/v1/events?last_event_id=`: the stream then begins right after this picture. */
  readonly last_event_id: string
  readonly targets: readonly FleetTargetJson[]
}

/** What a grid shows of a target. */
export interface FleetTargetJson {
  readonly id: string
  readonly labels: Readonly<Record<string, string>>
  readonly state: TargetJson['state']
  /** To two decimals, or three digits from 10 on; null where there is none. */
  readonly level: number | null
  readonly detected: boolean
}

/** `GET /api/v1/targets/{id}/scores?from=&to=&features=a,b`; the last hour unless said otherwise. */
export interface TargetScoresJson {
  readonly target: string
  /** What was asked for. */
  readonly from: string
  readonly to: string
  /** Usual distance of two points; a larger gap is a time without a score. */
  readonly step_seconds: number
  /**
   * memory: of this process, at most its last hour at full resolution; prometheus: what Prometheus has scraped of us;
   * both: older points are of Prometheus, newer ones from memory; none: nothing is known of this time.
   */
  readonly source: 'memory' | 'prometheus' | 'both' | 'none'
  /** Oldest first. */
  readonly points: readonly ScorePointJson[]
  /** One for each feature asked for that is known, in the order asked. */
  readonly features: readonly FeatureSeriesJson[]
  /** What could not be read, for people; empty where all could. */
  readonly problems: readonly string[]
}

/** One moment of a target; null what is not known of it. Numbers from memory are true to 0.2 %. */
export interface ScorePointJson {
  readonly at: string
  readonly level: number | null
  readonly score: number | null
  readonly threshold: number | null
  readonly detected: boolean | null
  /** By detector, 0–1; empty where not known: kept for targets with an anomaly and those looked at lately. */
  readonly detectors: Readonly<Record<string, number | null>>
}

export interface FeatureSeriesJson {
  readonly name: string
  readonly unit: UnitJson | null
  /** Where `actual` is from: kept in memory, from the history on disk, or asked of Prometheus. */
  readonly source: 'memory' | 'history' | 'prometheus' | 'none'
  /** Oldest first. */
  readonly points: readonly FeaturePointJson[]
}

export interface FeaturePointJson {
  readonly at: string
  readonly actual: number | null
  /** What the models expected; kept for targets with an anomaly and those looked at lately, null for the others. */
  readonly expected: number | null
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

export interface ModelJson {
  readonly id: string
  readonly scope: 'host' | 'group'
  readonly trained_at: string
}

export interface IncidentJson {
  readonly id: string
  readonly target: string
  /** `recovered`: the anomaly is over, and would be the same incident if it came back within ten minutes. */
  readonly state: 'opened' | 'acting' | 'verifying' | 'escalated' | 'recovered' | 'closed'
  /** 0–1, at its highest: of its level, and of its alerts by their words; null where neither says anything. */
  readonly severity: number | null
  /** null until there is a diagnosis. */
  readonly cause: string | null
  readonly opened_at: string
  /** When the anomaly ended; null while it goes on. */
  readonly closed_at: string | null
  /** At its highest; null while only alerts speak. */
  readonly level: number | null
  /** The strongest evidence of the diagnosis, in words; null until there is one. */
  readonly evidence: string | null
  /** Alerts of others that fire in it now. */
  readonly alerts_firing: number
  readonly acknowledged_at: string | null
}

export interface IncidentDetailJson extends IncidentJson {
  /** Of its target, and of the alert that opened it. */
  readonly labels: Readonly<Record<string, string>>
  /** The features that spoke when the level was highest, strongest first. */
  readonly contributions: readonly ContributionJson[]
  /** The same when the incident opened. */
  readonly contributions_at_opening: readonly ContributionJson[]
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
  readonly action: ActionNameJson
  readonly parameters: ParametersJson
  /** AWAITING_APPROVAL: it waits for a person. */
  readonly state: ActionStateJson
  readonly mode: ModeJson
  /** `manual` where a person asked. */
  readonly rule: string
  /** Why it is in this state. */
  readonly reason: string
  readonly created_at: string
  readonly started_at: string | null
  readonly finished_at: string | null
  readonly severity: SeverityJson
  /** The exact call; empty until it was prepared. */
  readonly call: string
  /** Not begun after this. */
  readonly expires_at: string
}

export interface ActionDetailJson extends ActionJson {
  /** Who asked for it: `homeostat`, or a person. */
  readonly by: string
  readonly approved_by: string | null
}

export type ActionNameJson = 'restart' | 'scale_up' | 'scale_down' | 'throttle' | 'exec' | 'http' | 'alert'
export type ModeJson = 'observe' | 'suggest' | 'approve' | 'auto'
export type SeverityJson = 'low' | 'medium' | 'high' | 'critical'
export type VerdictJson = 'execute' | 'ask' | 'observe' | 'refuse' | 'none'
export type ActionStateJson =
  | 'PLANNED'
  | 'AWAITING_APPROVAL'
  | 'CLAIMED'
  | 'STARTED'
  | 'SUCCEEDED'
  | 'FAILED'
  | 'UNKNOWN'
  | 'VERIFIED'
  | 'ESCALATED'
  | 'REFUSED'
  | 'EXPIRED'
  | 'DRY_RUN'

export interface RuleJson {
  readonly name: string
  readonly file: string
  readonly priority: number
  /** CEL */
  readonly when: string
  /** Its first step. */
  readonly action: ActionNameJson
  readonly parameters: ParametersJson
  /** All of its steps: a later one when those before did not help. */
  readonly steps: readonly { readonly action: ActionNameJson; readonly parameters: ParametersJson }[]
  readonly severity: SeverityJson
  /** The most that it may do. */
  readonly mode: ModeJson
  /** What it may do by now, by group. */
  readonly standings: readonly StandingJson[]
  /** Decisions by it in incidents of the last `matches_days`, and when it was the last time; null: never in that time. */
  readonly matches: number
  readonly matches_days: number
  readonly last_matched_at: string | null
  /** The same decisions by what came of them. */
  readonly verdicts: Readonly<Record<VerdictJson, number>>
}

export interface StandingJson {
  readonly group: string
  readonly mode: ModeJson
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
  /** What it is trained for: a target's id, or `group:<job>`. `GET /api/v1/models/{unit}` tells more. */
  readonly unit: string
  readonly version: number
  /** Targets that it scores, of those that are seen. */
  readonly targets: number
  /** Time that its training data spans. */
  readonly history_seconds: number
  /** Mean squared error over scaled features at the end of its training; null where not known. */
  readonly training_loss: number | null
  readonly validation_loss: number | null
}

/** `GET /api/v1/models/{unit}`: a model in use, its versions, and who it had to beat. */
export interface ModelDetailJson extends ModelListingJson {
  readonly features: readonly string[]
  readonly data: { readonly from: string; readonly to: string; readonly step_seconds: number; readonly rows: number }
  /** Sizes of the autoencoder's layers, inputs and outputs included. */
  readonly layers: readonly number[]
  /** By epoch. */
  readonly losses: { readonly training: readonly number[]; readonly validation: readonly number[] }
  /** How the threshold is found; `value` is null where it is learned from scores. */
  readonly threshold: { readonly mode: string; readonly rule: string | null; readonly value: number | null }
  /** The file that it was imported from. */
  readonly imported_from: string | null
  /** Those on disk, newest first. */
  readonly versions: readonly ModelVersionJson[]
  /** Champion and challenger, newest first, at most 100. */
  readonly contests: readonly ContestJson[]
}

export interface ModelVersionJson {
  readonly version: number
  /** null where it cannot be read, as all that is not known then. */
  readonly trained_at: string | null
  readonly in_use: boolean
  readonly rows: number | null
  readonly training_loss: number | null
  readonly validation_loss: number | null
  /** The version that this one is a copy of, after a rollback. */
  readonly restored_from: number | null
  /** Why it cannot be read; null where it can. */
  readonly problem: string | null
}

/** What became of a challenger. */
export interface ContestJson {
  readonly at: string
  /** The model in force until then, `<unit>/<version>`. */
  readonly champion: string
  /** Mean squared errors on the same rows, which neither was trained on; null where there was no contest. */
  readonly champion_loss: number | null
  readonly challenger_loss: number | null
  readonly rows: number
  readonly taken_over: boolean
  readonly by: 'schedule' | 'train' | 'import' | 'rollback'
  /** What decided, or why there are no figures; null where the figures decided. */
  readonly reason: string | null
}

/** `GET /api/v1/status`: how Homeostat itself is. Counts are of what is seen; what concerns the whole fleet only is empty for a credential that sees a part. */
export interface StatusJson {
  readonly at: string
  readonly version: string
  readonly started_at: string
  readonly uptime_seconds: number
  /** Distance of two cycles. */
  readonly interval_seconds: number
  /** Whether the first cycle is done. */
  readonly ready: boolean
  readonly cycle: CycleJson
  /** First the source that is polled, then what pushes, then what is asked for silences. */
  readonly sources: readonly SourceJson[]
  readonly targets: TargetCountsJson
  readonly warming_up: WarmingUpJson
  readonly training: TrainingJson
  readonly receivers: readonly ReceiverJson[]
  readonly configuration: ConfigurationJson
  readonly actions: ActionCountsJson
  readonly incidents: { readonly open: number }
  readonly freeze: FreezeJson
  /** What who asks may do. */
  readonly permissions: PermissionsJson
}

export interface CycleJson {
  /** Grid time of the newest cycle that succeeded; null before the first. */
  readonly at: string | null
  /** How long the newest took. */
  readonly seconds: number | null
  /** Cycles that have failed in a row; 0 while all is well. */
  readonly failures: number
}

export interface SourceJson {
  /** `push`: services that push their readings; `alertmanager`: asked for silences. */
  readonly kind: 'local' | 'prometheus' | 'node_exporter' | 'push' | 'alertmanager'
  /** Without user name, password or token; null where there is none. */
  readonly url: string | null
  /** unknown: not asked yet. */
  readonly state: 'up' | 'down' | 'unknown'
  /** Age of the newest sample; null where there is none. */
  readonly data_age_seconds: number | null
  /** Targets that it shows; null where that says nothing. */
  readonly targets: number | null
  /** Why it is down, or why its answers are incomplete; at most 5. */
  readonly problems: readonly string[]
}

export interface TargetCountsJson {
  readonly total: number
  readonly fresh: number
  readonly warming_up: number
  readonly stale: number
  /** Fresh ones with an anomaly. */
  readonly detected: number
  /** Those with a trained model. */
  readonly with_model: number
}

export interface WarmingUpJson {
  readonly targets: number
  /** When the last of them should have its first score; null where none is warming up, or nobody can say. */
  readonly until: string | null
}

export interface TrainingJson {
  /** A target is first trained with so much history. */
  readonly min_history_seconds: number
  /** A model is trained anew at about this age. */
  readonly interval_seconds: number
}

export interface ReceiverJson {
  readonly name: string
  /** `telegram`, `email`, … */
  readonly kind: string
  /** Messages that wait to be sent; null where not known yet. */
  readonly waiting: number | null
  /** Since the start of this process; null: not yet. */
  readonly last_sent_at: string | null
  readonly last_failed_at: string | null
  /** Why it failed the last time: `auth`, `rate_limited`, `rejected`, `unavailable`, `timeout`; null: it has not. */
  readonly last_failure: string | null
  /** Whether the newest try succeeded; null before the first. */
  readonly ok: boolean | null
}

export interface ConfigurationJson {
  /** null: built-in defaults. */
  readonly file: string | null
  readonly loaded_at: string
  /** The newest attempt to load it again; null: none. */
  readonly reload: {
    readonly at: string
    readonly ok: boolean
    readonly problems: readonly ConfigProblemJson[]
  } | null
  /** What is in force and should perhaps be otherwise, and what to set up next. */
  readonly warnings: readonly ConfigWarningJson[]
}

export interface ConfigWarningJson {
  readonly code: 'only_this_machine' | 'nobody_is_told' | 'nothing_can_be_done' | 'nobody_is_asked'
  /** The key to set. */
  readonly path: string
  readonly message: string
}

export interface ActionCountsJson {
  /** Those that wait for a person. */
  readonly waiting: number
  /** Planned, claimed or started. */
  readonly under_way: number
}

/** What somebody may do. */
export interface PermissionsJson {
  /** Acknowledge, silence, give feedback, approve, deny, request an action. */
  readonly operate: boolean
  /** Freeze all actions. */
  readonly freeze: boolean
  readonly unfreeze: boolean
  /** Load the configuration again. */
  readonly reload: boolean
  /** Whether the whole fleet is seen, and not a part of it; KPIs are for such only. */
  readonly whole_fleet: boolean
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
  /** Whether anybody is asked who they are; where not, there is nothing to sign in or out of. */
  readonly sign_in: boolean
  readonly permissions: PermissionsJson
}

export interface ContributionJson {
  readonly feature: string
  /** Part of the whole error, 0–1. */
  readonly share: number | null
  readonly actual: number | null
  /** null where no model has an expectation yet. */
  readonly expected: number | null
}

export interface TimelineEntryJson {
  readonly at: string
  readonly kind:
    | 'opened'
    | 'alert'
    | 'diagnosed'
    | 'decided'
    | 'action'
    | 'escalated'
    | 'silenced'
    | 'related'
    | 'rose'
    | 'no_data'
    | 'data_back'
    | 'recovered'
    | 'reopened'
    | 'anomaly'
    | 'closed'
    | 'acknowledged'
    | 'feedback'
  /** `homeostat`, `api`, `api:NAME`, `telegram:ID` */
  readonly by: string
  readonly text: string
  /**
   * decided: `verdict`, `rule`, `action`, `guard` (that refused), `passed`, `reason`; action: `action` (its id), `rule`, `step`,
   * `state`; diagnosed: `cause`, `confidence`, `root_target`; opened, rose, anomaly: `level`. A key may be missing.
   */
  readonly data: Readonly<Record<string, string | number | boolean>>
  /** Of `decided`: the guards that were asked, in that order, and what they said; empty otherwise. */
  readonly guards: readonly GuardAnswerJson[]
}

export interface GuardAnswerJson {
  /** `kill_switch`, `protected`, `selector`, `fresh_data`, `recovered`, `maintenance`, `soak`, `flap`, … */
  readonly guard: string
  readonly agrees: boolean
  /** Its words where it does not agree; empty otherwise. */
  readonly reason: string
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

/**
 * `GET /api/v1/events` (text/event-stream; optionally `?last_event_id=`, which the header Last-Event-ID overrules). The
 * name of each server-sent event is a key of this type, its data the JSON of the value. Every event but `heartbeat` has
 * an `id:` line. A browser that reconnects goes on where it was; where that is not possible, `reset` comes first.
 */
export interface EventsJson {
  /** First of all. */
  readonly hello: { readonly at: string; readonly id: string }
  /** What was missed is not known: ask for everything again (`GET /api/v1/fleet`, open incidents, actions, status). */
  readonly reset: {
    readonly at: string
    /** restarted: another process, or a new configuration; too_old: too long away; slow: not read fast enough. */
    readonly reason: 'restarted' | 'too_old' | 'slow'
  }
  /** After a cycle, and soon after a pushed reading, where anything changed. */
  readonly targets: TargetsEventJson
  /** In its newest state. */
  readonly incident: { readonly change: 'opened' | 'changed'; readonly incident: IncidentJson }
  /** An entry of the ledger, in its newest state. */
  readonly action: ActionJson
  readonly freeze: FreezeJson
  /** After every cycle, and when an action begins or ends to wait. */
  readonly status: StatusJson
  /** Every 15 s: more than twice as long without any event means that the line is dead. */
  readonly heartbeat: { readonly at: string }
}

export interface TargetsEventJson {
  /** Time of the cycle, or of the reading. */
  readonly at: string
  /** New, or changed in more than the level. */
  readonly changed: readonly FleetTargetJson[]
  /** Ids that are no longer watched. */
  readonly gone: readonly string[]
  /** The levels of all others that are not what they were, rounded as in `changed`, by id. */
  readonly levels: Readonly<Record<string, number | null>>
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
