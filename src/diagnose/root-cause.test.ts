import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Contribution } from '../domain/verdict.ts'
import { rootCauses, type Suffering } from './root-cause.ts'
import { createTopology } from './topology.ts'

const NOON = Date.parse('2026-11-21T12:00:00Z')
const SHOP = createTopology('instance', [
  ['gateway', 'checkout'],
  ['gateway', 'catalogue'],
  ['checkout', 'payments'],
  ['checkout', 'cart'],
  ['catalogue', 'cache'],
  ['cart', 'cache'],
  ['payments', 'database'],
])

/** Features with their shares; a feature that fell has a minus before its name. */
function contributions(shares: Readonly<Record<string, number>>): Contribution[] {
  return Object.entries(shares).map(([name, share]) => {
    const fell = name.startsWith('-')
    return { feature: fell ? name.slice(1) : name, share, actual: fell ? 10 : 90, expected: 50 }
  })
}

function ill(service: string, shares: Readonly<Record<string, number>>, changes: Partial<Suffering> = {}): Suffering {
  const target = `${service}@push`
  return { target, service, since: NOON, level: 3, contributions: contributions(shares), cause: 'unknown', ...changes }
}

function rootsOf(sick: readonly Suffering[], topology = SHOP): Record<string, string> {
  const roots = rootCauses(sick, topology)
  return Object.fromEntries([...roots].map(([target, root]) => [target.split('@')[0], root.target.split('@')[0]]))
}

const SLOW = { request_latency_ms: 1 }

describe('slowness and errors', () => {
  it('sit in the deepest service that shows them', () => {
    const sick = [ill('gateway', SLOW), ill('checkout', SLOW), ill('payments', { error_rate_percent: 0.9 })]

    expect(rootsOf(sick)).toEqual({ gateway: 'payments', checkout: 'payments', payments: 'payments' })
    expect(rootCauses(sick, SHOP).get('gateway@push')?.path).toEqual(['gateway@push', 'checkout@push', 'payments@push'])
  })

  it('do not come from a service that shows nothing of the kind', () => {
    expect(rootsOf([ill('checkout', SLOW), ill('cart', { cpu_percent: 1 })])).toEqual({
      checkout: 'checkout',
      cart: 'cart',
    })
    expect(rootsOf([ill('checkout', SLOW), ill('cart', { '-request_latency_ms': 1 })]).checkout).toBe('checkout')
  })

  it('come from the stronger of two', () => {
    const sick = [ill('checkout', SLOW), ill('cart', SLOW, { level: 1.1 }), ill('payments', SLOW, { level: 6 })]

    expect(rootsOf(sick).checkout).toBe('payments')
  })

  it('come from the earlier of two that are as strong', () => {
    const sick = [ill('checkout', SLOW), ill('cart', SLOW), ill('payments', SLOW, { since: NOON - 9000 })]

    expect(rootsOf(sick).checkout).toBe('payments')
    expect(rootsOf(sick.toReversed()).checkout).toBe('payments')
  })

  it('do not come from what began long after them, or was over before', () => {
    expect(rootsOf([ill('checkout', SLOW), ill('cart', SLOW, { since: NOON + 300_000 })]).checkout).toBe('checkout')
    const over = ill('cart', SLOW, { since: NOON - 90_000, until: NOON - 60_000 })
    expect(rootsOf([ill('checkout', SLOW), over]).checkout).toBe('checkout')
  })

  it('of a service with trouble of its own are its own: two may be ill at once', () => {
    const slow = ill('payments', SLOW, { level: 8 })
    const leaking = { memory_percent: 0.45, request_latency_ms: 0.5 }

    const [known, unknown] = (['memory_leak', 'latency'] as const).map((cause) => ill('checkout', leaking, { cause }))
    expect(rootsOf([slow, known]).checkout).toBe('checkout')
    expect(rootsOf([slow, unknown]).checkout).toBe('payments')
    expect(rootsOf([slow, ill('checkout', { memory_percent: 0.8, request_latency_ms: 0.2 })]).checkout).toBe('checkout')
  })

  it('do not become its own by a little of something else', () => {
    const busy = ill('checkout', { request_latency_ms: 0.85, cpu_percent: 0.15 }, { cause: 'cpu_saturation' })

    expect(rootsOf([ill('payments', SLOW, { level: 8 }), busy]).checkout).toBe('payments')
  })

  it('still come from what is over since', () => {
    const healed = ill('cart', SLOW, { since: NOON - 9000, until: NOON + 30_000 })

    expect(rootsOf([ill('checkout', SLOW), healed]).checkout).toBe('cart')
  })
})

