import { useSyncExternalStore } from 'react'
import { linesWithin } from './windowing.ts'

/** Nothing is drawn anew before the page has moved by so much; px. */
const STEP = 120
/** Drawn above and below the screen; px. */
const AROUND = 200

/**
 * The lines of a long list that are on the screen or near it.
 *
 * @param offsets where each line begins, from the first; and where the last one ends, px
 * @param top where the first line is on the page, px
 */
export function useVisible(offsets: readonly number[], top: number): readonly [number, number] {
  useSyncExternalStore(subscribe, position)
  const from = window.scrollY - top - AROUND
  return linesWithin(offsets, from, from + window.innerHeight + 2 * AROUND)
}

function position(): string {
  return `${Math.floor(window.scrollY / STEP)} ${window.innerHeight}`
}

function subscribe(changed: () => void): () => void {
  window.addEventListener('scroll', changed, { passive: true })
  window.addEventListener('resize', changed)
  return () => {
    window.removeEventListener('scroll', changed)
    window.removeEventListener('resize', changed)
  }
}
