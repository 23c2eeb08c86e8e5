import { type LiveState, useLive } from '../api/live.ts'
import { formatClock } from '../format.ts'

/** Whether what is on the screen is as it is now, and if not, of when it is. */
export function LiveText() {
  const live = useLive()
  const text = liveText(live)
  return (
    <span className={live.kind === 'reconnecting' ? 'shell-live shell-live-late' : 'shell-live'}>
      <span aria-hidden="true">{live.kind === 'live' ? '●' : '◌'}</span> <span className="shell-live-text">{text}</span>
    </span>
  )
}

export function liveText(live: LiveState): string {
  switch (live.kind) {
    case 'live':
      return 'live'
    case 'connecting':
      return 'connecting'
    case 'reconnecting':
      return live.at === undefined ? 'not connected, retrying' : `showing ${formatClock(live.at)}, retrying`
    case 'signed_out':
      return 'signed out'
  }
}
