import { ObserveError } from '../error.ts'
import type { TargetTable } from '../target-table.ts'

/**
 * Receives one sample.
 *
 * @param timeMs of the sample, ms since the epoch
 * @returns false when this place has a value already
 */
export type PutSample = (slot: number, timeMs: number, value: number) => boolean

/** Slots by position in the last answer, kept from one answer to the next of the same query. */
export type SlotHints = number[]

/**
 * Takes in the series of one answer, instant or range, without an allocation per sample. The i-th series of an answer
 * usually belongs to the same target as the i-th of the last, which `hints` make use of and keep.
 *
 * @returns warnings, such as several series where one per target is needed
 * @throws {ObserveError} `bad_response` when a series is not one
 */
export function ingest(series: readonly unknown[], table: TargetTable, hints: SlotHints, put: PutSample): string[] {
  let anonymous = 0
  let repeated = 0
  let histograms = 0
  for (let i = 0; i < series.length; i++) {
    const { metric, value, values } = (series[i] ?? {}) as Partial<WireSeries>
    if (typeof metric !== 'object' || metric === null) throw malformed(i)
    if (value === undefined && values === undefined) {
      histograms++
      continue
    }
    if (!hasIdentity(metric, table.identity)) {
      anonymous++
      continue
    }
    const slot = table.slotOf(metric, hints[i] ?? -1)
    hints[i] = slot
    if (value !== undefined) {
      if (!putPoint(value, slot, put, i)) repeated++
    } else if (!putPoints(values, slot, put, i)) repeated++
  }
  hints.length = series.length
  return remarks(anonymous, repeated, histograms, table.identity)
}

interface WireSeries {
  metric: Readonly<Record<string, string>>
  value: readonly [number, string]
  values: readonly (readonly [number, string])[]
}

function putPoint(point: unknown, slot: number, put: PutSample, series: number): boolean {
  if (!Array.isArray(point) || typeof point[0] !== 'number' || typeof point[1] !== 'string') throw malformed(series)
  return put(slot, point[0] * 1000, Number(point[1]))
}

function putPoints(points: unknown, slot: number, put: PutSample, series: number): boolean {
  if (!Array.isArray(points)) throw malformed(series)
  let fresh = true
  for (const point of points) fresh = putPoint(point, slot, put, series) && fresh
  return fresh
}

/** A series without any identity label belongs to no target: `sum(rate(...))` without `by`. */
function hasIdentity(metric: Readonly<Record<string, string>>, identity: readonly string[]): boolean {
  for (const name of identity) if (metric[name]) return true
  return false
}

function remarks(anonymous: number, repeated: number, histograms: number, identity: readonly string[]): string[] {
  const by = `by (${identity.join(', ')})`
  const found: string[] = []
  if (anonymous > 0)
    found.push(`${anonymous} series without the labels ${identity.join(', ')} left out: aggregate ${by}`)
  if (repeated > 0)
    found.push(`several series for one target (${repeated} times), of which the last was taken: aggregate ${by}`)
  if (histograms > 0) found.push(`${histograms} native histograms left out: use histogram_quantile or histogram_avg`)
  return found
}

function malformed(index: number): ObserveError {
  return new ObserveError('bad_response', `series ${index} of the answer is not in the format of the Prometheus API`)
}
