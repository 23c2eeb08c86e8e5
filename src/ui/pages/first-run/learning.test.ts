import { describe, expect, it } from 'vitest'
import type { SourceJson, StatusJson } from '../../../api/contract.ts'
import { learningLines, trainable } from './learning.ts'

const source = (kind: SourceJson['kind'], targets: number): SourceJson => ({
  kind,
  url: null,
  state: 'up',
  data_age_seconds: 1,
  targets,
  problems: [],
})

function status(sources: readonly SourceJson[], with_model = 0, warming = 0): StatusJson {
  const total = sources.reduce((sum, { targets }) => sum + (targets ?? 0), 0)
  return {
    ready: true,
    interval_seconds: 15,
    sources,
    targets: { total, fresh: total, warming_up: warming, stale: 0, detected: 0, with_model },
    warming_up: { targets: warming, until: null },
    training: { min_history_seconds: 1800, interval_seconds: 86_400 },
  } as unknown as StatusJson
}

describe('what is learned', () => {
  it('is a model for each host, after a time that is named', () => {
    const lines = learningLines(status([source('prometheus', 3)], 1))

    expect(lines).toEqual([
      '2 targets have no trained model yet: one is trained after 30 min of readings. Until then the other detectors judge.',
    ])
  })

  it('is no model for a service that pushes', () => {
    const shop = status([source('push', 12)])

    expect(trainable(shop)).toBe(0)
    expect(learningLines(shop)).toEqual(['12 services that push are judged by detectors that need no training.'])
  })

  it('is told for both where there are both', () => {
    expect(learningLines(status([source('local', 1), source('push', 1)], 1))).toEqual([
      'Every target that can have a trained model has one.',
      '1 service that pushes is judged by detectors that need no training.',
    ])
  })

  it('begins with what is warming up', () => {
    expect(learningLines(status([source('local', 1)], 0, 1))[0]).toBe('1 target of 1 is warming up.')
  })
})
