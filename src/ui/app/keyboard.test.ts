import { describe, expect, it } from 'vitest'
import { isForTyping } from './keyboard.ts'

const pressed = (more: object) => ({ ctrlKey: false, metaKey: false, altKey: false, target: null, ...more })

describe('a key', () => {
  it.each(['INPUT', 'TEXTAREA', 'SELECT'])('in %s is for typing', (tagName) => {
    expect(isForTyping(pressed({ target: { tagName } }))).toBe(true)
  })

  it('with Ctrl, Meta or Alt is the browser’s', () => {
    expect(['ctrlKey', 'metaKey', 'altKey'].map((name) => isForTyping(pressed({ [name]: true })))).toEqual([
      true,
      true,
      true,
    ])
  })

  it('elsewhere is for the page', () => {
    expect(isForTyping(pressed({ target: { tagName: 'A' } }))).toBe(false)
    expect(isForTyping(pressed({}))).toBe(false)
  })
})
