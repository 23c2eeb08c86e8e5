import type { ScorePointFacts } from '../api/scores.ts'
import type { Target } from '../domain/target.ts'
import type { PastSeries, Source } from '../observe/source.ts'

export interface ArchiveRange {
  readonly fromMs: number
  readonly toMs: number
  readonly stepMs: number
}

/** What somebody has kept of our own series. */
export interface ScoreArchive {
  /** Oldest first. @throws {ObserveError} */
  read(target: Target, range: ArchiveRange, signal: AbortSignal): Promise<ScorePointFacts[]>
}

type Point = { -readonly [K in keyof ScorePointFacts]: ScorePointFacts[K] } & { detectors: Record<string, number> }

/** Prometheus, where it scrapes `/metrics` and keeps the labels of targets (`honor_labels`). */
export function createScoreArchive(past: NonNullable<Source['past']>): ScoreArchive {
  return {
    async read({ labels }, range, signal) {
      const select = (name: string) => seriesSelector(name, labels)
      // The highest of each step, so that no peak is lost.
      const highest = (name: string) => `max_over_time(${select(name)}[${range.stepMs / 1000}s])`
      const [levels, detected, rest] = await Promise.all([
        past(highest('anomaly_level'), range, signal),
        past(highest('anomaly_detected'), range, signal),
        past(select('anomaly_(score|threshold|detector_score)'), range, signal),
      ])
      const points = new Map<number, Point>()
      const each = (
        series: readonly PastSeries[],
        put: (point: Point, value: number, labels: PastSeries['labels']) => void,
      ) => {
        for (const one of series) for (const [at, value] of one.samples) put(pointAt(points, at), value, one.labels)
      }
      each(levels, (point, value) => {
        point.level = value
      })
      each(detected, (point, value) => {
        point.detected = value > 0
      })
      each(rest, (point, value, own) => {
        if (own['__name__'] === 'anomaly_score') point.score = value
        else if (own['__name__'] === 'anomaly_threshold') point.threshold = value
        else if (own['detector'] !== undefined) point.detectors[own['detector']] = value
      })
      return [...points.values()].filter(({ level }) => !Number.isNaN(level)).sort((a, b) => a.at - b.at)
    },
  }
}

function pointAt(points: Map<number, Point>, at: number): Point {
  const nothing = Number.NaN
  const point = points.get(at) ?? { at, level: nothing, score: nothing, threshold: nothing, detectors: {} }
  points.set(at, point)
  return point
}

/** The name may be a pattern. Labels of another than `instance` and `job` tell targets apart where so configured. */
function seriesSelector(name: string, labels: Target['labels']): string {
  const matchers = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`)
  const named = name.includes('(') ? `__name__=~"${name}"` : `__name__="${name}"`
  return `{${[named, ...matchers].join(',')}}`
}
