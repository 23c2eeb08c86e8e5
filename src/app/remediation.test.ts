import { describe, expect, it } from 'vitest'
import { alertOf } from '../pipeline/testing/bench.ts'
import { loopOf } from './testing/loop-of.ts'

describe('the loop', () => {
  it('takes one delivery of alerts after the other while time stands still, as between two readings of a replay', async () => {
    const { loop } = await loopOf('observe')
    const { receiveAlerts } = loop.responder

    const first = await receiveAlerts([alertOf('web')], 0, undefined)
    const second = await receiveAlerts([alertOf('db')], 0, undefined)

    expect([first.taken, second.taken]).toEqual([1, 1])
  })
})
