import { memo } from 'react'
import type { FleetTargetJson } from '../../../api/contract.ts'
import { targetPath } from '../../app/router.ts'
import { formatLevel } from '../../format.ts'
import { lookOf } from './condition.ts'
import type { Density } from './density.ts'
import { shortName } from './short-name.ts'

interface TileProps {
  readonly target: FleetTargetJson
  readonly density: Density
  /** What all names of the group end with. */
  readonly end: string
  /** Whether the tabulator comes here; the arrows go to the others. */
  readonly isStop: boolean
}

/** One target: its colour, its sign where it wants attention, its name where there is room. */
export const Tile = memo(function Tile({ target, density, end, isStop }: TileProps) {
  const { band, sign, word } = lookOf(target)
  const level = band === 'unknown' ? '' : formatLevel(target.level)
  const told = `${target.id}: ${level === '' ? word : `${level} ${word}`}`
  const shown = band === 'neutral' && density !== 'wide' ? '' : sign
  return (
    <a
      className={`tile tile-${density} tile-${band}`}
      // Not by href(): there are thousands of them.
      href={`#${targetPath(target.id)}`}
      // What a small tile is called, too: all that stands on it is a sign.
      title={told}
      tabIndex={isStop ? 0 : -1}
      data-row={target.id}
    >
      {shown !== '' && (
        <span aria-hidden="true" className="tile-sign">
          {shown}
        </span>
      )}
      {density !== 'small' && (
        <>
          <span className="tile-name">{shortName(target.id, end)}</span>{' '}
          <span className={density === 'wide' ? 'tile-level' : 'sr-only'}>{level}</span>{' '}
          <span className="sr-only">{word}</span>
        </>
      )}
    </a>
  )
})
