import { acknowledged, opened } from '../../domain/incident.ts'
import { composeNotice, type Matter } from '../compose.ts'
import { bold, spansOf, writeSpans } from '../markup.ts'
import type { Notice } from '../notice.ts'
import { readTemplates } from '../templates.ts'

export const NOON = Date.parse('2026-11-21T12:00:00Z')

/** The smallest picture there is: one pixel. */
export const PIXEL = new Uint8Array(
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
)

/** A notice about an incident of a target whose name is hostile, changed where a test needs it. */
export function noticeOf(changes: Partial<Matter> = {}, event = 'level 4: <cpu> & more'): Notice {
  const contributions = [{ feature: 'cpu_busy', share: 0.75, actual: 91, expected: 28 }]
  const incident = opened('i1', '<b>web-1</b>&"@node', { at: NOON, level: 4, contributions })
  const message = { key: 'i1:detected', kind: 'detected', at: NOON, severity: 'high', incidentId: 'i1' } as const
  return composeNotice(
    {
      key: 'i1',
      messages: [{ ...message, target: incident.target, labels: {}, text: event }],
      attention: true,
      incidents: [{ incident: acknowledged(incident, NOON, 'telegram:42'), severity: 'high', actions: [] }],
      buttons: [],
      links: [],
      ...changes,
    },
    readTemplates({}),
  )
}

/** A notice that says nothing but a text of the given length, of letters that must be escaped. */
export function longNotice(length: number, changes: Partial<Notice> = {}): Notice {
  const spans = [...spansOf(`${bold('web-1')}\n`), { text: '<&>"ü😀 '.repeat(Math.ceil(length / 8)).slice(0, length) }]
  return { ...noticeOf(), ...changes, text: (format, maxLength) => writeSpans(spans, format, maxLength) }
}
