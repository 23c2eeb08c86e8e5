import type { Log } from '../source.ts'
import { isRecord, type PrometheusClient } from './client.ts'

const SHORTEST_WINDOW_MS = 60_000
/** Prometheus' own advice: a rate survives when one scrape in four fails. */
const SCRAPES_PER_WINDOW = 4
const LOOK_BACK_S = 600

/**
 * The rate window that suits how often the targets are scraped: four times the longest scrape interval among targets
 * that expose `heartbeat`, at least 1 minute. The interval is what Prometheus says about its targets, or else (Thanos,
 * Mimir and others without that endpoint) it is measured.
 *
 * @param heartbeats selectors, such as `node_time_seconds{job="node"}`, of which targets may have one or another
 * @returns undefined when neither is to be had, for example before the first scrapes
 */
export async function findRateWindow(
  client: PrometheusClient,
  heartbeats: readonly string[],
  atMs: number,
  timeoutMs: number,
  signal: AbortSignal,
  log: Log,
): Promise<number | undefined> {
  const instances = await client.query(`count by (instance, job) (${heartbeats.join(' or ')})`, atMs, timeoutMs, signal)
  const told = await toldInterval(client, instances.series, timeoutMs, signal)
  const intervalMs = told ?? (await measuredInterval(client, heartbeats, atMs, timeoutMs, signal))
  if (intervalMs === undefined) return undefined
  const windowMs = Math.max(SHORTEST_WINDOW_MS, Math.ceil(intervalMs / 1000) * 1000 * SCRAPES_PER_WINDOW)
  log.info({ intervalMs, windowMs, source: told === undefined ? 'measured' : 'targets' }, 'rate window chosen')
  return windowMs
}

/** Stands in while the right window is not known. */
export const FALLBACK_WINDOW_MS = SHORTEST_WINDOW_MS

async function toldInterval(
  client: PrometheusClient,
  series: readonly unknown[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  const wanted = new Set(series.map((entry) => identify((entry as { metric?: unknown }).metric)))
  // Any failure means the same here: this server cannot tell, so measure.
  const data = await client.read('targets', { state: 'active' }, timeoutMs, signal).catch(() => undefined)
  const targets = isRecord(data) && Array.isArray(data['activeTargets']) ? data['activeTargets'] : []
  const intervals = targets
    .filter((target) => isRecord(target) && wanted.has(identify(target['labels'])))
    .map((target) => parseGoDuration(target.scrapeInterval ?? target.discoveredLabels?.__scrape_interval__))
    .filter((interval) => interval !== undefined)
  return intervals.length === 0 ? undefined : Math.max(...intervals)
}

async function measuredInterval(
  client: PrometheusClient,
  heartbeats: readonly string[],
  atMs: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  // Over targets that were there at the start of the span; a newcomer has few samples and would look slow.
  const counted = heartbeats.map((one) => `count_over_time(${one}[${LOOK_BACK_S}s]) and ${one} offset ${LOOK_BACK_S}s`)
  const promql = `min(${counted.join(' or ')})`
  const { series } = await client.query(promql, atMs, timeoutMs, signal)
  const samples = Number((series[0] as { value?: unknown[] } | undefined)?.value?.[1])
  return samples > 0 ? (LOOK_BACK_S / samples) * 1000 : undefined
}

function identify(labels: unknown): string {
  return isRecord(labels) ? JSON.stringify([labels['instance'], labels['job']]) : ''
}

/** Milliseconds of a duration as Go prints it, for example `1m30s`; undefined for anything else. */
export function parseGoDuration(text: unknown): number | undefined {
  if (typeof text !== 'string' || !/^(\d+(\.\d+)?(ms|h|m|s))+$/.test(text)) return undefined
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)].reduce((sum, [, n, unit]) => sum + Number(n) * units[unit], 0)
}
