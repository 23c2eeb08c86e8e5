import { expect, it } from 'vitest'
import { isListOf, keyOf } from './queries.ts'

it('a key names the resource, whatever follows it', () => {
  expect(keyOf('incidents?limit=5')).toEqual(['incidents', 'incidents?limit=5'])
  expect(keyOf('targets/a%40b/scores?from=x')[0]).toBe('targets')
  expect(keyOf('fleet')).toEqual(['fleet', 'fleet'])
})

it.each([
  ['incidents', true],
  ['incidents?state=opened', true],
  ['incidents/01J', false],
  ['actions', false],
])('%s is a list of incidents: %s', (path, expected) => {
  expect(isListOf('incidents', keyOf(path))).toBe(expected)
})
