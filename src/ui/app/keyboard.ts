import { useEffect, useRef } from 'react'

export type Keys = Readonly<Record<string, (event: KeyboardEvent) => void>>

/** Whether a key is meant for what has the focus, or for a shortcut of the browser, and not for the page. */
export function isForTyping(event: Pick<KeyboardEvent, 'ctrlKey' | 'metaKey' | 'altKey' | 'target'>): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return true
  const { tagName, isContentEditable } = (event.target ?? {}) as Partial<HTMLElement>
  return isContentEditable === true || ['INPUT', 'TEXTAREA', 'SELECT'].includes(tagName ?? '')
}

/**
 * Hears keys while what uses it is on the screen, but not while somebody types or a dialog is open. The newest that
 * wants a key gets it: a page before the shell.
 */
export function useKeys(keys: Keys): void {
  const newest = useRef(keys)
  useEffect(() => {
    newest.current = keys
  })
  useEffect(() => {
    const heard = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isForTyping(event) || document.querySelector('dialog[open]') !== null) return
      if (!Object.hasOwn(newest.current, event.key)) return
      event.preventDefault()
      newest.current[event.key](event)
    }
    document.addEventListener('keydown', heard)
    return () => document.removeEventListener('keydown', heard)
  }, [])
}

/** Moves the focus among the elements of the page marked `data-row`, by as many as `step`. */
export function moveFocus(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('main [data-row]')]
  const at = rows.findIndex((row) => row.contains(document.activeElement))
  const next = at === -1 ? (step === 1 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1)
  const row = rows[next]
  row?.focus()
  row?.scrollIntoView({ block: 'nearest' })
}

/**
 * Presses what is marked `data-key="<key>"`, a button or what holds one: that of the row which has the focus, or the
 * first of the page. A row is marked `data-row`, or what is around it `data-row-group`.
 */
export function pressMarked(key: string): void {
  const marked = (root: string) => `${root} button[data-key="${key}"], ${root} [data-key="${key}"] > button`
  const row = document.activeElement?.closest('[data-row-group], [data-row]')
  const button =
    row?.querySelector<HTMLElement>(marked(':scope')) ?? document.querySelector<HTMLElement>(marked('main'))
  button?.click()
}
