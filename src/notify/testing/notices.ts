import { type Incident, opened } from '../../domain/incident.ts'
import { diagnosed } from '../../domain/incident-course.ts'
import type { EventKind } from '../../domain/message.ts'
import { composeNotice, type Matter } from '../compose.ts'
import type { Notice } from '../notice.ts'
import { readTemplates } from '../templates.ts'

export const AT = Date.parse('2026-11-21T10:00:00Z')

/** A PNG of one pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

export interface NoticeTraits {
  readonly target?: string
  readonly labels?: Incident['labels']
  /** Of an alert that fires. */
  readonly summary?: string
  readonly kind?: EventKind
  readonly state?: Incident['state']
  readonly level?: number
  readonly pictured?: boolean
}

export function incidentWith({
  target = 'web-1:9100@node',
  labels,
  summary,
  state = 'opened',
  level = 3,
}: NoticeTraits) {
  const contributions = [
    { feature: 'cpu_busy_ratio', share: 0.7, actual: 0.98, expected: 0.21 },
    { feature: 'load', share: 0.2, actual: 41_200, expected: Number.NaN },
  ]
  const subject = { labels: labels ?? { instance: 'web-1:9100', job: 'node' }, group: 'node' }
  const diagnosis = { cause: 'cpu_saturation', confidence: 0.8, evidence: ['cpu_busy_ratio 0.98'], rootTarget: target }
  const incident = diagnosed(opened('i-1', target, { at: AT, level, contributions }, subject), diagnosis as never, AT)
  const alert = { source: 'alertmanager', fingerprint: 'f', status: 'firing', startsAt: AT, name: 'HighLoad' } as const
  const alerts = summary === undefined ? [] : [{ ...alert, labels: { alertname: 'HighLoad' }, summary }]
  const over = state === 'recovered' || state === 'closed'
  return { ...incident, alerts, state, endedAt: over ? AT + 90_000 : undefined }
}

export function matterWith(traits: NoticeTraits = {}): Matter {
  const incident = incidentWith(traits)
  const { kind = 'detected', pictured = false } = traits
  const { id: incidentId, target, labels } = incident
  return {
    key: 'k-1',
    messages: [{ key: 'm-1', kind, at: AT, severity: 'high', incidentId, target, labels, text: 'something is wrong' }],
    attention: true,
    incidents: [{ incident, severity: 'high', actions: [] }],
    buttons: [],
    links: [{ label: 'Dashboard', url: 'https://homeostat.example.org/#/incidents/i-1' }],
    chart: pictured ? PIXEL : undefined,
  }
}

export function noticeWith(traits: NoticeTraits = {}): Notice {
  return composeNotice(matterWith(traits), readTemplates({}))
}
