import { expect, it } from 'vitest'
import type { SourceJson } from '../../../api/contract.ts'
import { nobodyYet, sourceSentence } from './words.ts'

const source: SourceJson = {
  kind: 'prometheus',
  url: 'http://prometheus:9090',
  state: 'up',
  data_age_seconds: 8,
  targets: 12,
  problems: [],
}

it('a source is told by what it shows, where it is, and how new its data are', () => {
  expect(sourceSentence(source)).toBe(
    'Hosts that Prometheus knows, at http://prometheus:9090: 12 targets, newest data 8 s old',
  )
})

it('a source that does not answer is told so', () => {
  expect(sourceSentence({ ...source, state: 'down', targets: null })).toMatch(/: does not answer$/)
})

it('of a source nothing is told that is not known', () => {
  expect(sourceSentence({ ...source, kind: 'push', url: null, data_age_seconds: null, targets: null })).toBe(
    'Services that push their readings',
  )
})

it('where there is no target yet, who looks is told to wait, or what to do', () => {
  const status = { ready: true, interval_seconds: 15, sources: [source] }

  expect(nobodyYet({ ...status, ready: false })).toBe('The first readings come within 15 s.')
  expect(nobodyYet(status)).toMatch(/look at the sources/)
  expect(nobodyYet({ ...status, sources: [{ ...source, kind: 'push' }] })).toMatch(/POST \/api\/v1\/observations/)
})
