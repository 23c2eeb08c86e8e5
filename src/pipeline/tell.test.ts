import { afterEach, describe, expect, it } from 'vitest'
import { acknowledged, recovered } from '../domain/incident.ts'
import type { Message } from '../domain/message.ts'
import { createRateLimiter } from './rate-limiter.ts'
import { NotifyError } from './receivers.ts'
import { type ManualClock, manualClock } from './testing/manual-clock.ts'
import {
  incidentOf,
  messageOf,
  type ScriptedReceiver,
  START,
  scripted,
  type Telling,
  telling,
  toAll,
  unavailable,
} from './testing/telling.ts'

const kindsSent = (receiver: ScriptedReceiver) =>
  receiver.sent.map(({ bulletin }) => bulletin.messages.map(({ kind }) => kind).join('+'))
const general = (key: string): Message => {
  return { key, kind: 'frozen', at: START, severity: 'critical', labels: {}, text: 'all is frozen' }
}

let open: Telling[] = []
afterEach(async () => {
  for (const one of open) await one.stop()
  open = []
})

async function start(
  make: (clock: ManualClock) => ScriptedReceiver[],
  options: () => Parameters<typeof telling>[1] = () => ({}),
) {
  let receivers: ScriptedReceiver[] = []
  const one = await telling((clock) => {
    receivers = make(clock)
    return receivers
  }, options())
  open.push(one)
  return { ...one, receivers }
}

describe('one message', () => {
  it('goes to every receiver that it is routed to, once', async () => {
    const { say, save, pass, receivers } = await start((clock) => [scripted('a', clock), scripted('b', clock)])
    const incident = incidentOf('web-1')
    await save(incident)

    await say(messageOf(incident, 'detected'))
    await say(messageOf(incident, 'detected'))
    await pass(5)

    expect(receivers.map(kindsSent)).toEqual([['detected'], ['detected']])
  })

  it('is updated in place as its incident goes on', async () => {
    const { say, save, pass, receivers } = await start((clock) => [scripted('a', clock)])
    const incident = incidentOf('web-1')
    await save(incident)

    for (const kind of ['detected', 'acting', 'acted', 'recovered'] as const) {
      await say(messageOf(incident, kind))
      await pass(3)
    }

    expect(receivers[0].sent.map(({ bulletin }) => [bulletin.messages[0].kind, bulletin.handle])).toEqual([
      ['detected', undefined],
      ['acting', 'a-1'],
      ['acted', 'a-1'],
      ['recovered', 'a-1'],
    ])
    expect(receivers[0].sent.map(({ bulletin }) => bulletin.attention)).toEqual([true, false, false, false])
  })

  it('takes along what came up while it waited, and counts that as sent', async () => {
    const { say, save, pass, store, counts, receivers } = await start((clock) => [scripted('a', clock)])
    const incident = incidentOf('web-1')
    await save(incident)

    await say(messageOf(incident, 'detected'), messageOf(incident, 'diagnosed'), messageOf(incident, 'acting'))
    await pass(5)

    expect(kindsSent(receivers[0])).toEqual(['detected+diagnosed+acting'])
    expect(counts).toEqual({ 'a sent': 1, 'a dropped superseded': 2 })
    expect(await store.waiting()).toEqual({})
  })

  it('of a kind that only updates is not sent to a receiver that cannot update', async () => {
    const { say, save, pass, receivers } = await start((clock) => [scripted('mail', clock, { updates: 'anew' })])
    const incident = incidentOf('web-1')
    await save(incident)

    for (const kind of ['detected', 'diagnosed', 'acting', 'recovered', 'closed'] as const) {
      await say(messageOf(incident, kind))
      await pass(100)
    }

    expect(kindsSent(receivers[0])).toEqual(['detected', 'recovered'])
  })

  it('goes to a program for every event by itself', async () => {
    const { say, save, pass, receivers } = await start((clock) => [scripted('hook', clock, { updates: 'every' })])
    const incident = incidentOf('web-1')
    await save(incident)

    await say(messageOf(incident, 'detected'), messageOf(incident, 'diagnosed'), messageOf(incident, 'acting'))
    await pass(5)

    expect(kindsSent(receivers[0])).toEqual(['detected', 'diagnosed', 'acting'])
  })

  it('is not sent twice within the group interval where it cannot be updated, unless it asks for something', async () => {
    const { say, save, pass, receivers } = await start((clock) => [scripted('mail', clock, { updates: 'anew' })])
    const incident = incidentOf('web-1')
    await save(incident)

    await say(messageOf(incident, 'detected'))
    await pass(3)
    await say(messageOf(incident, 'acted'))
    await pass(3)
    await say(messageOf(incident, 'waiting'))
    await pass(80)

    const seconds = receivers[0].sent.map(({ at }) => Math.floor((at - START) / 1000))
    expect(kindsSent(receivers[0])).toEqual(['detected', 'waiting', 'acted'])
    expect(seconds[1]).toBeLessThan(10)
    expect(seconds[2]).toBeGreaterThanOrEqual(60)
  })
})

