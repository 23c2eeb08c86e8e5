import type { CrossCheck } from '../config/cross-checks.ts'
import { didYouMean } from '../config/did-you-mean.ts'
import { formatDuration } from '../config/duration.ts'
import type { Config } from '../config/resolve.ts'
import type { Unit } from '../domain/feature.ts'
import { compileExpression, ExpressionError } from '../featurize/expression.ts'
import { RECORDED_WINDOW_MS } from '../observe/recorded.ts'
import { planFeatures } from './features.ts'

/** What can be wrong with `features` that only the catalogue knows. */
export const featureChecks: readonly CrossCheck<Config>[] = [
  namesExist,
  expressionsCompile,
  resourcesAreShares,
  recordedIsWhatIsAsked,
]

function* namesExist(config: Config) {
  const known = namesWithout(config)
  for (const key of ['include', 'exclude'] as const) {
    for (const [i, name] of config.features[key].entries()) {
      if (known.includes(name)) continue
      const guess = didYouMean(name, known)
      yield {
        path: ['features', key, i],
        message: `the preset ${config.features.preset} has no feature ${JSON.stringify(name)}`,
        hint: guess === undefined ? 'docs/features.md lists them' : `did you mean ${guess}?`,
      }
    }
  }
}

function* expressionsCompile(config: Config) {
  const names = [...namesWithout({ ...config, features: { ...config.features, extra: [] } })]
  for (const [i, { name, expression }] of config.features.extra.entries()) {
    if (names.includes(name)) {
      yield {
        path: ['features', 'extra', i, 'name'],
        message: `there is a feature ${name} already`,
        hint: 'choose another name',
      }
    }
    if (expression !== undefined) {
      try {
        compileExpression(expression, names)
      } catch (error) {
        if (!(error instanceof ExpressionError)) throw error
        yield {
          path: ['features', 'extra', i, 'expression'],
          message: error.message,
          hint: 'a CEL expression over features that stand before; numbers are doubles: 1.0, not 1',
        }
      }
    }
    names.push(name)
  }
}

function* resourcesAreShares(config: Config) {
  const { resources } = config.detect.exhaustion
  if (resources === 'auto') return
  const units = unitsOf(config)
  for (const [i, name] of resources.entries()) {
    const path = ['detect', 'exhaustion', 'resources', i]
    const unit = units.get(name)
    if (unit === undefined) {
      const guess = didYouMean(name, [...units.keys()])
      yield {
        path,
        message: `no feature ${JSON.stringify(name)} is computed`,
        hint: guess === undefined ? 'docs/features.md lists them; see also features.exclude' : `did you mean ${guess}?`,
      }
    } else if (unit !== 'ratio') {
      yield {
        path,
        message: `${name} is not a share: its unit is ${unit}`,
        hint: 'only what runs from 0 to 1, with unit ratio, can be used up',
      }
    }
  }
}

/** The recording rules know presets of hosts, the labels instance and job, and one window of rates. */
function* recordedIsWhatIsAsked({ source, features, targets }: Config) {
  const { recorded, rate_window, matchers } = source.prometheus
  if (source.type !== 'prometheus' || !recorded) return
  const hinted = (hint: string) => `source.prometheus.recorded is on: ${hint}`
  if (features.preset !== 'node-exporter' && features.preset !== 'classic') {
    const hint = hinted('use node-exporter or classic, or turn it off')
    yield { path: ['features', 'preset'], message: `${features.preset} is not recorded`, hint }
  }
  if (features.database) {
    const hint = hinted('write database_connections into features.extra, with its PromQL')
    yield { path: ['features', 'database'], message: 'is not recorded', hint }
  }
  if (rate_window !== 'auto' && rate_window !== RECORDED_WINDOW_MS) {
    const message = `${formatDuration(rate_window)} is not the window of the recording rules`
    yield { path: ['source', 'prometheus', 'rate_window'], message, hint: hinted('leave it out') }
  }
  if ([...targets.labels].sort().join() !== 'instance,job') {
    const message = `${targets.labels.join(', ')} are not the labels of the recorded series`
    yield { path: ['targets', 'labels'], message, hint: hinted('these have instance and job') }
  }
  const other = matchers.find(({ label }) => label !== 'instance' && label !== 'job')
  if (other !== undefined) {
    const message = `${other.label} is no label of the recorded series`
    yield { path: ['source', 'prometheus', 'matchers'], message, hint: hinted('these have instance and job alone') }
  }
}

/** What each feature counts that is computed; of the user's own, without a look at their expressions. */
function unitsOf(config: Config): ReadonlyMap<string, Unit> {
  const { extra } = config.features
  const { names, units } = planFeatures({ ...config, features: { ...config.features, extra: [] } })
  return new Map([
    ...names.map((name, f) => [name, units[f]] as const),
    ...extra.map(({ name, unit }) => [name, unit] as const),
  ])
}

/** All feature names, as if nothing were included, excluded or computed by the user. */
function namesWithout(config: Config): readonly string[] {
  const features = { ...config.features, include: [], exclude: [], extra: [] }
  return planFeatures({ ...config, features }).names
}
