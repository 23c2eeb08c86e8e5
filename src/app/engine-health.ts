import type { CycleFacts, SourceFacts } from '../api/status.ts'
import type { Config } from '../config/resolve.ts'
import type { Snapshot } from '../domain/snapshot.ts'
import type { Verdict } from '../domain/verdict.ts'
import { ObserveError } from '../observe/error.ts'
import { redactUrl } from '../observe/url.ts'
import type { AlertmanagerWatch } from './alertmanager-watch.ts'

/** How the cycles of an engine went, and where its data come from. */
export interface EngineHealth {
  readonly cycle: CycleFacts
  /** First the source that is polled, then what pushes, then what is asked for silences. */
  readonly sources: readonly SourceFacts[]
}

export interface HealthWatch {
  /** A cycle has succeeded. @param at grid time, ms since the epoch */
  succeeded(at: number, snapshot: Pick<Snapshot, 'targets' | 'sampledAt' | 'warnings'>): void
  failed(error: unknown): void
  took(ms: number): void
  health(): EngineHealth
}

interface WatchedConfig extends Pick<Config, 'remediation'> {
  /** Undefined where nothing is polled. */
  readonly polled: Config['source'] | undefined
}

export function createHealthWatch(
  config: WatchedConfig,
  pushed: () => Iterable<Verdict>,
  alertmanager: Pick<AlertmanagerWatch, 'state' | 'problems'>,
): HealthWatch {
  let cycle: CycleFacts = { failures: 0 }
  let polled: Omit<SourceFacts, 'kind' | 'url'> = { state: 'unknown', problems: [] }

  return {
    succeeded(at, { targets, sampledAt, warnings }) {
      cycle = { ...cycle, at, failures: 0 }
      const count = targets.filter((target) => target !== undefined).length
      polled = { state: 'up', newestAt: newest(sampledAt), targets: count, problems: [...new Set(warnings)] }
    },
    failed(error) {
      cycle = { ...cycle, failures: cycle.failures + 1 }
      const said = error instanceof ObserveError ? error.message : 'the cycle failed: see the log'
      polled = { ...polled, state: 'down', problems: [said] }
    },
    took(tookMs) {
      cycle = { ...cycle, tookMs }
    },
    health() {
      const source = config.polled
      const sources: SourceFacts[] = []
      if (source !== undefined && source.type !== 'push')
        sources.push({ kind: source.type, url: urlOf(source), ...polled })
      const services = [...pushed()]
      if (services.length > 0 || source === undefined || source.type === 'push') sources.push(pushSource(services))
      const watch = alertmanager.state
      if (watch !== undefined)
        sources.push({
          kind: 'alertmanager',
          url: only(alertmanagers(config)),
          state: watch,
          problems: alertmanager.problems,
        })
      return { cycle, sources }
    },
  }
}

function pushSource(services: readonly Verdict[]): SourceFacts {
  const heard = services.some(({ state }) => state !== 'stale')
  const newestAt = newest(Float64Array.from(services, ({ at }) => at))
  const state = services.length === 0 ? 'unknown' : heard ? 'up' : 'down'
  return { kind: 'push', state, newestAt, targets: services.length, problems: [] }
}

function urlOf(source: Config['source']): string | undefined {
  if (source.type === 'prometheus' && source.prometheus.url !== undefined) return redactUrl(source.prometheus.url)
  return source.type === 'node_exporter' ? only(source.node_exporter.urls) : undefined
}

function alertmanagers({ remediation }: Pick<WatchedConfig, 'remediation'>): readonly string[] {
  return remediation.maintenance.alertmanager.urls
}

/** Of several there is none to name. */
function only(urls: readonly string[]): string | undefined {
  return urls.length === 1 ? redactUrl(urls[0]) : undefined
}

function newest(times: Float64Array): number | undefined {
  let latest: number | undefined
  for (const time of times) if (Number.isFinite(time) && !(time <= (latest ?? -Infinity))) latest = time
  return latest
}
