import { hash } from 'node:crypto'
import type { Alert, AlertSource } from '../../domain/alert.ts'
import { ApiError } from '../problem.ts'
import { readInstant } from './instant.ts'

/** What one message of a sender says. */
export interface AlertMessage {
  readonly alerts: readonly Alert[]
  /** Alerts that the sender left out. */
  readonly truncated: number
  /** `notification_reason`, where it gives one. */
  readonly reason: string | undefined
}

/** The payload version that we understand, by sender. */
const VERSIONS: Readonly<Record<AlertSource, string>> = { alertmanager: '4', grafana: '1' }

const MOST_ALERTS = 50_000
const MOST_LABELS = 128
/** Characters of a label's name, and of its value. */
const LONGEST_LABEL = 4096
const LONGEST_GROUP_KEY = 16_384
/** Annotations are prose: what is longer is cut, and what is more is left out. */
const LONGEST_ANNOTATION = 4096
const MOST_ANNOTATIONS = 64

type Fields = Readonly<Record<string, unknown>>

/**
 * Reads the payload of Alertmanager's and of Grafana's webhook. Fields that we do not know are left alone: newer senders
 * add some. Written by hand: a schema library takes seconds for 10,000 alerts.
 *
 * @throws {ApiError} `invalid_body` for a wrong shape, `unprocessable` for what is over our limits
 */
export function parseAlerts(source: AlertSource, body: unknown): AlertMessage {
  if (!isObject(body)) throw invalid('the body', 'must be a JSON object')
  const version = own(body, 'version')
  if (version !== undefined && version !== VERSIONS[source])
    throw new ApiError('unprocessable', `version: only ${VERSIONS[source]} is understood`)
  const alerts = own(body, 'alerts')
  if (!Array.isArray(alerts)) throw invalid('alerts', 'must be a list')
  if (alerts.length > MOST_ALERTS) throw new ApiError('unprocessable', `alerts: more than ${MOST_ALERTS}`)
  const groupKey = optionalText(body, 'groupKey') ?? ''
  if (groupKey.length > LONGEST_GROUP_KEY)
    throw new ApiError('unprocessable', `groupKey: longer than ${LONGEST_GROUP_KEY} characters`)
  return {
    alerts: alerts.map((alert: unknown, i) => readAlert(source, storable(groupKey), alert, `alerts.${i}`)),
    truncated: readCount(body, 'truncatedAlerts'),
    reason: optionalText(body, 'notification_reason')?.slice(0, 100),
  }
}

function readAlert(source: AlertSource, groupKey: string, alert: unknown, path: string): Alert {
  if (!isObject(alert)) throw invalid(path, 'must be an object')
  const status = own(alert, 'status')
  if (status !== 'firing' && status !== 'resolved') throw invalid(`${path}.status`, 'must be firing or resolved')
  const labels = readLabels(own(alert, 'labels'), `${path}.labels`)
  const annotations = readAnnotations(own(alert, 'annotations'), `${path}.annotations`)
  const startsAt = readTime(own(alert, 'startsAt'), `${path}.startsAt`)
  const endsAt = readEnd(own(alert, 'endsAt'), `${path}.endsAt`)
  const fingerprint = fingerprintOf(labels)
  const alike = { source, groupKey, fingerprint, labels, annotations, startsAt }
  // What ended before it began is over, whatever its status says.
  const over = status === 'resolved' || (endsAt !== undefined && endsAt < startsAt)
  if (over) return { ...alike, status: 'resolved', endsAt: endsAt ?? startsAt }
  return { ...alike, status: 'firing', expiresAt: endsAt }
}

/** Ours, over the labels in an order that does not depend on the sender. */
export function fingerprintOf(labels: Readonly<Record<string, string>>): string {
  const sorted = Object.keys(labels)
    .sort()
    .map((name) => [name, labels[name]])
  return hash('sha256', JSON.stringify(sorted))
}

/** @returns a record without a prototype: `__proto__` and `toString` are names like any other */
function readLabels(value: unknown, path: string): Record<string, string> {
  if (!isObject(value)) throw invalid(path, 'must be an object')
  const labels: Record<string, string> = Object.create(null)
  let count = 0
  for (const name in value) {
    const text = value[name]
    if (typeof text !== 'string') throw invalid(path, 'must hold texts only')
    count += 1
    if (count > MOST_LABELS) throw new ApiError('unprocessable', `${path}: more than ${MOST_LABELS}`)
    if (name.length > LONGEST_LABEL || text.length > LONGEST_LABEL)
      throw new ApiError('unprocessable', `${path}: a name or value is longer than ${LONGEST_LABEL} characters`)
    labels[storable(name)] = storable(text)
  }
  return labels
}

function readAnnotations(value: unknown, path: string): Record<string, string> {
  const annotations: Record<string, string> = Object.create(null)
  if (value === undefined || value === null) return annotations
  if (!isObject(value)) throw invalid(path, 'must be an object')
  let count = 0
  for (const name in value) {
    const text = value[name]
    if (typeof text !== 'string') throw invalid(path, 'must hold texts only')
    if (count === MOST_ANNOTATIONS) break
    count += 1
    annotations[storable(name.slice(0, LONGEST_ANNOTATION))] = storable(text.slice(0, LONGEST_ANNOTATION))
  }
  return annotations
}

function readTime(value: unknown, path: string): number {
  const at = typeof value === 'string' ? readInstant(value) : undefined
  if (at === undefined) throw invalid(path, 'must be a time such as 2026-11-21T10:00:00Z')
  return at
}

/** Senders write the year 1 for "not yet". */
function readEnd(value: unknown, path: string): number | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const at = readTime(value, path)
  return at <= 0 ? undefined : at
}

function readCount(body: Fields, name: string): number {
  const value = own(body, name)
  if (value === undefined || value === null) return 0
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw invalid(name, 'must be a whole number that is not negative')
  return value
}

function optionalText(body: Fields, name: string): string | undefined {
  const value = own(body, name)
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw invalid(name, 'must be a text')
  return value
}

/** Without what databases cannot keep in a text: NUL, and halves of characters. */
function storable(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed()
  return whole.includes('\0') ? whole.replaceAll('\0', '\uFFFD') : whole
}

function own(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(path: string, message: string): ApiError {
  return new ApiError('invalid_body', `${path} ${message}`)
}
