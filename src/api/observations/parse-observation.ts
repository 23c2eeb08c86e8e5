import type { Reading } from '../../pipeline/push.ts'
import { ApiError } from '../problem.ts'
import { readInstant } from '../webhooks/instant.ts'

const KEYS = ['service', 'timestamp', 'labels', 'metrics']
/** As a host name, or as Kubernetes names things; nothing that a shell, a URL or a path could take for more. */
const SERVICE = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/
/** As features are named in rules. */
const METRIC = /^[a-z][a-z0-9_]{0,63}$/
const LABEL = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/
/** Labels that tell what pushes: ours to give. */
const OURS = new Set(['instance', 'job'])
const MOST_METRICS = 64
const MOST_LABELS = 32
const LONGEST_VALUE = 4096

type Fields = Readonly<Record<string, unknown>>

/**
 * Reads one pushed observation. Written by hand, because every reading pays for it.
 *
 * @throws {ApiError} `invalid_body` for a wrong shape, `unprocessable` for a right one that cannot be meant
 */
export function parseObservation(body: unknown): Reading {
  if (!isObject(body)) throw invalid('the body', `must be an object with ${KEYS.join(', ')}`)
  const strange = Object.keys(body).find((key) => !KEYS.includes(key))
  if (strange !== undefined) throw invalid(named(strange), `is not known; there are ${KEYS.join(', ')}`)
  return {
    service: readService(own(body, 'service')),
    at: readTime(own(body, 'timestamp')),
    labels: readLabels(own(body, 'labels')),
    metrics: readMetrics(own(body, 'metrics')),
  }
}

function readService(value: unknown): string {
  if (value === undefined) throw invalid('service', 'is missing')
  if (typeof value !== 'string') throw invalid('service', 'must be a text')
  if (!SERVICE.test(value))
    throw unprocessable('service', 'must have 1 to 128 letters, digits, dots, colons, - and _, a letter or digit first')
  return value
}

function readTime(value: unknown): number {
  if (value === undefined) throw invalid('timestamp', 'is missing')
  const at = typeof value === 'string' ? readInstant(value) : undefined
  if (at === undefined) throw invalid('timestamp', 'must be a time such as 2026-11-21T10:00:00Z')
  if (at < 0) throw unprocessable('timestamp', 'must not lie before 1970')
  return at
}

function readLabels(value: unknown): Record<string, string> {
  const labels: Record<string, string> = Object.create(null)
  if (value === undefined) return labels
  if (!isObject(value)) throw invalid('labels', 'must be an object')
  const entries = Object.entries(value)
  if (entries.length > MOST_LABELS) throw unprocessable('labels', `may be ${MOST_LABELS} at most`)
  for (const [name, text] of entries) {
    const path = `labels.${named(name)}`
    if (typeof text !== 'string') throw invalid(path, 'must be a text')
    if (!LABEL.test(name)) throw unprocessable(path, 'must be named by letters, digits and _, no digit first')
    if (OURS.has(name)) throw unprocessable(path, 'is given by Homeostat: instance is the service, job is push')
    if (text.length > LONGEST_VALUE) throw unprocessable(path, `must have ${LONGEST_VALUE} characters at most`)
    if (!text.isWellFormed() || text.includes('\0')) throw unprocessable(path, 'holds characters that cannot be kept')
    labels[name] = text
  }
  return labels
}

function readMetrics(value: unknown): ReadonlyMap<string, number> {
  if (value === undefined) throw invalid('metrics', 'is missing')
  if (!isObject(value)) throw invalid('metrics', 'must be an object of numbers')
  const entries = Object.entries(value)
  if (entries.length === 0) throw unprocessable('metrics', 'must hold one number at least')
  if (entries.length > MOST_METRICS) throw unprocessable('metrics', `may be ${MOST_METRICS} at most`)
  const metrics = new Map<string, number>()
  for (const [name, number] of entries) {
    const path = `metrics.${named(name)}`
    if (typeof number !== 'number') throw invalid(path, `must be a number, not ${JSON.stringify(number).slice(0, 40)}`)
    if (!METRIC.test(name))
      throw unprocessable(path, 'must be named by up to 64 small letters, digits and _, a letter first')
    // JSON knows no infinity, but 1e999 reads as one; what is that large cannot be counted with.
    if (Math.abs(number) > LARGEST) throw unprocessable(path, `must lie between -1e30 and 1e30`)
    metrics.set(name, number)
  }
  return metrics
}

/** Squares of it can still be added. */
const LARGEST = 1e30

function named(name: string): string {
  return /^[\w.-]{1,64}$/.test(name) ? name : JSON.stringify(name.slice(0, 64))
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

function unprocessable(path: string, message: string): ApiError {
  return new ApiError('unprocessable', `${path} ${message}`)
}
