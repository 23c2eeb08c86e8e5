import { expect, it } from 'vitest'
import { deedOf, instanceOf } from './deed.ts'

it('a deed is told by its verb, and what it is done to', () => {
  expect(deedOf({ action: 'restart', target: 'checkout-2@push' })).toBe('Restart checkout-2')
  expect(deedOf({ action: 'exec', target: 'web-1:9100@node' })).toBe('Run a command on web-1:9100')
})

it('the instance is what stands before the last @', () => {
  expect(instanceOf('a@b@node')).toBe('a@b')
  expect(instanceOf('web-1')).toBe('web-1')
  expect(instanceOf('@node')).toBe('@node')
})
