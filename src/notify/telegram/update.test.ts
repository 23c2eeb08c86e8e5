import { describe, expect, it } from 'vitest'
import { askedIn, type Update } from './update.ts'

const from = { id: 42, is_bot: false }
const chat = { id: -100 }
const said = (text: string, changes: object = {}): Update => {
  return { update_id: 1, message: { message_id: 7, date: 1000, text, from, chat, ...changes } }
}
const pressed = (changes: object = {}): Update => {
  return {
    update_id: 1,
    callback_query: { id: 'c', from, message: { message_id: 7, chat }, data: 'nonce', ...changes },
  }
}

describe('an update', () => {
  it.each([
    ['/silence web-1  2h', 'silence', ['web-1', '2h']],
    ['/Status', 'status', []],
    ['/freeze@homeostatBOT for\na while', 'freeze', ['for', 'a', 'while']],
    ['/why ; rm -rf /', 'why', [';', 'rm', '-rf', '/']],
  ])('%j is a command', (text, name, words) => {
    expect(askedIn(said(text), 'HomeostatBot')).toEqual({
      ...{ kind: 'command', chat: '-100', user: '42', messageId: 7 },
      ...{ name, words, at: 1_000_000, threadId: undefined },
    })
  })

  it('in a topic is answered in the topic', () => {
    const update = said('/status', { message_thread_id: 5, is_topic_message: true })

    expect(askedIn(update, 'HomeostatBot')).toMatchObject({ threadId: 5 })
  })

  it.each<[string, Update]>([
    ['plain words', said('freeze /freeze')],
    ['a command to another bot', said('/freeze@OtherBot')],
    ['a bot’s command', said('/freeze', { from: { id: 42, is_bot: true } })],
    ['a command of nobody, as in a channel', said('/freeze', { from: undefined })],
    ['a message without text', said('', { text: undefined })],
    ['a command in no chat', said('/freeze', { chat: undefined })],
    ['a press without a message, as from elsewhere', pressed({ message: undefined })],
    ['a press of nobody', pressed({ from: undefined })],
    ['a press of a game', pressed({ data: undefined })],
    ['what nobody has asked for', { update_id: 1 }],
  ])('%s asks for nothing', (_, update) => {
    expect(askedIn(update, 'HomeostatBot')).toBeUndefined()
  })

  it('of a press tells the keyboard that it is of, where that is known', () => {
    const keyboard = [[{ text: 'Why', callback_data: 'nonce' }]]
    const known = pressed({ message: { message_id: 7, chat, reply_markup: { inline_keyboard: keyboard } } })

    expect(askedIn(known, '')).toMatchObject({ kind: 'press', callbackId: 'c', data: 'nonce', keyboard })
    expect(askedIn(pressed(), '')).toMatchObject({ keyboard: [] })
  })
})
