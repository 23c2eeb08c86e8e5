import { useSyncExternalStore } from 'react'

const TICK_MS = 1000

let timer: ReturnType<typeof setInterval> | undefined
let now = Date.now()
const listeners = new Set<() => void>()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    now = Date.now()
    for (const each of listeners) each()
  }, TICK_MS)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

function read(): number {
  // Without a ticker nobody is shown an older time than that of the first look.
  if (timer === undefined) now = Math.floor(Date.now() / TICK_MS) * TICK_MS
  return now
}

/** The time, ms since the epoch, anew every second: one timer for all that shows times. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, read)
}
