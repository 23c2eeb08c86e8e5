import { expect, it } from 'vitest'
import { fakeFleet } from '../../api/testing/fake-fleet.ts'
import type { AnswerContext, Answers, ListedPerson } from '../../notify/answers.ts'
import type { KeptSilence, Notifier } from '../../notify/notifier.ts'
import { createRateLimiter } from '../../pipeline/rate-limiter.ts'
import { createLogger } from '../../platform/logger.ts'
import { loopOf } from '../testing/loop-of.ts'
import { listenToPeople } from './listening.ts'

const NOBODY = {
  capabilities: { updates: 'in_place', picture: false, buttons: true, maxLength: 100 },
  limits: [],
} as const

/** A receiver by which people answer; what it is given to listen with is kept. */
function heard(connection: string, user: string) {
  const calls: { people: readonly ListedPerson[]; context: AnswerContext }[] = []
  const answers: Answers = {
    connection,
    people: [{ chat: 'c', user, role: 'operate' }],
    listen: async (people, context) => void calls.push({ people, context }),
  }
  const notifier: Notifier = { ...NOBODY, answers, send: async () => ({}) }
  return { notifier, calls }
}

async function listening(notifiers: Readonly<Record<string, Notifier>>) {
  const bench = await loopOf('observe')
  await bench.cycles(3, 'unwell')
  const named = Object.entries(notifiers).map(([name, notifier]) => ({ name, notifier }))
  const log: string[] = []
  const dependencies = {
    ...{ fleet: fakeFleet(), incidents: bench.incidents, remediation: bench.remediation },
    ...{ nonces: bench.journal, clock: bench.clock, limiter: createRateLimiter(bench.clock) },
    metrics: { answered: (receiver: string, result: string) => void log.push(`${receiver} ${result}`) },
    logger: createLogger('warn', { write: (line: string) => void log.push(line) }),
  }
  await listenToPeople(named, dependencies, new AbortController().signal)
  return { ...bench, log }
}

it('two receivers of one bot share a connection: one asks for the people of both', async () => {
  const [first, second, other] = [heard('bot', '1'), heard('bot', '2'), heard('another', '3')]

  const { log } = await listening({ a: first.notifier, b: second.notifier, c: other.notifier })

  const asked = [first, second, other].flatMap(({ calls }) => calls.map(({ people }) => people.map(({ user }) => user)))
  expect(asked).toEqual([['1', '2'], ['3']])
  second.calls.concat(first.calls)[0].context.counted('ignored')
  expect(log).toEqual(['a ignored'])
})

it('a silence from a chat is set wherever else silences are kept, and holds where that fails', async () => {
  const chat = heard('bot', '1')
  const kept: KeptSilence[] = []
  const keeper: Notifier = { ...NOBODY, send: async () => ({}), silence: async (silence) => void kept.push(silence) }
  const broken: Notifier = { ...keeper, silence: () => Promise.reject(new Error('down')) }
  const { clock, journal, log } = await listening({ chat: chat.notifier, keeper, broken })
  const [{ context }] = chat.calls

  const person = { by: 'telegram:1', role: 'operate' } as const
  const reply = await context.services.command('silence', ['web', '2h'], person, clock.now())

  expect(reply).toMatchObject({ done: true })
  expect(kept).toMatchObject([{ labels: { instance: 'web', job: 'node' }, by: 'telegram:1' }])
  expect(kept[0].until - kept[0].from).toBe(7_200_000)
  expect(await journal.transaction((entries) => entries.silences(clock.now()))).toHaveLength(1)
  await expect.poll(() => log.join('')).toContain('a silence was not taken over')
})
