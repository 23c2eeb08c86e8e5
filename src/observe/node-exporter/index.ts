import { DEFAULT_IDENTITY, targetOf } from '../../domain/target.ts'
import type { Clock } from '../../platform/clock.ts'
import { catalogueOf, type Preset } from '../catalogue/preset.ts'
import { mapLimit } from '../concurrency.ts'
import { ObserveError } from '../error.ts'
import { Frame } from '../frame.ts'
import { type ConnectionOptions, createHttpClient, type HttpClient, type HttpClientOptions } from '../http.ts'
import { planOf } from '../plan.ts'
import { ScrapedTarget } from '../scraped-target.ts'
import type { Log, Source } from '../source.ts'
import { httpUrl } from '../url.ts'
import { scrape } from './scrape.ts'

export interface NodeExporterOptions {
  readonly targets: readonly NodeExporterTarget[]
  readonly presets: readonly Preset[]
  /** The `job` label of all targets; `node` by default. */
  readonly job?: string
  readonly identity?: readonly string[]
  /** 1 minute by default; four observations or more should lie in it. */
  readonly rateWindowMs?: number
  /** For one scrape; 5 s by default. */
  readonly timeoutMs?: number
}

export interface NodeExporterTarget extends ConnectionOptions {
  /** Of the metrics page, for example `http://web-1:9100/metrics`. */
  readonly url: string
}

export interface NodeExporterDependencies {
  readonly clock: Clock
  readonly log: Log
  readonly http?: (options: HttpClientOptions) => HttpClient
}

const SCRAPES_IN_FLIGHT = 64
/** A page of node_exporter has about 100 kB. */
const MAX_PAGE_BYTES = 16 * 1024 * 1024

/**
 * Observes by scraping node_exporters itself, no Prometheus needed. It remembers one rate window, so rates are there
 * from the second observation on. A target that cannot be scraped has a row of NaN.
 *
 * @throws {RangeError} when there is no target, two are the same, a URL is none, or a feature is defined twice
 */
export function createNodeExporterSource(
  options: NodeExporterOptions,
  { clock, log, http = createHttpClient }: NodeExporterDependencies,
): Source {
  const { job = 'node', identity = DEFAULT_IDENTITY, rateWindowMs = 60_000, timeoutMs = 5_000 } = options
  const plan = planOf(catalogueOf(options.presets))
  const exporters = options.targets.map((target) => {
    const url = httpUrl(target.url, 'a URL of source.node_exporter')
    const labels = { instance: instanceOf(url), job }
    return {
      url,
      labels: targetOf(labels, identity),
      state: new ScrapedTarget(plan, labels, rateWindowMs),
      client: http({
        peer: 'node_exporter',
        option: 'source.node_exporter',
        credentials: target.credentials,
        headers: target.headers,
        tls: target.tls,
        maxBytes: MAX_PAGE_BYTES,
        maxSockets: 1,
      }),
      failing: false,
    }
  })
  const targets = exporters.map((exporter) => exporter.labels)
  assertTargets(targets.map((target) => target.id))

  return {
    kind: 'node_exporter',
    async observe(at, signal) {
      const frame = new Frame(at, plan.features.length, targets.length)
      const failures = await mapLimit(exporters, SCRAPES_IN_FLIGHT, async (exporter, slot) => {
        const failure = await scrape(exporter, plan.wanted, clock, timeoutMs, signal)
        if (!failure) exporter.state.evaluateInto(frame, slot)
        // Told when it changes, not at each tick.
        if (failure && !exporter.failing) {
          log.warn({ target: exporter.labels.id, reason: failure.reason, error: failure.message }, 'scrape fails')
        } else if (!failure && exporter.failing) log.info({ target: exporter.labels.id }, 'scrape works again')
        exporter.failing = failure !== undefined
        return failure
      })
      const [first] = failures
      if (first && failures.every((failure) => failure !== undefined)) {
        throw new ObserveError(first.reason, `no target could be scraped; the first: ${first.message}`, {
          cause: first,
        })
      }
      return frame.finish(plan.features, targets, [])
    },
    async close() {
      for (const exporter of exporters) exporter.client.close()
    },
  }
}

/** `host:port` as Prometheus labels it, the port always there. */
function instanceOf(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`
}

function assertTargets(ids: readonly string[]): void {
  if (ids.length === 0) throw new RangeError('source.node_exporter needs at least one URL')
  const repeated = ids.find((id, i) => ids.indexOf(id) !== i)
  if (repeated !== undefined) throw new RangeError(`two node_exporter URLs are the same target ${repeated}`)
}