describe('grouping', () => {
  it('waits for others of the group, and tells of all of them in one message', async () => {
    let receivers: ScriptedReceiver[] = []
    const one = await telling(
      (clock) => {
        receivers = [scripted('a', clock)]
        return receivers
      },
      { dispatch: (message) => toAll(receivers, { groupKey: 'node', groupWaitMs: 30_000 })(message) },
    )
    open.push(one)
    const [first, second] = [incidentOf('web-1'), incidentOf('web-2')]
    await one.save(first, second)

    await one.say(messageOf(first, 'detected'))
    await one.pass(20)
    await one.say(messageOf(second, 'detected'))
    await one.pass(9)
    const before = receivers[0].sent.length
    await one.pass(30)

    expect(before).toBe(0)
    expect(receivers[0].sent.map(({ bulletin }) => bulletin.messages.map(({ target }) => target))).toEqual([
      ['web-1', 'web-2'],
    ])
  })
})

describe('a receiver that fails', () => {
  it('is tried again with growing pauses until it takes the message', async () => {
    const { say, pass, receivers, counts } = await start((clock) => [scripted('a', clock)])
    receivers[0].script.push(unavailable(), unavailable(), unavailable(), unavailable())

    await say(general('x'))
    await pass(60)

    const { tries } = receivers[0]
    const pauses = tries.slice(1).map((at, i) => (at - tries[i]) / 1000)
    expect(receivers[0].sent).toHaveLength(1)
    expect(pauses).toEqual([1, 2, 4, 8])
    expect(counts).toEqual({ 'a failed unavailable': 4, 'a sent': 1 })
  })

  it('is left alone for as long as it asks', async () => {
    const { say, pass, receivers } = await start((clock) => [scripted('a', clock)])
    receivers[0].script.push(new NotifyError('rate_limited', 'slow down', { retryAfterMs: 37_000 }))

    await say(general('x'), general('y'))
    await pass(60)

    const [first, second] = receivers[0].tries
    expect(second - first).toBeGreaterThanOrEqual(37_000)
    expect(receivers[0].sent).toHaveLength(2)
  })

  it('is not tried again where that would be in vain', async () => {
    const { say, pass, receivers, counts, store } = await start((clock) => [scripted('a', clock)])
    receivers[0].script.push(new NotifyError('auth', 'who are you'), new NotifyError('rejected', 'never'))

    await say(general('x'), general('y'))
    await pass(60)

    expect(receivers[0].tries).toHaveLength(2)
    expect(counts).toEqual({ 'a failed auth': 1, 'a failed rejected': 1, 'a dropped rejected': 2 })
    expect(await store.waiting()).toEqual({})
  })

  it('is given up after a bounded number of tries', async () => {
    const { say, pass, clock, receivers, counts } = await start((clock) => [scripted('a', clock)])
    receivers[0].script.push(...Array.from({ length: 100 }, unavailable))

    await say(general('x'))
    for (let i = 0; i < 60; i++) {
      await clock.advance(700_000)
      await pass(2)
    }

    expect(receivers[0].tries).toHaveLength(40)
    expect(counts['a dropped gave_up']).toBe(1)
  })

  it('delays nobody else, not even when it never answers', async () => {
    const { say, pass, receivers } = await start((clock) => [scripted('slow', clock), scripted('quick', clock)])
    receivers[0].script.push('hang')

    await say(general('x'))
    await pass(2)
    const early = receivers[1].sent.length
    await pass(20)

    expect(early).toBe(1)
    expect(receivers[0].sent).toHaveLength(1)
    expect((receivers[0].sent[0].at - receivers[0].tries[0]) / 1000).toBeGreaterThanOrEqual(15)
  })

  it('costs nothing but its message when it throws what it should not', async () => {
    const { say, pass, receivers, counts } = await start((clock) => [scripted('a', clock)])
    receivers[0].script.push(new TypeError('a mistake of ours'))

    await say(general('x'), general('y'))
    await pass(5)

    expect(receivers[0].sent).toHaveLength(1)
    expect(counts['a dropped rejected']).toBe(1)
  })

  it('has the next one of the fallback told, each once, and no one in a circle', async () => {
    const { say, pass, receivers } = await start(
      (clock) => [scripted('a', clock), scripted('b', clock), scripted('c', clock)],
      () => ({
        fallback: { afterMs: 10_000, receivers: ['b', 'a', 'c'] },
        dispatch: (message) => toAll([{ name: 'a' } as ScriptedReceiver])(message),
      }),
    )
    receivers[0].script.push(...Array.from({ length: 50 }, unavailable))
    receivers[1].script.push(new NotifyError('rejected', 'never'))

    await say(general('x'))
    await pass(9)
    const early = receivers[1].tries.length
    await pass(120)

    expect(early).toBe(0)
    expect(receivers[1].tries).toHaveLength(1)
    expect(receivers[2].sent.map(({ bulletin }) => bulletin.messages[0].addressed)).toEqual([
      { to: 'c', because: 'fallback', failed: ['a', 'b'] },
    ])
  })
})

