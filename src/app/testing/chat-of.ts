import { expect, vi } from 'vitest'
import { startTelegram } from '../../../test/support/telegram-server.ts'
import { fakeFleet, verdictOf } from '../../api/testing/fake-fleet.ts'
import { loadConfig } from '../../config/load.ts'
import { formatProblem } from '../../config/problem.ts'
import { createLogger } from '../../platform/logger.ts'
import { createMetrics } from '../../platform/metrics.ts'
import { createNotifications } from '../notifications.ts'
import { receiverSchemas } from '../registry.ts'
import { environmentOf } from './effects-of.ts'
import { loopOf } from './loop-of.ts'

export const CHAT = -100123
/** Who may do all, who may act, who may look, and who is not on the list. */
export const [ADMIN, OPERATOR, READER, STRANGER] = [40, 41, 42, 66]

const config = (apiUrl: string) => `
notifications:
  receivers:
    - name: oncall
      telegram:
        token_env: TOKEN
        chat_id: ${CHAT}
        chats: [${ADMIN}]
        users: [{ id: ${ADMIN}, role: admin }, { id: ${OPERATOR} }, { id: ${READER}, role: read }]
        picture: false
        api_url: ${apiUrl}
  route: { receiver: oncall, group_wait: 0s, group_interval: 0s }
`

/** The loop on a store in memory, told of and answered in a chat of a Bot API server of its own. */
export async function chatOf(mode: Parameters<typeof loopOf>[0]) {
  const bench = await loopOf(mode)
  const { clock, journal, incidents, remediation } = bench
  const server = await startTelegram({ chats: [CHAT, ADMIN], now: clock.now })
  const text = config(server.url)
  const flags = { config: '/etc/homeostat/homeostat.yaml' }
  const loaded = loadConfig({ flags, env: {}, readFile: () => text, receivers: receiverSchemas })
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'))
  const fleet = fakeFleet([verdictOf('web', { detected: true, level: 4 }), verdictOf('web-2'), verdictOf('db:9100')])
  const metrics = createMetrics({ now: clock.now, version: '0', node: '0' })
  const log: string[] = []
  const notifications = createNotifications(loaded.config, {
    store: journal,
    levels: { of: () => [] },
    clock,
    environment: { ...environmentOf(), variables: { TOKEN: server.token } },
    logger: createLogger('info', { write: (line: string) => void log.push(line) }),
    metrics,
    desk: { fleet, incidents, remediation },
  })
  const stopped = new AbortController()
  const running = notifications.run(stopped.signal)

  /** Lets time pass until it is so. */
  function until<T>(ask: () => T | Promise<T>): Promise<T> {
    const look = async () => {
      await clock.advance(250)
      return ask()
    }
    return vi.waitFor(look, { timeout: 10_000, interval: 15 })
  }

  const replies = (message: { readonly message_id: number; readonly chat: number }) =>
    server.messages(message.chat).filter(({ replyTo }) => replyTo === message.message_id)

  /** Cycles in which `web` is unwell or well; what there is to tell is told between them, or a jump of time cuts it off. */
  async function cycles(count: number, web: 'unwell' | 'well'): Promise<void> {
    const allTold = async () => {
      expect([await journal.unrouted(1), Object.keys(await journal.waiting())]).toEqual([[], []])
    }
    for (let i = 0; i < count; i++) {
      await bench.cycles(1, web)
      await vi.waitFor(allTold, { timeout: 500, interval: 10 }).catch(() => undefined)
    }
  }

  return {
    ...bench,
    cycles,
    server,
    log,
    until,
    replies,
    /** Says something and waits for what is said to it. */
    async ask(user: number, chat: number, words: string, ageS = 0): Promise<string> {
      const id = server.say(user, chat, words, ageS)
      return until(() => {
        const found = server.messages(chat).find(({ replyTo }) => replyTo === id)
        if (found === undefined) throw new Error(`no answer to ${words}`)
        return found.text
      })
    },
    /** Presses a button and waits for the notice that follows. */
    async press(user: number, message: Parameters<typeof server.press>[1], button: Parameters<typeof server.press>[2]) {
      const id = server.press(user, message, button)
      return until(() => {
        const found = server.answered.find((one) => one.id === id)
        if (found === undefined) throw new Error('no answer to the press')
        return found
      })
    },
    answers: async () => {
      const lines = (await metrics.registry.metrics()).split('\n')
      const found = lines.filter((line) => line.startsWith('homeostat_chat_answers_total') && !line.endsWith(' 0'))
      return Object.fromEntries(found.map((line) => [/result="(\w+)"/.exec(line)?.[1], Number(line.split(' ').at(-1))]))
    },
    async stop() {
      stopped.abort(new Error('stopping'))
      await running
      await server.close()
    },
  }
}
