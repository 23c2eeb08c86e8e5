import { useLive } from '../api/live.ts'
import { liveWords } from './live-words.ts'

/** Whether what is on the screen is as it is now, and if not, of when it is. */
export function LiveText() {
  const live = useLive()
  const text = liveWords(live)
  return (
    <span className={live.kind === 'reconnecting' ? 'shell-live shell-live-late' : 'shell-live'}>
      <span aria-hidden="true">{live.kind === 'live' ? '●' : '◌'}</span> <span className="shell-live-text">{text}</span>
    </span>
  )
}
