import { createRandom, type Random } from '../domain/random.ts'
import { type ServiceDefinition, SHOP } from './service.ts'

const SERVICES_A_MACHINE = 4
/** Nearer ones are called: calls stay within a system of this many services. */
const REACH = 12
const MOST_CALLS = 3

/**
 * A fleet of any size: the shop, or a seeded graph of `service-001` … in three tiers, in which each service calls up to
 * three of the tiers below.
 *
 * @param count services, ≥ 1; 12 is the shop
 */
export function makeFleet(count: number, seed: number): readonly ServiceDefinition[] {
  if (count === SHOP.length) return SHOP
  const random = createRandom(seed)
  const digits = Math.max(3, String(count).length)
  const name = (i: number) => `service-${String(i + 1).padStart(digits, '0')}`
  const tiers = Array.from({ length: count }, (_, i) => tierOf(i % REACH))
  return tiers.map((tier, i) => {
    const first = i - (i % REACH)
    const below = tiers
      .slice(first, first + REACH)
      .map((other, j) => ({ other, place: first + j }))
      .filter(({ other, place }) => isBelow(other, tier, place > i))
      .map(({ place }) => name(place))
    const machine = `m${Math.floor(i / SERVICES_A_MACHINE) + 1}`
    return { name: name(i), tier, machine, dependsOn: tier === 'data' ? [] : drawn(below, random) }
  })
}

function tierOf(place: number): 'edge' | 'app' | 'data' {
  if (place === 0) return 'edge'
  return place < 8 ? 'app' : 'data'
}

/** Services of one tier call those after them, so that no call comes back. */
function isBelow(other: string, tier: string, isLater: boolean): boolean {
  return isLater && (tier === 'edge' ? other === 'app' : other !== 'edge')
}

function drawn(from: readonly string[], random: Random): readonly string[] {
  const wanted = Math.min(from.length, 1 + Math.floor(random() * MOST_CALLS))
  const left = [...from]
  return Array.from({ length: wanted }, () => left.splice(Math.floor(random() * left.length), 1)[0])
}
