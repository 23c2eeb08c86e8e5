import { expect, it } from 'vitest'
import { readScaler } from './scaler-file.ts'

const features = ['cpu', 'memory']
const read = (content: object | string, target = 'a') =>
  readScaler('s.json', typeof content === 'string' ? content : JSON.stringify(content), target)

it('reads a range by its ends or its width, and deviations', () => {
  const wanted = { features, scaling: 'minmax', offset: [1, 2], scale: [4, 8] }

  expect(read({ features, minimum: [1, 2], range: [4, 8] })).toEqual(wanted)
  expect(read({ features, minimum: [1, 2], maximum: [5, 10] })).toEqual(wanted)
  expect(read({ features, center: [1, 2], spread: [4, 8] })).toEqual({ ...wanted, scaling: 'deviations' })
})

it('takes the target’s own scaler of an exported model, or the only one', () => {
  const one = (first: number) => ({ minimum: [first, 0], range: [1, 1], center: [0, 0], spread: [1, 1] })
  const file = { format: 'homeostat-scaler/1', features, scaling: 'minmax' }

  expect(read({ ...file, targets: { a: one(7), b: one(8) } }).offset).toEqual([7, 0])
  expect(read({ ...file, targets: { b: one(8) } }).offset).toEqual([8, 0])
  expect(() => read({ ...file, targets: { b: one(8), c: one(9) } })).toThrow(/no scaler of a/)
})

it('says what a file lacks', () => {
  expect(() => read('{')).toThrow(/s\.json: is no JSON/)
  expect(() => read({ features })).toThrow(/needs "features", and "minimum"/)
  expect(() => read({ features, minimum: [1, 2], range: [0, 1] })).toThrow(/needs/)
  expect(() => read({ features, minimum: [1], range: [1] })).toThrow(/2 features, but 1 and 1 numbers/)
  expect(() => read({ features: ['cpu', 'cpu'], minimum: [1, 2], range: [1, 1] })).toThrow(/twice/)
})

it('takes a feature that an exported model never saw, which has no range', () => {
  const one = { minimum: [7, 0], range: [1, null], center: [0, 0], spread: [1, null] }
  const file = { format: 'homeostat-scaler/1', features, scaling: 'minmax', targets: { a: one } }

  expect(read(file).scale).toEqual([1, Number.POSITIVE_INFINITY])
})
