import type { Matcher } from '../domain/feature.ts'
import type { Snapshot } from '../domain/snapshot.ts'

/** Where observations come from. All kinds answer with the same features under the same names and units. */
export interface Source {
  readonly kind: 'prometheus' | 'node_exporter' | 'local' | 'none'
  /**
   * One observation at grid time `at`, ms since the epoch.
   *
   * @throws {ObserveError} when nothing could be read at all
   */
  observe(at: number, signal: AbortSignal): Promise<Snapshot>
  /** Undefined when this source has no memory. */
  readonly history?: HistoryReader
  /**
   * Whether a PromQL expression gives a result that is not zero now; undefined when the answer may be incomplete. Only
   * where there is somebody to ask.
   *
   * @throws {ObserveError}
   */
  holds?(promql: string, at: number, signal: AbortSignal): Promise<boolean | undefined>
  /**
   * Who has called whom lately, as pairs of caller and called; undefined when the answer may be incomplete. Only where
   * there is somebody to ask.
   *
   * @throws {ObserveError}
   */
  calls?(
    counter: CallCounter,
    at: number,
    signal: AbortSignal,
  ): Promise<readonly (readonly [caller: string, called: string])[] | undefined>
  /**
   * The past of whatever series an expression gives, at `fromMs`, `fromMs + stepMs`, ... up to and including `toMs`. Only
   * where there is somebody to ask.
   *
   * @throws {ObserveError}
   */
  past?(
    promql: string,
    range: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number },
    signal: AbortSignal,
  ): Promise<readonly PastSeries[]>
  /** Ends open connections; the source must not be used afterwards. */
  close(): Promise<void>
}

export interface PastSeries {
  readonly labels: Readonly<Record<string, string>>
  /** Oldest first; at in ms since the epoch. */
  readonly samples: readonly (readonly [at: number, value: number])[]
}

/** A counter of calls between services. */
export interface CallCounter {
  readonly metric: string
  readonly matchers: readonly Matcher[]
  /** Labels that name who calls, and who is called. */
  readonly client: string
  readonly server: string
  /** How far back calls count, ms. */
  readonly windowMs: number
}

export interface HistoryReader {
  /**
   * Past observations in time order, at `fromMs`, `fromMs + stepMs`, ... up to and including `toMs`. Slots are stable
   * within one read, and unrelated to those of `observe`.
   *
   * @throws {ObserveError} when a stretch of time could not be read at all
   */
  read(range: HistoryRange, signal: AbortSignal): AsyncIterable<Snapshot>
}

/** All in milliseconds; `stepMs` > 0. */
export interface HistoryRange {
  readonly fromMs: number
  readonly toMs: number
  readonly stepMs: number
  /**
   * The targets that are wanted, by the values of one identity label. A source that can ask for less does; it may give
   * more.
   */
  readonly only?: { readonly label: string; readonly values: readonly string[] }
  /** The features that are wanted; the others may be missing. All, where nothing is said. */
  readonly features?: readonly string[]
}

/** What a source has to tell the operator; a pino logger fits. */
export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}