describe('what a service shows of its own', () => {
  it('makes it the root, whatever its callers and a little of what it calls show', () => {
    const sick = [
      ill('gateway', SLOW, { level: 2 }),
      ill('checkout', { request_latency_ms: 0.6, cpu_percent: 0.4 }, { level: 8 }),
      ill('cart', SLOW, { level: 1.1 }),
    ]

    expect(rootsOf(sick)).toEqual({ gateway: 'checkout', checkout: 'checkout', cart: 'cart' })
  })

  it('says little where a resource is used less than usual', () => {
    const sick = [ill('checkout', { '-cpu_percent': 0.6, error_rate_percent: 0.4 }), ill('payments', SLOW)]

    expect(rootsOf(sick).checkout).toBe('payments')
  })

  it('is what alerts alone speak of, unless they say that it is slow or fails', () => {
    const alerted = (cause: Suffering['cause']) => [
      ill('checkout', {}, { level: Number.NaN, cause }),
      ill('payments', { memory_percent: 0.5, error_rate_percent: 0.5 }),
    ]

    expect(rootsOf(alerted('memory_leak')).checkout).toBe('checkout')
    expect(rootsOf(alerted('latency')).checkout).toBe('payments')
  })
})

describe('traffic', () => {
  it('that falls with that of a caller is explained by the caller', () => {
    const fewer = { '-requests_per_second': 1 }
    const sick = [ill('gateway', fewer, { since: NOON - 3000 }), ill('checkout', fewer), ill('catalogue', fewer)]

    expect(rootsOf(sick)).toEqual({ gateway: 'gateway', checkout: 'gateway', catalogue: 'gateway' })
  })

  it('that goes another way than that of a caller is not', () => {
    const sick = [ill('gateway', { '-requests_per_second': 1 }), ill('checkout', { requests_per_second: 1 })]

    expect(rootsOf(sick).checkout).toBe('checkout')
  })
})

describe('whatever the graph', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  const edges = fc.array(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)), { maxLength: 20 })
  const feature = fc.constantFrom('request_latency_ms', 'error_rate_percent', 'requests_per_second', 'cpu_percent')
  const one = fc
    .record({
      shares: fc.dictionary(feature, share, { maxKeys: 4 }),
      level: fc.oneof(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.constant(Number.NaN)),
      since: fc.integer({ min: NOON - 600_000, max: NOON }),
      named: fc.boolean(),
    })
    .map(({ shares, level, since, named }) => ({ shares, level, since, named }))
  const illness = fc.tuple(
    edges,
    fc.uniqueArray(fc.constantFrom(...names)),
    fc.array(one, { minLength: 6, maxLength: 6 }),
  )
  const given = illness.map(([calls, who, states]) => ({
    topology: createTopology('instance', calls),
    sick: who.map((name, i) => {
      const { shares, level, since, named } = states[i]
      return ill(name, shares, { level, since, ...(named ? {} : { service: undefined }) })
    }),
  }))

  it('every target has a root that is ill and its own root, and a path of calls to it', () => {
    fc.assert(
      fc.property(given, ({ topology, sick }) => {
        const roots = rootCauses(sick, topology)

        expect([...roots.keys()]).toEqual(sick.map(({ target }) => target))
        for (const [target, root] of roots) {
          expect(roots.get(root.target)?.target).toBe(root.target)
          expect([root.path[0], root.path.at(-1)]).toEqual([target, root.target])
          expect(new Set(root.path).size).toBe(root.path.length)
          for (const [i, step] of root.path.slice(1).entries()) {
            const [from, to] = [root.path[i], step].map((id) => id.split('@')[0])
            expect([...topology.calledBy(from), ...topology.callersOf(from)]).toContain(to)
          }
          expect(root.confidence).toBeGreaterThanOrEqual(0)
          expect(root.confidence).toBeLessThanOrEqual(1)
        }
      }),
    )
  })

  it('nothing depends on the order in which targets are told', () => {
    fc.assert(
      fc.property(given, ({ topology, sick }) => {
        expect(rootsOf(sick.toReversed(), topology)).toEqual(rootsOf(sick, topology))
      }),
    )
  })

  it('a target that is no service of it is its own root and explains nobody', () => {
    fc.assert(
      fc.property(given, ({ topology, sick }) => {
        const roots = rootCauses(sick, topology)

        const strangers = new Set(sick.filter(({ service }) => service === undefined).map(({ target }) => target))
        for (const [target, root] of roots)
          if (strangers.has(target) || strangers.has(root.target)) expect(root.target).toBe(target)
      }),
    )
  })
})