describe('rate limits', () => {
  it('are kept, whatever is waiting', async () => {
    const limits = [
      { key: 'second', count: 1, perMs: 1_000 },
      { key: 'minute', count: 5, perMs: 60_000 },
    ]
    const { say, pass, receivers } = await start((clock) => [scripted('a', clock, { limits })])

    await say(...Array.from({ length: 12 }, (_, i) => general(`m${i}`)))
    await pass(200)

    const { tries } = receivers[0]
    expect(tries).toHaveLength(12)
    for (const [i, at] of tries.entries()) {
      if (i >= 1) expect(at - tries[i - 1]).toBeGreaterThanOrEqual(1_000)
      if (i >= 5) expect(at - tries[i - 5]).toBeGreaterThanOrEqual(60_000)
    }
  })

  it('with the same key are one', async () => {
    const clock = manualClock(START)
    const limiter = createRateLimiter(clock)
    const limit = { key: 'bot', count: 1, perMs: 1_000 }
    let done = 0

    const { signal } = new AbortController()
    for (let i = 0; i < 3; i++) void limiter.acquire([limit], signal).then(() => done++)
    await clock.advance(0)
    const atOnce = done
    await clock.advance(1_000)

    expect([atOnce, done]).toEqual([1, 2])
  })
})

describe('what is silent', () => {
  it('is held while its target is silenced, and told afterwards if it still goes on', async () => {
    const { say, save, pass, store, receivers } = await start((clock) => [scripted('a', clock)])
    const [goesOn, ends] = [incidentOf('web-1'), incidentOf('web-2')]
    await save(goesOn, ends)
    await store.transaction(async (entries) => {
      for (const target of ['web-1', 'web-2']) {
        const silence = { from: START, until: START + 60_000, by: 'telegram:1', text: '' }
        await entries.addSilence({ id: target, target, ...silence })
      }
    })

    await say(messageOf(goesOn, 'detected'), messageOf(ends, 'detected'))
    await pass(30)
    const early = receivers[0].sent.length
    await save(recovered(ends, START + 31_000, 'over'))
    await say(messageOf(ends, 'recovered', START + 31_000))
    await pass(60)

    expect(early).toBe(0)
    expect(receivers[0].sent.map(({ bulletin }) => bulletin.messages[0].target)).toEqual(['web-1'])
  })

  it('still updates what was said before, without calling for attention', async () => {
    const { say, save, pass, store, receivers } = await start((clock) => [scripted('a', clock)])
    const incident = incidentOf('web-1')
    await save(incident)
    await say(messageOf(incident, 'detected'))
    await pass(3)
    const silence = { id: 's', target: 'web-1', from: START, until: START + 600_000, by: 'x', text: '' }
    await store.transaction((entries) => entries.addSilence(silence))

    await say(messageOf(incident, 'waiting'))
    await pass(3)

    expect(kindsSent(receivers[0])).toEqual(['detected', 'waiting'])
    expect(receivers[0].sent[1].bulletin).toMatchObject({ handle: 'a-1', attention: false })
  })

  it('elsewhere is told when that is over or was lifted, and not what has ended by then', async () => {
    const silenced = new Map([
      ['web-1', START + 8 * 3_600_000],
      ['web-2', START + 8 * 3_600_000],
    ])
    const silencedElsewhere = ({ target }: { target: string }, at: number) => {
      const until = silenced.get(target)
      return until !== undefined && at < until ? until : undefined
    }
    const { say, save, pass, store, receivers } = await start(
      (clock) => [scripted('a', clock)],
      () => ({ silencedElsewhere }),
    )
    const [goesOn, ends] = [incidentOf('web-1'), incidentOf('web-2')]
    await save(goesOn, ends)

    await say(messageOf(goesOn, 'detected'), messageOf(ends, 'detected'))
    await pass(3600)
    await save(recovered(ends, START + 3_600_000, 'over'))
    await say(messageOf(ends, 'recovered', START + 3_600_000))
    await pass(5)
    const early = receivers[0].sent.length
    silenced.clear()
    await pass(70)

    expect(early).toBe(0)
    expect(receivers[0].sent.map(({ bulletin }) => bulletin.messages.map(({ target }) => target))).toEqual([['web-1']])
    expect(await store.waiting()).toEqual({})
  })

  it('elsewhere hides nothing from a receiver that keeps silences itself', async () => {
    const { say, save, pass, receivers } = await start(
      (clock) => [scripted('alertmanager', clock, { silencesItself: true }), scripted('a', clock)],
      () => ({ silencedElsewhere: (_, at) => at + 3_600_000 }),
    )
    const incident = incidentOf('web-1')
    await save(incident)

    await say(messageOf(incident, 'detected'))
    await pass(5)

    expect(receivers.map(({ sent }) => sent.length)).toEqual([1, 0])
  })

  it('however often it is held back, does not use up its tries', async () => {
    const { say, save, pass, receivers } = await start(
      (clock) => [scripted('a', clock)],
      () => ({ silencedElsewhere: (_, at) => (at < START + 3_600_000 ? START + 3_600_000 : undefined) }),
    )
    const incident = incidentOf('web-1')
    await save(incident)

    await say(messageOf(incident, 'detected'))
    await pass(3595)
    receivers[0].script.push(unavailable())
    await pass(70)

    expect([receivers[0].tries.length, receivers[0].sent.length]).toEqual([2, 1])
  })

  it('by a time interval is told when that has passed', async () => {
    const end = START + 90_000
    const { say, pass, receivers } = await start(
      (clock) => [scripted('a', clock)],
      () => ({
        dispatch: (message) =>
          toAll([{ name: 'a' } as ScriptedReceiver], { heldUntil: (at) => (at < end ? end : undefined) })(message),
      }),
    )

    await say(general('x'))
    await pass(120)

    expect(receivers[0].sent.map(({ at }) => at >= end)).toEqual([true])
  })
})

