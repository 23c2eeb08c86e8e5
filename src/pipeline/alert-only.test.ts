import { describe, expect, it } from 'vitest'
import { alertOf, openBench } from './testing/bench.ts'

const planned = async ({ actions }: Awaited<ReturnType<typeof openBench>>) =>
  (await actions()).filter(({ state }) => state === 'PLANNED').map(({ target }) => target)

describe('a target that only alerts speak of', () => {
  it('is acted on in a group whose size is known: its alert is as fresh as its sender says', async () => {
    const bench = await openBench()
    await bench.cycles(2)

    await bench.responder.receiveAlerts([alertOf('ghost')], 0, undefined)
    await bench.cycles(2)

    expect(await planned(bench)).toEqual(['ghost@node'])
  })

  it('freezes all in a group of which nobody knows the size, or that has no name: somebody must say it', async () => {
    const bench = await openBench()
    const nameless = { alertname: 'MemoryLow', instance: 'ghost' }
    await bench.cycles(2)

    await bench.responder.receiveAlerts([alertOf('a', { labels: { ...nameless, job: 'unheard-of' } })], 0, undefined)
    await bench.responder.receiveAlerts([alertOf('b', { labels: nameless })], 0, undefined)
    await bench.cycles(2)

    for (const target of ['ghost@unheard-of', 'ghost@']) {
      expect(await bench.incident(target)).toMatchObject({ state: 'opened', decision: { guard: 'fleet_breaker' } })
    }
    expect(await bench.store.transaction((entries) => entries.freeze())).toMatchObject({
      by: 'homeostat',
      reason: expect.stringMatching(
        /^nobody knows how many targets the group unheard-of has: .*groups.sizes.*unfreeze$/,
      ),
    })
    expect(await planned(bench)).toEqual([])
  })

  it('counts as unhealthy, and as one more, in its group', async () => {
    const bench = await openBench({ others: 7 })
    await bench.cycles(2)
    const ghosts = ['a', 'b', 'c'].map((name) => alertOf(name))

    await bench.responder.receiveAlerts(ghosts.slice(0, 2), 0, undefined)
    await bench.responder.receiveAlerts(ghosts.slice(2), 0, undefined)
    await bench.cycles(2)

    expect((await bench.incident('a@node')).decision?.reason).toMatch(/^3 of 10 targets .* are unhealthy/)
    expect(await planned(bench)).toEqual([])
  })

  it('is left alone while the source answers in part: who knows what else is ill', async () => {
    const bench = await openBench()
    await bench.cycles(2)
    await bench.responder.receiveAlerts([alertOf('ghost')], 0, undefined)

    for (let i = 0; i < 4; i++) {
      await bench.cycle([], [], ['a query timed out'])
      await bench.clock.advance(15_000)
    }

    expect(await bench.incident('ghost@node')).toMatchObject({ decision: { guard: 'fresh_data' } })
    expect(await planned(bench)).toEqual([])
  })

  it('is not one that the detectors have judged and that has gone out of sight', async () => {
    const bench = await openBench()
    await bench.cycles(2)
    await bench.cycles(1, ['web'])
    await bench.responder.receiveAlerts([alertOf('web')], 0, undefined)

    await bench.cycles(4)

    expect(await bench.incident('web@node')).toMatchObject({
      decision: { guard: 'fresh_data', reason: 'nothing is heard of the target' },
    })
    expect(await planned(bench)).toEqual([])
  })
})
