import { afterEach, describe, expect, it } from 'vitest'
import { ADMIN, CHAT, chatOf, OPERATOR, READER, STRANGER } from '../testing/chat-of.ts'

type Chat = Awaited<ReturnType<typeof chatOf>>

let open: Chat | undefined
afterEach(async () => {
  await open?.stop()
  open = undefined
})

async function chat(mode: 'observe' | 'approve' = 'approve'): Promise<Chat> {
  open = await chatOf(mode)
  return open
}

/** A chat in which an action on `web` waits for a person, and the message that asks. */
async function asked() {
  const bench = await chat()
  await bench.cycles(2, 'well')
  await bench.cycles(2, 'unwell')
  const message = await bench.until(() => {
    const found = bench.server.messages(CHAT).find(({ keyboard }) => keyboard[0]?.[0]?.text === 'Approve')
    if (found === undefined) throw new Error('nobody is asked')
    return found
  })
  const { items } = await bench.remediation.actions({ limit: 1 })
  return { ...bench, message, id: items[0].id }
}

const gone = (text: string) => expect.stringContaining(text)

describe('a question in a chat', () => {
  it('is answered with a press: the action is done once, and the one message tells how it went', async () => {
    const { press, message, until, remediation, effects, heal, cycles, server, id } = await asked()

    const notice = await press(OPERATOR, message, 'Approve')
    await heal()
    await cycles(4, 'well')
    await heal()

    expect(notice).toMatchObject({ alert: false, text: `Approved by telegram:${OPERATOR}: restart of web@node.` })
    expect(effects.done).toHaveLength(1)
    await until(() => expect(message.text).toMatch(/recovered/i))
    expect(await remediation.action(id)).toMatchObject({ state: 'VERIFIED', approvedBy: `telegram:${OPERATOR}` })
    expect(server.messages(CHAT).filter(({ replyTo }) => replyTo === undefined)).toHaveLength(1)
    expect(message.keyboard.flat().map(({ text }) => text)).not.toContain('Approve')
  })

  it('is denied with a press', async () => {
    const { press, message, remediation, effects, heal, id } = await asked()

    await press(OPERATOR, message, 'Deny')
    await heal()

    expect(await remediation.action(id)).toMatchObject({ state: 'REFUSED', reason: `denied by telegram:${OPERATOR}` })
    expect(effects.done).toEqual([])
  })

  it('is one action when two press at once', async () => {
    const { message, server, until, effects, heal } = await asked()

    server.press(OPERATOR, message, 'Approve')
    server.press(ADMIN, message, 'Approve')
    await until(() => expect(server.answered).toHaveLength(2))
    await heal()

    expect(effects.done).toHaveLength(1)
    expect(server.answered.map(({ alert }) => alert)).toEqual([false, true])
    expect(server.answered[1].text).toBe('This button has been pressed already.')
  })

  it('takes no yes after its target is well again, and says so in the chat', async () => {
    const { message, press, until, cycles, replies, effects, heal } = await asked()
    const late = { data: message.keyboard[0][0].callback_data ?? '' }
    await cycles(1, 'well')

    const notice = await press(OPERATOR, message, late)
    await heal()

    expect(notice).toMatchObject({ alert: true, text: gone('Nothing was done') })
    await until(() => expect(replies(message)).toMatchObject([{ text: gone('Nothing was done') }]))
    expect(effects.done).toEqual([])
  })

  it('takes no yes from a button that is older than ten minutes', async () => {
    const { message, press, clock, effects, heal } = await asked()
    const old = { data: message.keyboard[0][0].callback_data ?? '' }
    await clock.advance(10 * 60_000)

    const notice = await press(OPERATOR, message, old)
    await heal()

    expect(notice).toMatchObject({ alert: true, text: gone('This button had expired, and nothing was done.') })
    expect(effects.done).toEqual([])
  })

  it.each(['approve:1', 'x'.repeat(22), '{"kind":"approve","receiver":"oncall"}', "' or 1=1"])(
    'takes no yes from a forged button: %s',
    async (data) => {
      const { message, press, effects, heal } = await asked()

      const notice = await press(OPERATOR, message, { data })
      await heal()

      expect(notice).toMatchObject({ alert: true, text: gone('This button is not known') })
      expect(effects.done).toEqual([])
    },
  )

  it('takes nothing from strangers, who hear nothing, and counts them', async () => {
    const { message, server, press, effects, heal, until, answers } = await asked()
    const before = server.messages(CHAT).length

    server.press(STRANGER, message, 'Approve')
    server.say(STRANGER, CHAT, '/freeze')
    server.say(OPERATOR, 999, '/freeze')
    server.press(READER, { ...message, chat: 999 }, 'Approve')
    await until(() => expect(server.pending()).toBe(0))
    await heal()

    expect(await answers()).toEqual({ ignored: 4 })
    expect(server.answered).toEqual([])
    expect(server.messages(CHAT)).toHaveLength(before)
    expect(effects.done).toEqual([])
    await press(OPERATOR, message, 'Approve')
    await heal()
    expect(effects.done).toHaveLength(1)
  })

  it('takes no yes from who may only look, and leaves the button to the others', async () => {
    const { message, press, until, effects, heal } = await asked()
    const first = message.keyboard[0][0].callback_data

    const notice = await press(READER, message, 'Approve')
    expect(notice).toMatchObject({ alert: true, text: gone('your role is read') })
    await until(() => expect(message.keyboard[0][0].callback_data).not.toBe(first))
    await press(OPERATOR, message, 'Approve')
    await heal()

    expect(effects.done).toHaveLength(1)
  })

  it('takes no button that another receiver has shown', async () => {
    const { message, press, journal, clock, effects, id } = await asked()
    const content = JSON.stringify({ kind: 'approve', receiver: 'elsewhere', actionId: id })
    await journal.issueNonce('n'.repeat(22), content, clock.now() + 60_000)

    const notice = await press(OPERATOR, message, { data: 'n'.repeat(22) })

    expect(notice.text).toContain('This button is not known')
    expect(effects.done).toEqual([])
  })
})

