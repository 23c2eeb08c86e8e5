import { describe, expect, it } from 'vitest'
import { createTopology } from '../diagnose/topology.ts'
import type { Diagnosis } from '../domain/diagnosis.ts'
import type { Facts } from '../domain/facts.ts'
import { alertOf, type BenchOptions, NOON, openBench } from './testing/bench.ts'

const topology = createTopology('instance', [
  ['gateway', 'checkout'],
  ['checkout', 'payments'],
])

/** Payments leaks memory; whoever else is unwell is slow. */
function diagnose({ target }: Facts): Diagnosis {
  const cause = target === 'payments@node' ? 'memory_leak' : 'latency'
  return { cause, confidence: 0.8, evidence: [`${cause} seen`], rootTarget: target }
}

/** With the two cycles behind it that data need to be trusted. */
async function openCascade(options: BenchOptions = {}) {
  const bench = await openBench({ topology: () => topology, diagnose, ...options })
  await bench.cycles(2)
  return bench
}

describe('a service that waits for another', () => {
  it('is not acted on: the action is for the one where the cause sits', async () => {
    const bench = await openCascade()

    await bench.cycles(3, ['gateway', 'checkout', 'payments'])

    expect((await bench.actions()).map(({ target, state }) => [target, state])).toEqual([['payments@node', 'PLANNED']])
    const { diagnosis, decision } = await bench.incident('gateway@node')
    expect(diagnosis).toMatchObject({ cause: 'dependency_failing', rootTarget: 'payments@node' })
    expect(diagnosis?.evidence).toEqual(['payments@node has memory_leak', 'by way of checkout@node', 'latency seen'])
    expect(decision).toMatchObject({ verdict: 'none', reason: expect.stringContaining('payments@node') })
  })

  it('is noted on the incident of the other, and the other on its own', async () => {
    const bench = await openCascade()

    await bench.cycles(1, ['checkout'])
    await bench.cycles(2, ['checkout', 'payments'])

    const [checkout, payments] = [await bench.incident('checkout@node'), await bench.incident('payments@node')]
    expect(payments.related).toEqual([checkout.id])
    expect(checkout.related).toEqual([payments.id])
    expect(checkout.diagnosis?.rootTarget).toBe('payments@node')
  })

  it('does not count for the fleet breaker', async () => {
    const sick = ['gateway', 'checkout', 'payments']
    const alone = await openCascade({ others: 7, topology: undefined })
    const joined = await openCascade({ others: 7 })

    await alone.cycles(3, sick)
    await joined.cycles(3, sick)

    const refusals = (await alone.actions('payments@node')).map(({ reason }) => reason)
    expect(refusals.at(-1)).toMatch(/^fleet_breaker/)
    expect((await joined.actions('payments@node')).map(({ state }) => state)).toEqual(['PLANNED'])
  })

  it('is left in peace while the other has only just come to itself, and looked at for itself later', async () => {
    const bench = await openCascade({ mode: 'observe' })
    await bench.cycles(3, ['checkout', 'payments'])

    await bench.cycles(2, ['checkout'], ['payments'])
    const soon = (await bench.actions('checkout@node')).length
    await bench.cycles(10, ['checkout'], ['payments'])

    expect(soon).toBe(0)
    expect((await bench.actions('checkout@node')).map(({ state }) => state)).toEqual(['DRY_RUN'])
    expect((await bench.incident('checkout@node')).diagnosis).toMatchObject({ cause: 'latency' })
  })

  it('is not acted on when it is an alert that speaks of it, either', async () => {
    const bench = await openCascade()
    await bench.cycles(3, ['checkout', 'payments'])

    await bench.responder.receiveAlerts([alertOf('checkout', { startsAt: NOON })], 0, undefined)
    await bench.cycles(1, ['checkout', 'payments'])

    expect(await bench.actions('checkout@node')).toEqual([])
  })
})

it('services that do not call each other are acted on one by one', async () => {
  const bench = await openCascade({ limits: { concurrency: { target: 1, group: 5, all: 5 } } })

  await bench.cycles(3, ['gateway', 'payments'])

  expect((await bench.actions()).map(({ target }) => target).sort()).toEqual(['gateway@node', 'payments@node'])
})
