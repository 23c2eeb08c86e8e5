import { expect, it } from 'vitest'
import { opened } from './incident.ts'
import { decided } from './incident-course.ts'
import { matchesByRule } from './rule-matches.ts'

const incident = (id: string, at: number) => opened(id, `${id}@node`, { at, level: 2, contributions: [] })

it('counts the decisions of each rule from a time on, by what came of them', () => {
  const guard = { guard: 'cooldown', reason: 'too soon' } as const
  const first = decided(incident('a', 100), { verdict: 'refuse', rule: 'cpu', ...guard }, 110)
  const again = decided(first, { verdict: 'execute', rule: 'cpu', reason: '' }, 120)
  const old = decided(incident('b', 10), { verdict: 'observe', rule: 'cpu', reason: '' }, 20)
  const other = decided(incident('c', 130), { verdict: 'ask', rule: 'disk', reason: '' }, 140)
  const without = decided(incident('d', 150), { verdict: 'none', reason: 'no rule matches' }, 160)

  const matches = matchesByRule([again, old, other, without], 100)

  const none = { execute: 0, ask: 0, observe: 0, refuse: 0, none: 0 }
  expect([...matches]).toEqual([
    ['cpu', { count: 2, lastAt: 120, verdicts: { ...none, refuse: 1, execute: 1 } }],
    ['disk', { count: 1, lastAt: 140, verdicts: { ...none, ask: 1 } }],
  ])
})
