import { describe, expect, it } from 'vitest'
import type { FleetTargetJson } from '../../../api/contract.ts'
import { calmWords } from './calm.ts'

const target = (state: FleetTargetJson['state'], level: number | null): FleetTargetJson => ({
  id: 'a@node',
  labels: {},
  state,
  level,
  detected: false,
})
const live = { kind: 'live', at: 0 } as const

describe('where nothing needs anybody', () => {
  it('is said so as long as somebody is watched', () => {
    expect(calmWords([target('fresh', 0.2), target('stale', null)], live)).toBe('Nothing needs you.')
    expect(calmWords(undefined, live)).toBe('Nothing needs you.')
  })

  it('is not taken for calm what cannot be seen', () => {
    expect(calmWords([target('stale', null), target('warming_up', null)], live)).toMatch(/no target has a level/)
    expect(calmWords([], live)).toMatch(/no target is known/)
  })

  it('is told of the time that is shown', () => {
    const at = new Date(2026, 10, 21, 14, 31, 5).getTime()

    expect(calmWords([], { kind: 'reconnecting', since: at, at })).toBe('Nothing needed you at 14:31:05.')
  })
})
