import { ObserveError } from '../observe/error.ts'
import type { Stages } from '../pipeline/tick.ts'
import type { Metrics } from '../platform/metrics.ts'

export interface Timing {
  readonly metrics: Metrics
  /** Milliseconds from any point in time. */
  readonly stopwatch: () => number
}

/** The stages with a stopwatch around each, and a count of failures by reason. */
export function timed(stages: Stages, { metrics, stopwatch }: Timing): Stages {
  const failed = (stage: 'observe' | 'featurize' | 'detect', error: unknown) => {
    metrics.stageFailed(stage, error instanceof ObserveError ? error.reason : 'internal')
    throw error
  }
  const measured =
    <I, O>(stage: 'featurize' | 'detect', run: (input: I) => O) =>
    (input: I): O => {
      const began = stopwatch()
      try {
        return run(input)
      } catch (error) {
        return failed(stage, error)
      } finally {
        metrics.stageTook(stage, (stopwatch() - began) / 1000)
      }
    }
  return {
    async observe(at, signal) {
      const began = stopwatch()
      try {
        return await stages.observe(at, signal)
      } catch (error) {
        if (signal.aborted) throw error
        return failed('observe', error)
      } finally {
        metrics.stageTook('observe', (stopwatch() - began) / 1000)
      }
    },
    featurize: measured('featurize', stages.featurize),
    detect: measured('detect', stages.detect),
    show: stages.show,
    // Its parts take their own time.
    respond: stages.respond,
  }
}
