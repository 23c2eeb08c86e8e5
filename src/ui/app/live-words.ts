import type { LiveState } from '../api/live.ts'
import { formatClock } from '../format.ts'

/** How old the page is, in a few words. */
export function liveWords(live: LiveState): string {
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