describe('the other buttons', () => {
  it('say why, as often as they are pressed', async () => {
    const { message, press, until, replies } = await asked()

    await press(READER, message, 'Why')
    await until(() => expect(replies(message)).toMatchObject([{ text: gone('Cause: overload') }]))
    await press(READER, message, 'Why')

    await until(() => expect(replies(message)).toHaveLength(2))
  })

  it('acknowledge once', async () => {
    const { message, press, incidents } = await asked()
    const again = { data: message.keyboard.flat().find(({ text }) => text === 'Acknowledge')?.callback_data ?? '' }

    await press(OPERATOR, message, 'Acknowledge')
    const second = await press(ADMIN, message, again)

    expect(second).toMatchObject({ alert: true })
    const [{ timeline }] = (await incidents.list({ limit: 1 })).items
    expect(timeline.filter(({ kind }) => kind === 'acknowledged')).toMatchObject([{ by: `telegram:${OPERATOR}` }])
  })

  it('silence for an hour', async () => {
    const { message, press, journal, clock } = await asked()

    await press(OPERATOR, message, 'Silence 1 h')

    const [silence, ...more] = await journal.transaction((entries) => entries.silences(clock.now()))
    expect(more).toEqual([])
    expect(silence).toMatchObject({ target: 'web@node', by: `telegram:${OPERATOR}` })
    expect(silence.until - silence.from).toBe(3_600_000)
  })

  it('freeze everything', async () => {
    const { message, press, remediation } = await asked()

    await press(OPERATOR, message, 'Freeze all')

    expect(await remediation.frozen()).toMatchObject({ by: `telegram:${OPERATOR}` })
  })

  it('take people’s word after the end', async () => {
    const { server, press, until, cycles, incidents } = await chat('observe')
    await cycles(3, 'unwell')
    await cycles(3, 'well')
    const [message] = server.messages(CHAT)
    await until(() => expect(message.keyboard.flat().map(({ text }) => text)).toContain('Useful'))

    await press(OPERATOR, message, 'Useful')

    expect((await incidents.list({ limit: 1 })).items[0].feedback).toMatchObject({ useful: true })
  })
})

