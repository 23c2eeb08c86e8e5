import { describe, expect, it } from 'vitest'
import type { Exchange } from '../act/backends/transport.ts'
import { manualClock } from '../pipeline/testing/manual-clock.ts'
import { effectsOf, requestOf } from './testing/effects-of.ts'

const NEVER = new AbortController().signal

const entry = (name: string, match: string) => `
      - name: ${name}
        does: restart
        match: '${match}'
        url: http://127.0.0.1:9798/actions
        body: { action: restart, service: { label: instance, pattern: "[a-z0-9-]{1,63}" } }`

/** Effects whose requests are only written down. */
function open(...entries: string[]) {
  const sent: Exchange[] = []
  const send = async (exchange: Exchange) => {
    sent.push(exchange)
    return { status: 200, headers: {}, body: '' }
  }
  const text = `actions:\n  http:\n    allow_addresses: [127.0.0.1]\n    requests:${entries.join('')}\n`
  return { sent, effects: effectsOf(text, { clock: manualClock(0), send: send as never }) }
}

const restart = (instance: string, job = 'push') => requestOf('restart', {}, { instance, job })

describe('a request that carries an action out', () => {
  it('is sent for a target that it matches, with the label in its slot', async () => {
    const { effects, sent } = open(entry('restart-service', '{job="push"}'))

    const effect = await effects.prepare(restart('checkout'), NEVER)
    await effect.run(NEVER)

    expect(effects.selector(restart('checkout'))).toEqual({ ok: true })
    expect(effect.call).toContain('POST http://127.0.0.1:9798/actions')
    expect(JSON.parse(String(sent[0].body))).toEqual({ action: 'restart', service: 'checkout' })
  })

  it.each([
    ['another action', requestOf('scale_up', {}, { instance: 'checkout', job: 'push' }), /no entry of actions.targets/],
    ['another target', restart('checkout', 'node'), /no entry of actions.targets/],
    ['a label that does not fit', restart('; reboot'), /does not fit|pattern/],
    [
      'parameters that the action does not have',
      requestOf('restart', { now: true }, { instance: 'a', job: 'push' }),
      /now/,
    ],
  ])('is refused for %s', (_name, request, reason) => {
    const { effects, sent } = open(entry('restart-service', '{job="push"}'))

    expect(effects.selector(request)).toMatchObject({ ok: false, reason: expect.stringMatching(reason) })
    expect(sent).toEqual([])
  })

  it('is refused where there are two of them', () => {
    const { effects } = open(entry('one', '{job="push"}'), entry('other', '{instance="checkout"}'))

    expect(effects.selector(restart('checkout'))).toMatchObject({
      ok: false,
      reason: expect.stringContaining('both say how to restart'),
    })
  })
})
