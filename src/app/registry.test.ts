import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ACTIONS } from '../domain/decision.ts'
import { actions } from './registry.ts'

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
