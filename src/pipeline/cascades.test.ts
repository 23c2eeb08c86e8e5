import { describe, expect, it } from 'vitest'
import { makeFleet } from '../simulate/fleet.ts'
import { runCascades } from './testing/cascades.ts'

describe('cascades of a simulated fleet, by the detectors of the product', () => {
  it.each([
    ['the shop of 12 services', 12, 1],
    ['a fleet of 24 services', 24, 2],
  ])(
    'in %s the root is named first in nine of ten, and most of its dependants are laid to it',
    (_, size, seed) => {
      const tally = runCascades(70, { services: makeFleet(size, seed), seed })

      expect(tally.cascades).toBeGreaterThanOrEqual(50)
      expect(tally.rootFirst / tally.cascades).toBeGreaterThanOrEqual(0.9)
      expect(tally.explained / tally.dependants).toBeGreaterThanOrEqual(0.9)
    },
    30_000,
  )
})
