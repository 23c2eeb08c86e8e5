import { expect, it } from 'vitest'
import { textTable } from './text-table.ts'

it('pads to the widest cell, numbers at the right, without blanks at the end of a line', () => {
  const columns = [{ title: 'model' }, { title: 'rows', right: true }, { title: 'state' }]
  const rows = [
    ['a', '5', ''],
    ['longer-name', '12345', 'newest'],
  ]

  expect(textTable(columns, rows).split('\n')).toEqual([
    'model         rows  state',
    'a                5',
    'longer-name  12345  newest',
  ])
})

it('shows its head alone where there are no rows', () => {
  expect(textTable([{ title: 'model' }], [])).toBe('model')
})
