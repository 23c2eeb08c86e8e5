import type { Target } from '../domain/target.ts'
import { evaluate } from './evaluate.ts'
import type { Frame } from './frame.ts'
import type { Plan } from './plan.ts'
import { SeriesStore } from './series-store.ts'

/** One target whose samples we take ourselves: its recent past, and the features that follow from it. */
export class ScrapedTarget {
  readonly labels: Target['labels']
  readonly store: SeriesStore
  readonly #plan: Plan
  readonly #windowMs: number

  constructor(plan: Plan, labels: Target['labels'], windowMs: number) {
    this.labels = labels
    this.store = new SeriesStore(plan, labels, Math.max(windowMs, plan.longestWindowMs) * 1.5)
    this.#plan = plan
    this.#windowMs = windowMs
  }

  /** Writes the features as of the newest scrape into `frame`. */
  evaluateInto(frame: Frame, slot: number): void {
    const write = (feature: number, value: number) => void frame.set(slot, feature, value)
    evaluate(this.#plan, this.store, this.#windowMs, write, (windowMs) => this.#lookBackMs(windowMs))
    frame.sampled(slot, this.store.scrapedAt)
  }

  /**
   * The window, or as much of it as there are scrapes for: after a start or an outage, Prometheus' extrapolation
   * would spread 15 seconds over the minute and show an idle CPU as busy. Half an interval comes on top, because the
   * window begins right where a scrape lay, give or take some ms: that sample would be now in, now out, and a burst in
   * the counter would count by a quarter more.
   */
  #lookBackMs(windowMs: number): number {
    const { scrapes } = this.store
    const newest = scrapes[scrapes.length - 1]
    const interval = scrapes.length > 1 ? newest - scrapes[scrapes.length - 2] : 0
    return Math.min(windowMs, newest - scrapes[0]) + Math.min(interval, windowMs) / 2
  }
}
