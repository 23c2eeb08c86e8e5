import { useEffect, useRef, useState } from 'react'
import type { FreezeJson } from '../../api/contract.ts'
import { useLive } from '../api/live.ts'
import { useMatters } from '../api/needs-me.ts'
import { useGet } from '../api/queries.ts'
import { plural } from '../format.ts'
import { liveWords } from './live-words.ts'

/** Says to who cannot see it what has changed: what needs them, the line, a freeze. */
export function Announcer() {
  const live = useLive()
  const { matters } = useMatters()
  const { data: freeze } = useGet<FreezeJson>('freeze')
  const [text, setText] = useState('')
  const changed = useChanges(
    {
      line: live.kind === 'live' || live.kind === 'reconnecting' ? live.kind : undefined,
      needMe: matters?.needMe.map(({ id }) => id).join(),
      frozen: freeze?.frozen,
    },
    (key) => {
      if (key === 'line') return live.kind === 'live' ? 'Live again' : liveWords(live)
      if (key === 'frozen') return freeze?.frozen ? 'All actions are frozen' : 'Actions are no longer frozen'
      const count = matters?.needMe.length ?? 0
      return count === 0 ? 'Nothing needs you any more' : `${plural(count, 'matter')} need${count === 1 ? 's' : ''} you`
    },
  )
  useEffect(() => {
    // The same words twice would not be read again.
    if (changed !== '') setText((before) => (before === changed ? `${changed}\u00a0` : changed))
  }, [changed])
  return (
    <output className="sr-only" aria-live="polite">
      {text}
    </output>
  )
}

/** Words for the values that are others than a moment ago; what was not known before is no change. */
function useChanges<T extends Readonly<Record<string, unknown>>>(values: T, say: (key: keyof T) => string): string {
  const before = useRef(values)
  const changed = Object.keys(values).filter(
    (key) => before.current[key] !== undefined && values[key] !== before.current[key],
  )
  const words = changed.filter((key) => values[key] !== undefined).map((key) => say(key))
  useEffect(() => {
    const known = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
    before.current = { ...before.current, ...known }
  })
  return words.join('. ')
}
