import type { StatusJson } from '../../../api/contract.ts'
import { formatClock, formatDuration, plural } from '../../format.ts'
import { nobodyYet } from './words.ts'

type Learner = Pick<StatusJson, 'ready' | 'interval_seconds' | 'sources' | 'targets' | 'warming_up' | 'training'>

/** Targets that a model is trained for sooner or later: services that push are judged without one. */
export function trainable({ sources, targets }: Pick<StatusJson, 'sources' | 'targets'>): number {
  const pushed = sources.filter(({ kind }) => kind === 'push').reduce((sum, source) => sum + (source.targets ?? 0), 0)
  return Math.max(targets.total - pushed, 0)
}

/** What is being learned, until when, and what judges meanwhile: a sentence each. */
export function learningLines(status: Learner): readonly string[] {
  const { targets } = status
  if (targets.total === 0) return [nobodyYet(status)]
  return [warmingUp(status), models(status), pushed(status)].filter((line) => line !== undefined)
}

function warmingUp({ targets, warming_up }: Learner): string | undefined {
  const { targets: count, until } = warming_up
  if (count === 0) return undefined
  const from = until === null ? '' : `: scores from ${formatClock(Date.parse(until)).slice(0, 5)}`
  return `${plural(count, 'target')} of ${targets.total} ${count === 1 ? 'is' : 'are'} warming up${from}.`
}

function models(status: Learner): string | undefined {
  const { targets, training } = status
  const all = trainable(status)
  const without = all - targets.with_model
  if (all === 0) return undefined
  if (without <= 0) return 'Every target that can have a trained model has one.'
  const have = without === 1 ? 'has' : 'have'
  const after = formatDuration(training.min_history_seconds)
  return `${plural(without, 'target')} ${have} no trained model yet: one is trained after ${after} of readings. Until then the other detectors judge.`
}

function pushed(status: Learner): string | undefined {
  const count = status.targets.total - trainable(status)
  if (count === 0) return undefined
  return `${plural(count, 'service')} that push${count === 1 ? 'es' : ''} ${count === 1 ? 'is' : 'are'} judged by detectors that need no training.`
}
