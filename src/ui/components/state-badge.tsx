import type { StateLook } from './states.ts'
import './state-badge.css'

/** The state of an incident or an action: sign, words, and a tone where it wants somebody. */
export function StateBadge({ sign, words, tone, help }: StateLook) {
  return (
    <span className={`state-badge tone-${tone}`} title={help}>
      <span aria-hidden="true" className="level-sign">
        {sign}
      </span>
      {words}
    </span>
  )
}
