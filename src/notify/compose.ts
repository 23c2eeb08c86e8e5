import { type Action, wasBegun } from '../domain/action.ts'
import { isFiring } from '../domain/alert.ts'
import type { Severity } from '../domain/decision.ts'
import type { Incident } from '../domain/incident.ts'
import type { Message } from '../domain/message.ts'
import type { Contribution } from '../domain/verdict.ts'
import { oneLine, spansOf, type TextSpan, writeSpans } from './markup.ts'
import type { Button, Notice, NoticeAction, NoticeIncident, NoticeLink } from './notice.ts'
import type { Templates } from './templates.ts'

/** An incident with all that was done, or is proposed, about it. */
export interface IncidentMatter {
  readonly incident: Incident
  readonly severity: Severity
  /** Newest first, as the journal lists them. */
  readonly actions: readonly Action[]
}

/** All that a notice is made of. */
export interface Matter {
  readonly key: string
  /** Oldest first, at least one. */
  readonly messages: readonly Message[]
  readonly attention: boolean
  /** The newest event's first. */
  readonly incidents: readonly IncidentMatter[]
  readonly buttons: readonly Button[]
  readonly links: readonly NoticeLink[]
  readonly chart?: Uint8Array
}

const TITLE_LENGTH = 200
const FEATURES_SHOWN = 3
const ALERTS_SHOWN = 5
const ACTIONS_SHOWN = 3
/** More incidents than this are counted, not shown. */
const INCIDENTS_SHOWN = 20

/** Makes a notice. @throws when a template cannot be rendered within its bounds */
export function composeNotice(matter: Matter, templates: Templates): Notice {
  const newest = matter.messages.at(-1) as Message
  const incidents = matter.incidents.map(noticeIncident)
  const { key, attention, buttons, links, chart } = matter
  const { kind, at, severity } = newest
  const event = eventText(newest)
  const values = templateValues({ incidents, links, event, kind, severity })
  const rendered = templates.render(values)
  const title = oneLine(rendered.title, TITLE_LENGTH)
  const below = spansOf(rendered.text.trim().replace(/\n{3,}/g, '\n\n'))
  const head: TextSpan = { text: title, style: 'bold' }
  const spans = below.length === 0 ? [head] : [head, { text: '\n' }, ...below]
  return {
    ...{ key, kind, at, severity, attention, incidents, event, buttons, links, chart, title },
    text: (format, maxLength) => writeSpans(spans, format, maxLength),
  }
}

function eventText({ text, addressed }: Message): string {
  if (addressed?.because !== 'fallback') return text
  return `${text} (told here because ${addressed.failed.join(', ')} could not be)`
}

function noticeIncident({ incident, severity, actions }: IncidentMatter): NoticeIncident {
  const { id, target, labels, state, level, diagnosis, highest, opening, alerts, timeline, openedAt } = incident
  const began = actions.filter(wasBegun).map(({ startedAt }) => startedAt as number)
  const acknowledgement = timeline.findLast(({ kind }) => kind === 'acknowledged')
  return {
    ...{ id, target, labels, state, severity, level },
    cause: diagnosis?.cause ?? 'unknown',
    confidence: diagnosis?.confidence ?? 0,
    evidence: diagnosis?.evidence ?? [],
    features: (highest.length > 0 ? highest : opening).filter(speaks).slice(0, FEATURES_SHOWN),
    alerts: alerts
      .filter(isFiring)
      .slice(0, ALERTS_SHOWN)
      .map(({ name, summary }) => ({ name: name === '' ? 'without a name' : name, summary })),
    actions: actions.slice(0, ACTIONS_SHOWN).reverse().map(noticeAction),
    times: {
      detectedAt: openedAt,
      actingAt: began.length === 0 ? undefined : Math.min(...began),
      recoveredAt: state === 'recovered' || state === 'closed' ? incident.endedAt : undefined,
    },
    acknowledgedBy: incident.acknowledgedAt === undefined ? undefined : (acknowledgement?.by ?? 'somebody'),
  }
}

/** One without a value, or without a share, explains nothing. */
function speaks({ actual, share }: Contribution): boolean {
  return !Number.isNaN(actual) && share > 0
}

const STATE_WORDS: Readonly<Record<Action['state'], string>> = {
  PLANNED: 'is planned',
  AWAITING_APPROVAL: 'waits for a person’s yes',
  CLAIMED: 'is about to begin',
  STARTED: 'is under way',
  SUCCEEDED: 'was done, its effect is looked for',
  FAILED: 'failed',
  UNKNOWN: 'may or may not have happened',
  VERIFIED: 'helped',
  ESCALATED: 'did not help',
  REFUSED: 'was refused',
  EXPIRED: 'was not begun',
  DRY_RUN: 'is proposed, nothing was done',
}

function noticeAction({ id, action, target, state, rule, reason, call, approvedBy }: Action): NoticeAction {
  const who = approvedBy === undefined ? '' : `, approved by ${approvedBy}`
  const why = reason === '' || reason === 'unknown' || state === 'PLANNED' ? '' : ` (${reason})`
  return { id, action, state, rule, text: `${action} of ${target} ${STATE_WORDS[state]}${who}${why}`, call }
}

interface Values {
  readonly incidents: readonly NoticeIncident[]
  readonly links: readonly NoticeLink[]
  readonly event: string
  readonly kind: string
  readonly severity: string
}

/** What templates know; the names are documented in docs/notifications.md. */
function templateValues({ incidents, links, event, kind, severity }: Values): Readonly<Record<string, unknown>> {
  const shown = incidents.slice(0, INCIDENTS_SHOWN).map(incidentValues)
  const [first] = shown
  return {
    ...first,
    target: first?.target ?? null,
    incidents: shown,
    more: Math.max(0, incidents.length - 1),
    unseen: Math.max(0, incidents.length - INCIDENTS_SHOWN),
    links,
    event,
    why: first?.evidence.join('; ') ?? '',
    kind,
    severity,
  }
}

function incidentValues(incident: NoticeIncident) {
  const { id, target, labels, state, severity, level, cause, confidence, evidence, alerts, actions, times } = incident
  return {
    ...{ id, target, labels, state, severity, level, cause, confidence, evidence, alerts, actions },
    features: incident.features.map(({ feature, actual, expected, share }) => {
      return { feature, actual: known(actual), expected: known(expected), share }
    }),
    detected_at: times.detectedAt,
    acting_at: times.actingAt ?? null,
    recovered_at: times.recoveredAt ?? null,
    acknowledged_by: incident.acknowledgedBy ?? null,
  }
}

const known = (value: number): number | null => (Number.isNaN(value) ? null : value)