describe('what goes on for long', () => {
  const hourly = () => ({
    dispatch: (message: Message) =>
      toAll([{ name: 'a' } as ScriptedReceiver], { repeatIntervalMs: 3_600_000 })(message),
  })

  it('is said again, as a new message, until somebody acknowledges it', async () => {
    const { say, save, pass, clock, receivers } = await start((clock) => [scripted('a', clock)], hourly)
    const incident = incidentOf('web-1')
    await save(incident)
    await say(messageOf(incident, 'detected'))
    await pass(3)

    await clock.advance(3_600_000)
    await pass(20)
    await save(acknowledged(incident, clock.now(), 'telegram:1'))
    await clock.advance(3_600_000)
    await pass(20)

    expect(receivers[0].sent.map(({ bulletin }) => [bulletin.handle, bulletin.attention])).toEqual([
      [undefined, true],
      [undefined, true],
    ])
  })

  it('calls whoever the escalation names when nobody acknowledges it in time, once', async () => {
    const { say, save, pass, clock, receivers } = await start(
      (clock) => [scripted('a', clock), scripted('boss', clock)],
      () => ({
        escalation: { afterMs: 900_000, receiver: 'boss' },
        dispatch: (message) => toAll([{ name: 'a' } as ScriptedReceiver])(message),
      }),
    )
    const [heard, unheard] = [incidentOf('web-1'), incidentOf('web-2')]
    await save(acknowledged(heard, START, 'telegram:1'), unheard)
    await say(messageOf(heard, 'detected'), messageOf(unheard, 'detected'))

    await pass(20)
    const early = receivers[1].sent.length
    await clock.advance(900_000)
    await pass(60)

    expect(early).toBe(0)
    expect(receivers[1].sent.map(({ bulletin }) => bulletin.messages[0])).toMatchObject([
      { kind: 'escalated', target: 'web-2', text: 'nobody has acknowledged this within 15 min' },
    ])
  })

  it('is told again and again to a receiver that forgets, and to no other', async () => {
    const { save, pass, receivers } = await start((clock) => [
      scripted('forgets', clock, { refreshMs: 60_000 }),
      scripted('other', clock),
    ])
    await save(incidentOf('web-1'), recovered(incidentOf('web-2'), START, 'over'))

    await pass(130)

    expect(receivers[0].sent.map(({ bulletin }) => bulletin.messages.map(({ target }) => target))).toEqual([
      ['web-1'],
      ['web-1'],
      ['web-1'],
    ])
    expect(receivers[1].sent).toEqual([])
  })
})

