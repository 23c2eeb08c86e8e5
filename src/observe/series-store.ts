import { parseLabels } from './exposition.ts'
import type { Leaf, Plan } from './plan.ts'

/** One series of one target: its samples over the rate window, oldest first. */
export interface Series {
  /** Its labels in a fixed order, without the metric name: equal for series that meet in arithmetic. */
  readonly signature: string
  readonly times: number[]
  readonly values: number[]
  /** Scrape that it was last seen in. */
  scrape: number
}

/**
 * The recent samples of one target. Which series belong to which selector is decided once, when a series first
 * appears.
 */
export class SeriesStore {
  /** By leaf index: the series that the leaf's selector matches. */
  readonly byLeaf: Series[][]
  /** Number of the newest scrape; a series not seen in it has ended and has no current value. */
  scrape = 0
  /** Time of the newest scrape, ms since the epoch; NaN before the first. */
  scrapedAt = Number.NaN
  /** Times of the scrapes that are remembered, ascending. */
  readonly scrapes: number[] = []
  readonly #plan: Plan
  readonly #identity: Readonly<Record<string, string>>
  readonly #keepMs: number
  readonly #series = new Map<string, Series>()

  /**
   * @param identity the labels that a scrape adds to each series, for matchers that ask for them
   * @param keepMs how old samples may become: the rate window, or more
   */
  constructor(plan: Plan, identity: Readonly<Record<string, string>>, keepMs: number) {
    this.#plan = plan
    this.#identity = identity
    this.#keepMs = keepMs
    this.byLeaf = Array.from({ length: plan.leafCount }, () => [])
  }

  /** Opens a scrape taken at `at`; the samples appended next belong to it. */
  begin(at: number): void {
    if (at < this.scrapedAt) this.scrapes.length = 0
    while (this.scrapes[0] <= at - this.#keepMs) this.scrapes.shift()
    this.scrapes.push(at)
    this.scrape++
    this.scrapedAt = at
    this.#forgetBefore(at - this.#keepMs)
  }

  /**
   * Adds a sample. `series` is written as on a metrics page.
   *
   * @throws {SyntaxError} when the labels of a new series are not in the metrics format
   */
  append(series: string, metric: string, value: number, timeMs: number): void {
    const known = this.#series.get(series) ?? this.#admit(series, metric)
    const time = Number.isNaN(timeMs) ? this.scrapedAt : timeMs
    known.scrape = this.scrape
    // A clock that was set back leaves samples of the future, which no window could make sense of.
    if (time <= known.times[known.times.length - 1]) {
      known.times.length = 0
      known.values.length = 0
    }
    known.times.push(time)
    known.values.push(value)
  }

  #admit(key: string, metric: string): Series {
    const labels = { ...parseLabels(key), ...this.#identity }
    const signature = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
    const series: Series = { signature, times: [], values: [], scrape: this.scrape }
    // A copy, because a slice of a page would keep the whole page in memory.
    this.#series.set(Buffer.from(key).toString(), series)
    for (const leaf of this.#leavesOf(metric)) if (leaf.test(labels)) this.byLeaf[leaf.index].push(series)
    return series
  }

  #leavesOf(metric: string): readonly Leaf[] {
    return this.#plan.leavesByMetric.get(metric) ?? []
  }

  #forgetBefore(time: number): void {
    const ended = new Set<Series>()
    for (const [key, series] of this.#series) {
      const keep = series.times.findIndex((sample) => sample > time)
      const old = keep < 0 ? series.times.length : keep
      if (old > 0) {
        series.times.splice(0, old)
        series.values.splice(0, old)
      }
      if (series.times.length === 0) {
        ended.add(series)
        this.#series.delete(key)
      }
    }
    if (ended.size === 0) return
    this.byLeaf.forEach((list, leaf) => {
      this.byLeaf[leaf] = list.filter((series) => !ended.has(series))
    })
  }
}
