import type { Target } from '../domain/target.ts'
import { DETECTORS, type Exhaustion, type Verdict } from '../domain/verdict.ts'

/** Series of contributions per anomalous target, so that a wide anomaly does not flood Prometheus. */
const MAX_CONTRIBUTIONS = 5

type Gauge = readonly [name: string, help: string, read: (verdict: Verdict) => number]

/** One number per target. */
const GAUGES: readonly Gauge[] = [
  [
    'anomaly_score',
    'Reconstruction error of the autoencoder: mean squared error over the scaled features.',
    (v) => v.score,
  ],
  ['anomaly_threshold', 'Threshold for anomaly_score, same scale.', (v) => v.threshold],
  [
    'anomaly_level',
    'All detectors combined, in units of the alarm threshold in force: above 1 is an alarm.',
    (v) => v.level,
  ],
  ['anomaly_severity', '1 - 2^(-level): 0 normal, 0.5 at the threshold, towards 1 certain.', (v) => v.severity],
  // Without a level the target has not been judged; 0 would say that it is well.
  [
    'anomaly_detected',
    'Whether the target is anomalous, after hysteresis.',
    (v) => (Number.isNaN(v.level) ? Number.NaN : Number(v.detected)),
  ],
]

type Forecast = readonly [name: string, help: string, read: (exhaustion: Exhaustion) => number]

/** One number per resource that is filling. */
const FORECASTS: readonly Forecast[] = [
  [
    'homeostat_time_to_exhaustion_seconds',
    'Time until a resource is used up if it goes on filling as it does; no series where nothing fills.',
    ({ seconds }) => seconds,
  ],
  [
    'homeostat_time_to_exhaustion_lower_seconds',
    'Lower end of the 95 % interval of homeostat_time_to_exhaustion_seconds.',
    ({ low }) => low,
  ],
  [
    'homeostat_time_to_exhaustion_upper_seconds',
    'Upper end of the 95 % interval of homeostat_time_to_exhaustion_seconds.',
    ({ high }) => high,
  ],
]

/**
 * Renders the series of all targets in the Prometheus text format. A number that is not known has no series, and a
 * stale target or one that is still warming up has none at all.
 *
 * Strings put together, because a client library takes five times as long for 10,000 targets.
 */
export class TargetSeries {
  /** The identity labels, escaped: they never change in the life of a `Target`. */
  readonly #labels = new WeakMap<Target, string>()

  #labelsOf(target: Target): string {
    let labels = this.#labels.get(target)
    if (labels === undefined) {
      labels = Object.entries(target.labels)
        .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
        .join(',')
      this.#labels.set(target, labels)
    }
    return labels
  }

  /** @returns the text in pieces, so that that of 10,000 targets, 12 MB, never has to be in one place */
  *render(all: Iterable<Verdict>): Generator<string> {
    const verdicts: Verdict[] = []
    const labels: string[] = []
    for (const verdict of all) {
      if (verdict.state !== 'fresh') continue
      verdicts.push(verdict)
      labels.push(this.#labelsOf(verdict.target))
    }
    for (const [name, help, read] of GAUGES) {
      yield head(name, help)
      yield* pieces(verdicts, (verdict, i) => series(`${name}{`, labels[i], '} ', read(verdict)))
    }
    yield head('anomaly_detector_score', 'Score of one detector, calibrated to 0-1.')
    for (const detector of DETECTORS) {
      const end = `,detector="${detector}"} `
      yield* pieces(verdicts, ({ detectors }, i) =>
        series('anomaly_detector_score{', labels[i], end, detectors[detector]),
      )
    }
    yield* contributed(verdicts, labels)
    yield* exhausted(verdicts, labels)
    yield head(
      'homeostat_input_drift',
      'How far the inputs have moved since training: root mean square over the features of the last day, in deviations.',
    )
    yield* pieces(verdicts, (verdict, i) => series('homeostat_input_drift{', labels[i], '} ', verdict.drift))
  }
}

/** Targets in a piece: some 25 kB. */
const TOGETHER = 256

/** The lines of all targets, those of some at a time. */
function* pieces(verdicts: readonly Verdict[], linesOf: (verdict: Verdict, i: number) => string): Generator<string> {
  for (let from = 0; from < verdicts.length; from += TOGETHER) {
    const to = Math.min(from + TOGETHER, verdicts.length)
    let text = ''
    for (let i = from; i < to; i++) text += linesOf(verdicts[i], i)
    if (text !== '') yield text
  }
}

function* exhausted(verdicts: readonly Verdict[], labels: readonly string[]): Generator<string> {
  for (const [name, help, read] of FORECASTS) {
    yield head(name, help)
    yield* pieces(verdicts, ({ exhaustion }, i) => {
      let text = ''
      for (const each of exhaustion) {
        text += series(`${name}{`, labels[i], `,resource="${escapeLabel(each.resource)}"} `, read(each))
      }
      return text
    })
  }
}

function* contributed(verdicts: readonly Verdict[], labels: readonly string[]): Generator<string> {
  yield head(
    'anomaly_contribution',
    'Share of a feature in the error of an anomalous target, 0-1; its strongest features only.',
  )
  yield* pieces(verdicts, ({ detected, contributions }, i) => {
    if (!detected) return ''
    let text = ''
    for (const { feature, share } of contributions.slice(0, MAX_CONTRIBUTIONS)) {
      text += series('anomaly_contribution{', labels[i], `,feature="${escapeLabel(feature)}"} `, share)
    }
    return text
  })
}

function head(name: string, help: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n`
}

function series(start: string, labels: string, end: string, value: number): string {
  if (Number.isNaN(value)) return ''
  return `${start}${labels}${end}${Number.isFinite(value) ? value : value > 0 ? '+Inf' : '-Inf'}\n`
}

/** Escapes a label value as the text format asks for. Lone surrogates become U+FFFD when encoded, so the rest stays UTF-8. */
function escapeLabel(value: string): string {
  return value.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`))
}