describe('the end of an incident', () => {
  it('is told to whoever was called in, too, in the message that called', async () => {
    const { say, save, pass, receivers } = await start(
      (clock) => [scripted('a', clock), scripted('boss', clock), scripted('c', clock)],
      () => ({
        escalation: { afterMs: 60_000, receiver: 'boss' },
        dispatch: (message) => {
          const to = message.addressed?.to ?? 'a'
          return toAll([])({ ...message, addressed: { to, because: 'repeat', failed: [] } })
        },
      }),
    )
    const incident = incidentOf('web-1')
    await save(incident)
    await say(messageOf(incident, 'detected'))
    await pass(90)

    await save(recovered(incident, START + 90_000, 'well'))
    await say(messageOf(incident, 'recovered'))
    await pass(70)

    expect(receivers.map(kindsSent)).toEqual([['detected', 'recovered'], ['escalated', 'recovered'], []])
    expect(receivers[1].sent[1].bulletin.handle).toBe('boss-1')
  })
})

describe('a restart', () => {
  it('loses nothing, and sends again what was under way', async () => {
    const { say, save, pass, stop, store, receivers } = await start((clock) => [scripted('a', clock)])
    receivers[0].script.push('hang')
    const incident = incidentOf('web-1')
    await save(incident)
    await say(messageOf(incident, 'detected'))
    await pass(3)
    await stop()

    const later: ScriptedReceiver[] = []
    const next = await telling(
      (clock) => {
        later.push(scripted('a', clock))
        return later
      },
      { on: store, at: START + 10_000 },
    )
    open.push(next)
    await next.pass(3)

    expect(receivers[0].tries).toHaveLength(1)
    expect(later.map(kindsSent)).toEqual([['detected']])
  })

  it('finds the message of an incident again', async () => {
    const { say, save, pass, stop, store } = await start((clock) => [scripted('a', clock)])
    const incident = incidentOf('web-1')
    await save(incident)
    await say(messageOf(incident, 'detected'))
    await pass(3)
    await stop()

    const later: ScriptedReceiver[] = []
    const next = await telling(
      (clock) => {
        later.push(scripted('a', clock))
        return later
      },
      { on: store, at: START + 10_000 },
    )
    open.push(next)
    await next.say(messageOf(incident, 'recovered'))
    await next.pass(3)

    expect(later[0].sent[0].bulletin.handle).toBe('a-1')
  })
})

describe('without receivers', () => {
  it('messages are taken note of and sent to nobody, later ones included', async () => {
    const { say, pass, store } = await start(() => [])

    await say(general('x'))
    await pass(3)

    expect(await store.unrouted(10)).toEqual([])
    expect(await store.waiting()).toEqual({})
  })
})

