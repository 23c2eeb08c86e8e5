import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Call, createTopology } from './topology.ts'

const names = fc.constantFrom('a', 'b', 'c', 'd', 'constructor', '__proto__')
const calls = fc.array(fc.tuple(names, names))

it('knows who calls whom, in both directions', () => {
  const topology = createTopology('instance', [
    ['gateway', 'checkout'],
    ['checkout', 'payments'],
    ['checkout', 'cart'],
  ])

  expect(topology.calledBy('checkout')).toEqual(['payments', 'cart'])
  expect(topology.callersOf('checkout')).toEqual(['gateway'])
  expect(topology.calledBy('nobody')).toEqual([])
  expect(topology.size).toBe(3)
})

it('finds the service of a target by the label that bears its name', () => {
  const topology = createTopology('service', [])

  expect(topology.serviceOf({ service: 'cart', instance: 'cart-1' })).toBe('cart')
  expect(topology.serviceOf({ instance: 'cart-1' })).toBeUndefined()
  expect(topology.serviceOf({ service: '' })).toBeUndefined()
  expect(createTopology('constructor', []).serviceOf({})).toBeUndefined()
})

it('says each call from both of its ends, once, and none of a service to itself', () => {
  fc.assert(
    fc.property(calls, (some: Call[]) => {
      const topology = createTopology('instance', some)

      const wanted = new Set(some.filter(([from, to]) => from !== to).map((call) => call.join(' ')))
      const services = [...new Set(some.flat())]
      const down = services.flatMap((from) => topology.calledBy(from).map((to) => `${from} ${to}`))
      const up = services.flatMap((to) => topology.callersOf(to).map((from) => `${from} ${to}`))
      expect(down.toSorted()).toEqual([...wanted].sort())
      expect(up.toSorted()).toEqual([...wanted].sort())
      expect(topology.size).toBe(wanted.size)
    }),
  )
})
