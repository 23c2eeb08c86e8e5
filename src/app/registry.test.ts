import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ACTIONS } from '../domain/decision.ts'
import { actions, notifiers } from './registry.ts'

/** Folders of `act/` that hold no action: what actions reach the world with, and what their tests share. */
const SHARED = ['backends', 'testing']

describe('the list of actions', () => {
  it('has an entry for every folder of act/', () => {
    const folders = readdirSync(new URL('../act/', import.meta.url), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !SHARED.includes(entry.name))
      .map(({ name }) => name.replaceAll('-', '_'))

    expect(actions.map(({ name }) => name).sort()).toEqual(folders.sort())
  })

  it('has an entry for every action that a rule may name', () => {
    expect(actions.map(({ name }) => name).sort()).toEqual([...ACTIONS].sort())
  })
})

/** Folders of `notify/` that hold no receiver. */
const NO_RECEIVERS = ['routing', 'testing']
const notify = new URL('../notify/', import.meta.url)
const receiverFolders = readdirSync(notify, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !NO_RECEIVERS.includes(entry.name))
  .map(({ name }) => name)

describe('the list of receivers', () => {
  it('has an entry for every folder of notify/', () => {
    expect(notifiers.map(({ kind }) => kind).sort()).toEqual(receiverFolders.sort())
  })

  it.each(receiverFolders)('has %s go through the contract of all receivers', (folder) => {
    const tests = readdirSync(new URL(`${folder}/`, notify)).filter((name) => name.endsWith('.test.ts'))

    const texts = tests.map((name) => readFileSync(new URL(`${folder}/${name}`, notify), 'utf8'))

    expect(texts.join('\n')).toMatch(/notifierContract\(\s*'/)
  })
})