it('waits no longer than it is slept when it is woken', async () => {
  const { say, tell, clock, receivers } = await start((clock) => [scripted('a', clock)])
  const turns = async () => {
    for (let i = 0; i < 40; i++) await new Promise((resolve) => setImmediate(resolve))
  }
  await turns()

  await say(general('x'))
  tell.wake()
  await turns()

  expect(receivers[0].sent).toHaveLength(1)
  expect(clock.now()).toBe(START)
})

describe('a storm', () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => incidentOf(`s-${i}`))

  it.each(['in_place', 'anew'] as const)(
    'of a hundred incidents is one message where updates are %s',
    async (updates) => {
      const { say, save, pass, receivers, store } = await start((clock) => [scripted('a', clock, { updates })])
      const incidents = many(100)
      await save(...incidents)

      await say(...incidents.map((one) => messageOf(one, 'detected')))
      await pass(5)

      expect(receivers[0].sent.map(({ bulletin }) => bulletin.messages.length)).toEqual([100])
      expect(receivers[0].sent[0].bulletin.attention).toBe(true)
      expect(await store.waiting()).toEqual({})
    },
  )

  it('is over in messages that tell of several, a minute apart, without the steps between', async () => {
    const { say, save, pass, receivers, store } = await start((clock) => [scripted('a', clock)])
    const incidents = many(40)
    await save(...incidents)
    await say(...incidents.map((one) => messageOf(one, 'detected')))
    await pass(2)

    await say(...incidents.map((one) => messageOf(one, 'acting')))
    for (const one of incidents) {
      await say(messageOf(one, 'recovered'))
      await pass(1)
    }
    await pass(120)

    const told = receivers[0].sent.map(({ bulletin }) => bulletin.messages.map(({ kind }) => kind))
    expect(told.length).toBeLessThanOrEqual(4)
    expect(told.flat().filter((kind) => kind === 'recovered')).toHaveLength(40)
    expect(told.flat()).not.toContain('acting')
    expect(receivers[0].sent.map(({ bulletin }) => bulletin.handle)).toEqual(told.map(() => undefined))
    expect(await store.waiting()).toEqual({})
  })

  it('does not swallow a question, which then has a message of its own', async () => {
    const { say, save, pass, receivers } = await start((clock) => [scripted('a', clock)])
    const incidents = many(20)
    await save(...incidents)
    await say(...incidents.map((one) => messageOf(one, 'detected')))
    await pass(2)

    await say(messageOf(incidents[3], 'waiting'))
    await pass(2)
    await say(messageOf(incidents[3], 'recovered'))
    await pass(2)

    expect(kindsSent(receivers[0]).slice(1)).toEqual(['waiting', 'recovered'])
    expect(receivers[0].sent.slice(1).map(({ bulletin }) => bulletin.handle)).toEqual([undefined, 'a-2'])
  })

  it('leaves ten to be told one by one, and a receiver that groups by itself alone', async () => {
    const { say, save, pass, receivers } = await start((clock) => [
      scripted('a', clock),
      { ...scripted('b', clock), groupsItself: true },
    ])
    const [ten, more] = [many(10), many(31).slice(10)]
    await save(...ten, ...more)

    await say(...ten.map((one) => messageOf(one, 'detected')))
    await pass(2)
    await say(...more.map((one) => messageOf(one, 'detected')))
    await pass(2)

    expect(receivers.map(({ sent }) => sent.length)).toEqual([11, 31])
  })

  it('that still goes on is said again in one message, too', async () => {
    const { say, save, pass, receivers } = await start(
      (clock) => [scripted('a', clock)],
      () => ({}),
    )
    const incidents = many(30)
    await save(...incidents)
    await say(...incidents.map((one) => messageOf(one, 'detected')))
    await pass(2)

    const again = { to: 'a', because: 'repeat', failed: [] } as const
    await say(...incidents.map((one) => ({ ...messageOf(one, 'detected'), key: `${one.id}:again`, addressed: again })))
    await pass(70)

    expect(receivers[0].sent.map(({ bulletin }) => bulletin.messages.length)).toEqual([30, 30])
  })
})
