import type { Notice, NoticeIncident } from './notice.ts'

/** Enough for any message; a text that long is nobody's. */
const TEXT_LENGTH = 16_384

/** A notice as JSON for programs: names in snake_case, times ISO 8601, null for what is not known. */
export function noticeJson(notice: Notice): object {
  const { key, kind, at, severity, attention, title, event, incidents, links } = notice
  return {
    version: '1',
    ...{ key, kind, at: time(at), severity, attention, title, event },
    text: notice.text('plain', TEXT_LENGTH),
    incidents: incidents.map(incidentJson),
    links,
  }
}

function incidentJson(incident: NoticeIncident): object {
  const { id, target, labels, state, severity, level, cause, confidence, evidence, features, alerts, actions } =
    incident
  const { times, acknowledgedBy } = incident
  return {
    ...{ id, target, labels, state, severity, cause, confidence, evidence },
    // Of what only alerts speak of there is none.
    level: level > 0 ? level : null,
    // JSON has no NaN: it comes out as null.
    features,
    alerts,
    actions,
    detected_at: time(times.detectedAt),
    acting_at: time(times.actingAt),
    recovered_at: time(times.recoveredAt),
    acknowledged_by: acknowledgedBy ?? null,
  }
}

function time(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString()
}
