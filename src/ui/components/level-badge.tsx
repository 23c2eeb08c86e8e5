import { formatLevel } from '../format.ts'
import { levelLook } from '../level.ts'
import './level-badge.css'

interface LevelBadgeProps {
  /** In units of the threshold; null where nothing is known. */
  readonly level: number | null
  /** Without the word where a column says it already; screen readers hear it all the same. */
  readonly compact?: boolean
  /** Of something that is over: nobody is wanted any more, so it has no colour. */
  readonly past?: boolean
}

/** A level with its colour, sign and word: `▲ 1.4 alarm`. */
export function LevelBadge({ level, compact = false, past = false }: LevelBadgeProps) {
  const { band, word, sign } = levelLook(level)
  return (
    <span className={`level-badge level-${past ? 'past' : band}`}>
      <span aria-hidden="true" className="level-sign">
        {sign}
      </span>
      {level !== null && <span className="number">{formatLevel(level)}</span>}
      <span className={compact ? 'sr-only' : 'level-word'}>{word}</span>
    </span>
  )
}
