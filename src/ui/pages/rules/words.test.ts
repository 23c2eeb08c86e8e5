import { expect, it } from 'vitest'
import { stepsText, verdictsText } from './words.ts'

it('what came of a rule is told by what was decided, without what never was', () => {
  expect(verdictsText({ execute: 3, ask: 0, observe: 1200, refuse: 1, none: 0 })).toBe(
    '3 done, 1,200 only recorded, 1 refused',
  )
  expect(verdictsText({ execute: 0, ask: 0, observe: 0, refuse: 0, none: 0 })).toBe('')
})

it('the steps of a rule are told in their order, with their parameters', () => {
  const first = { action: 'restart', parameters: {} } as const
  const second = { action: 'scale_up', parameters: { by: 1 } } as const

  expect(stepsText({ ...first, steps: [first, second] })).toBe('restart, then scale up (by 1)')
  expect(stepsText({ ...second, steps: [] })).toBe('scale up (by 1)')
})
