import { type RefObject, useLayoutEffect, useState } from 'react'
import type { Room } from './density.ts'

/** Kept free below. px */
const BOTTOM = 16
/** Tiles are not made smaller for what little is left below a long list of troubles. */
const LEAST_HEIGHT = 320

/** The room that an element has, from where it begins to the bottom of the screen; `top`: where that is on the page, px. */
export function useRoom(ref: RefObject<HTMLElement | null>): (Room & { readonly top: number }) | undefined {
  const [room, setRoom] = useState<Room & { top: number }>()

  useLayoutEffect(() => {
    const element = ref.current
    if (element === null) return
    const measure = () => {
      const { top, width } = element.getBoundingClientRect()
      const from = Math.round(top + window.scrollY)
      const next = {
        width: Math.floor(width),
        height: Math.max(window.innerHeight - from - BOTTOM, LEAST_HEIGHT),
        coarse: window.matchMedia('(pointer: coarse)').matches,
        top: from,
      }
      setRoom((before) => (before !== undefined && isSame(before, next) ? before : next))
    }
    measure()
    // What stands above it moves it without changing its size.
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    observer.observe(document.body)
    return () => observer.disconnect()
  }, [ref])
  return room
}

function isSame(a: Room & { top: number }, b: Room & { top: number }): boolean {
  return a.width === b.width && a.height === b.height && a.coarse === b.coarse && a.top === b.top
}
