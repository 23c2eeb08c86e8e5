import { describe, expect, it } from 'vitest'
import { loopOf, NOON } from './testing/loop-of.ts'

/** A loop in whose ledger an action on `web` waits for a person. */
async function waiting() {
  const bench = await loopOf('approve')
  await bench.cycles(2, 'well')
  await bench.cycles(2, 'unwell')
  const { items } = await bench.remediation.actions({ limit: 10 })
  return { ...bench, id: items[0].id }
}

const restart = { target: 'web@node', action: 'restart', parameters: {}, reason: 'it hangs' } as const

describe('an action that waits', () => {
  it('is done when a person says yes, and says who', async () => {
    const { remediation, effects, heal, id } = await waiting()
    expect(await remediation.action(id)).toMatchObject({ state: 'AWAITING_APPROVAL', rule: 'unwell' })

    const taken = await remediation.approve(id, 'api:alice')
    await heal()

    expect(taken).toMatchObject({ ok: true, action: { state: 'PLANNED', approvedBy: 'api:alice' } })
    expect(effects.done).toHaveLength(1)
    expect(await remediation.action(id)).toMatchObject({ state: 'SUCCEEDED', approvedBy: 'api:alice' })
  })

  it('takes one answer only', async () => {
    const { remediation, effects, heal, id } = await waiting()

    const answers = await Promise.all([remediation.approve(id, 'api:alice'), remediation.deny(id, 'api:bob')])
    await heal()

    expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
    expect(effects.done.length).toBe(answers[0].ok ? 1 : 0)
  })

  it('is refused by a no, which costs the rule a mode and calls for a person', async () => {
    const { remediation, incidents, effects, heal, id } = await waiting()

    await remediation.deny(id, 'telegram:42', 'not now')
    await heal()

    expect(await remediation.action(id)).toMatchObject({ state: 'REFUSED', reason: 'denied by telegram:42: not now' })
    expect(effects.done).toEqual([])
    expect((await incidents.list({ limit: 1 })).items).toMatchObject([{ state: 'escalated' }])
    const [rule] = await remediation.rules()
    expect(rule).toMatchObject({ name: 'unwell', mode: 'approve', standings: [{ group: 'node', mode: 'suggest' }] })
  })

  it('takes no yes any more when its target is well again', async () => {
    const { remediation, cycles, id } = await waiting()
    await cycles(1, 'well')

    expect(await remediation.approve(id, 'api')).toMatchObject({
      ok: false,
      why: 'not_waiting',
      text: 'the target is well again',
    })
    expect(await remediation.action(id)).toMatchObject({ state: 'EXPIRED' })
  })

  it('takes no answer after its time', async () => {
    const { remediation, clock, id } = await waiting()
    await clock.advance(600_000)

    expect(await remediation.approve(id, 'api')).toMatchObject({ ok: false, why: 'not_waiting' })
    expect(await remediation.deny('nobody', 'api')).toMatchObject({ ok: false, why: 'not_found' })
  })
})

describe('a person’s own action', () => {
  it('is done on a target that is well, through the guards', async () => {
    const { remediation, cycles, heal, effects } = await loopOf('observe')
    await cycles(2, 'well')

    const asked = await remediation.request(restart, 'api:alice')
    await heal()

    expect(asked).toMatchObject({
      ok: true,
      repeated: false,
      action: { rule: 'manual', by: 'api:alice', state: 'PLANNED' },
    })
    expect(effects.done).toMatchObject([{ action: 'restart', target: { id: 'web@node' } }])
  })

  it('is refused with the guard’s words', async () => {
    const { remediation, cycles, heal, effects } = await loopOf('observe')
    await cycles(2, 'well')
    await remediation.freeze('deploy', 'api:bob')

    const asked = await remediation.request(restart, 'api:alice')
    await heal()

    expect(asked).toMatchObject({ action: { state: 'REFUSED', reason: 'kill_switch: frozen by api:bob: deploy' } })
    expect(effects.done).toEqual([])
  })

  it('is one, however often the same request is sent', async () => {
    const { remediation, cycles, heal, effects } = await loopOf('observe')
    await cycles(2, 'well')
    const manual = { ...restart, idempotencyKey: 'k1' }

    const all = await Promise.all(Array.from({ length: 20 }, () => remediation.request(manual, 'api:alice')))
    await heal()

    expect(all.filter((asked) => asked.ok && !asked.repeated)).toHaveLength(1)
    expect(effects.done).toHaveLength(1)
  })

  it('needs a target that is known, and parameters that fit', async () => {
    const { remediation, cycles } = await loopOf('observe')
    await cycles(2, 'well')

    expect(await remediation.request({ ...restart, target: '' }, 'api')).toMatchObject({ why: 'target_not_found' })
    expect(await remediation.request({ ...restart, parameters: { bad: 1 } }, 'api')).toMatchObject({ why: 'invalid' })
  })
})

describe('the kill switch', () => {
  it('is on until a person turns it off, and the first one’s word stays', async () => {
    const { remediation, loop, counted, heal, journal, log } = await loopOf('auto')

    expect(await remediation.freeze('deploy', 'api:alice')).toMatchObject({ by: 'api:alice', reason: 'deploy' })
    expect(await remediation.freeze('again', 'api:bob')).toMatchObject({ by: 'api:alice' })
    await heal()
    expect(await counted(/^homeostat_frozen/)).toEqual(['homeostat_frozen 1'])

    expect(await remediation.unfreeze('api:alice', 'all quiet')).toBeUndefined()
    expect(log.join()).toMatch(/"by":"api:alice","reason":"all quiet".*unfrozen/)
    expect(await journal.unrouted(9)).toMatchObject([
      { kind: 'frozen', text: 'frozen by api:alice: deploy' },
      { kind: 'unfrozen', text: 'unfrozen by api:alice: all quiet' },
    ])
    await heal()
    expect(await remediation.frozen()).toBeUndefined()
    expect(await counted(/^homeostat_frozen/)).toEqual([])
    expect(loop.healer.underWay).toBe(0)
  })

  it('that is a file can only be taken away where it is', async () => {
    const { remediation, file, cycles, heal, effects } = await loopOf('auto')
    file.freeze = { by: 'file', reason: 'the file is there', at: NOON }

    await cycles(2, 'well')
    await cycles(3, 'unwell')
    await heal()

    expect(effects.done).toEqual([])
    expect(await remediation.unfreeze('api')).toMatchObject({ by: 'file' })
    expect(await remediation.frozen()).toMatchObject({ by: 'file' })
  })
})

it('a silence stops actions, is told in the incident and masks the training', async () => {
  const { remediation, incidents, cycles, experience, effects, heal } = await loopOf('auto')
  await cycles(2, 'well')
  await cycles(1, 'unwell')
  const { items } = await incidents.list({ limit: 1 })

  const silenced = await remediation.silence(items[0].id, NOON + 3_600_000, 'known', 'api:alice')
  await cycles(3, 'unwell')
  await heal()

  expect(silenced).toMatchObject({ silence: { target: 'web@node', by: 'api:alice' } })
  expect(effects.done).toEqual([])
  expect(experience.masked('web@node', NOON + 1_800_000)).toBe(true)
  expect(await remediation.silence('nobody', NOON, '', 'api')).toBeUndefined()
})