describe('a command', () => {
  it('freezes, and only an admin unfreezes', async () => {
    const { ask, remediation } = await chat('observe')

    expect(await ask(OPERATOR, CHAT, '/freeze deploy goes on')).toContain(`Frozen by telegram:${OPERATOR}`)
    expect(await remediation.frozen()).toMatchObject({ reason: 'deploy goes on' })
    expect(await ask(OPERATOR, CHAT, '/unfreeze')).toContain('needs the role admin')
    expect(await remediation.frozen()).toBeDefined()
    expect(await ask(ADMIN, ADMIN, '/unfreeze@HomeostatBot all quiet')).toContain(
      `Unfrozen by telegram:${ADMIN}: all quiet`,
    )
    expect(await remediation.frozen()).toBeUndefined()
  })

  it('to another bot is none of ours', async () => {
    const { server, until, remediation, answers } = await chat('observe')

    server.say(ADMIN, CHAT, '/freeze@OtherBot')
    server.say(ADMIN, CHAT, 'please /freeze')
    await until(() => expect(server.pending()).toBe(0))

    expect(await remediation.frozen()).toBeUndefined()
    expect(await answers()).toEqual({})
  })

  it('that was given while nobody listened is not done later, but for a freeze', async () => {
    const { ask, remediation } = await chat('observe')

    expect(await ask(ADMIN, ADMIN, '/freeze', 3600)).toContain('Frozen')
    expect(await ask(ADMIN, ADMIN, '/unfreeze', 3600)).toContain('This was said 1h')
    expect(await remediation.frozen()).toBeDefined()
  })

  it('tells how things stand', async () => {
    const { ask, cycles } = await chat('observe')
    await cycles(3, 'unwell')

    expect(await ask(READER, CHAT, '/status')).toBe(
      'Actions are allowed.\n3 targets: 3 fresh, 0 warming up, 0 stale\n1 target with an anomaly\n  web@node: level 4\n1 incident going on, 0 actions waiting for an answer',
    )
    expect(await ask(READER, CHAT, '/why web')).toContain('Cause: overload')
    expect(await ask(READER, CHAT, '/why db')).toContain('db:9100@node: fresh, level 0.5, no incident')
    expect(await ask(READER, CHAT, '/why we')).toContain('Which of them: web@node, web-2@node')
    expect(await ask(READER, CHAT, '/why <b>')).toBe('No target <b> is known: /status counts them.')
    expect(await ask(READER, CHAT, '/why')).toContain('Which host?')
    expect(await ask(READER, CHAT, '/nonsense')).toContain('/help')
    expect(await ask(READER, CHAT, '/help')).toContain('/silence HOST [1h]')
  })

  it('lists incidents in pages', async () => {
    const { ask, journal, server, until, press } = await chat('observe')
    const { opened } = await import('../../domain/incident.ts')
    const peak = { at: Date.parse('2026-11-21T12:00:00Z'), level: 2, contributions: [] }
    const many = Array.from({ length: 7 }, (_, i) => opened(`i${i}`, `host-${i}@node`, peak))
    await journal.transaction((entries) => entries.saveIncidents(many))

    const first = await ask(READER, CHAT, '/incidents')
    const page = server.messages(CHAT).at(-1)
    if (page === undefined) throw new Error('no page')
    await press(READER, page, 'Older')

    expect(first.split('\n')).toHaveLength(5)
    expect(first).toContain('host-6@node')
    const second = await until(() => {
      const found = server.messages(CHAT).at(-1)
      if (found === page) throw new Error('no second page')
      return found
    })
    expect(second?.text.split('\n').map((line) => /host-\d/.exec(line)?.[0])).toEqual(['host-1', 'host-0'])
    expect(second?.keyboard).toEqual([])
  })

  it('silences a host for as long as it says', async () => {
    const { ask, cycles, journal, clock } = await chat('observe')
    await cycles(3, 'unwell')

    expect(await ask(READER, CHAT, '/silence web 2h')).toContain('needs the role operate')
    expect(await ask(OPERATOR, CHAT, '/silence web forever')).toContain('For how long?')
    expect(await ask(OPERATOR, CHAT, '/silence db')).toContain('has no incident')
    expect(await ask(OPERATOR, CHAT, '/silence web 2h')).toContain('web@node is silenced until')

    const [silence] = await journal.transaction((entries) => entries.silences(clock.now()))
    expect(silence.until - silence.from).toBe(7_200_000)
  })
})

describe('hearing what people say', () => {
  it('goes on, and tells it once, when another program polls with the same token', async () => {
    const { ask, server, until, log } = await chat('observe')
    await ask(READER, CHAT, '/help')
    const poll = () => fetch(`${server.url}/bot${server.token}/getUpdates?timeout=0`, { method: 'POST' })

    await poll()
    await until(() => expect(log.join('')).toContain('Conflict'))
    await poll()
    expect(await ask(READER, CHAT, '/help')).toContain('/status')

    expect(log.filter((line) => line.includes('people cannot be heard'))).toHaveLength(1)
    expect(log.join('')).not.toContain(server.token)
  })

  it('is no slower where a chat may be told nothing more', async () => {
    const { server, until, remediation } = await chat('observe')
    for (let i = 0; i < 30; i++) server.say(READER, CHAT, '/help')
    server.say(ADMIN, CHAT, '/freeze')

    await until(async () => expect(await remediation.frozen()).toBeDefined())

    expect(server.messages(CHAT).length).toBeLessThan(20)
  })
})
