import { createHash } from 'node:crypto'
import { z } from 'zod'
import { httpUrl } from '../../config/fields.ts'
import type { Severity } from '../../domain/decision.ts'
import { allowAddresses } from '../allowed-addresses.ts'
import { checkStatus } from '../answer-status.ts'
import type { Notice } from '../notice.ts'
import { noticeJson } from '../notice-json.ts'
import { defineNotifier } from '../notifier.ts'
import { oneSecret, secretKeys, secretOf } from '../secret-keys.ts'

const ENQUEUE = 'https://events.pagerduty.com/v2/enqueue'
/** What the Events API takes of a summary, and of a source. */
const LONGEST_SUMMARY = 1_024
const TEXT_LENGTH = 16_384

const configSchema = z
  .strictObject({
    ...secretKeys('routing_key', 'integration key of a service, of its Events API v2'),
    url: httpUrl(ENQUEUE).default(ENQUEUE).describe('The Events API v2; another one for the EU.'),
    allow_addresses: allowAddresses(),
  })
  .superRefine(oneSecret('routing_key'))
  .describe('A service of PagerDuty: triggered, acknowledged and resolved as the incident goes on.')

/** One incident there for each message: all of its versions have the same key. */
export const pagerduty = defineNotifier({
  kind: 'pagerduty',
  configSchema,
  create(config, { name, post, resolveSecret }) {
    const url = new URL(config.url)
    const routingKey = secretOf('routing_key', config)!
    return {
      capabilities: { updates: 'in_place', picture: false, buttons: false, maxLength: TEXT_LENGTH, groupsItself: true },
      limits: [{ key: `pagerduty ${name}`, count: 120, perMs: 60_000 }],
      async send(notice, handle, signal) {
        const event = { routing_key: resolveSecret(routingKey).reveal(), ...eventOf(notice, handle !== undefined) }
        const headers = { 'content-type': 'application/json' }
        const request = { url, headers, body: JSON.stringify(event), allowed: config.allow_addresses }
        const answer = await post(request, signal)
        checkStatus(`PagerDuty, for ${name}`, answer.status, answer.retryAfterMs)
        return { handle: event.dedup_key }
      },
    }
  },
})

const SEVERITIES: Readonly<Record<Severity, string>> = {
  ...{ low: 'info', medium: 'warning', high: 'error', critical: 'critical' },
}

/** @param known whether PagerDuty has heard of it before: what it has not, it cannot acknowledge */
function eventOf(notice: Notice, known: boolean) {
  const { incidents, links, severity, title, at } = notice
  const [first] = incidents
  const { version: _, ...details } = noticeJson(notice) as Record<string, unknown>
  return {
    event_action: actionOf(notice, known),
    dedup_key: keyOf(notice),
    client: 'Homeostat',
    client_url: links[0]?.url,
    links: links.map(({ label, url }) => ({ href: url, text: label })),
    payload: {
      summary: title.slice(0, LONGEST_SUMMARY),
      source: (first?.target || 'homeostat').slice(0, LONGEST_SUMMARY),
      severity: SEVERITIES[severity],
      timestamp: new Date(first?.times.detectedAt ?? at).toISOString(),
      group: first?.labels['job'],
      class: first?.cause,
      custom_details: details,
    },
  }
}

function actionOf({ incidents, kind }: Notice, known: boolean): 'trigger' | 'acknowledge' | 'resolve' {
  if (incidents.length === 0) return kind === 'unfrozen' ? 'resolve' : 'trigger'
  if (incidents.every(({ times }) => times.recoveredAt !== undefined)) return 'resolve'
  return known && incidents.every(({ acknowledgedBy }) => acknowledgedBy !== undefined) ? 'acknowledge' : 'trigger'
}

/** What stops and what lets go on all actions are one matter, whatever their messages are called. */
function keyOf({ incidents, key }: Notice): string {
  const matter = incidents.length === 0 ? 'the kill switch' : key
  return `homeostat-${createHash('sha256').update(matter).digest('hex').slice(0, 32)}`
}
