import { useMemo, useRef } from 'react'
import type { FleetTargetJson } from '../../../api/contract.ts'
import { href, targetPath } from '../../app/router.ts'
import { LevelBadge } from '../../components/level-badge.tsx'
import { lookOf } from './condition.ts'
import { naturalKey } from './group.ts'
import { useRoom } from './use-room.ts'
import { useVisible } from './use-visible.ts'
import './list.css'

const ROW = 32
const COARSE_ROW = 48
/** They stand in columns of their own. */
const SHOWN_LABELS = ['instance', 'job']

/** Every target as a row, the highest level first. Only the rows on the screen are in the document. */
export function List({ targets }: { targets: readonly FleetTargetJson[] }) {
  const ref = useRef<HTMLDivElement>(null)
  const room = useRoom(ref)
  const sorted = useMemo(() => byLevel(targets), [targets])
  const height = room?.coarse ? COARSE_ROW : ROW
  const offsets = useMemo(() => sorted.map((_, i) => i * height).concat(sorted.length * height), [sorted, height])
  const [first, end] = useVisible(offsets, (room?.top ?? 0) + height)

  return (
    <div ref={ref}>
      <table className="table fleet-list" aria-rowcount={sorted.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col">Level</th>
            <th scope="col">Target</th>
            <th scope="col" className="list-wide">
              Job
            </th>
            <th scope="col" className="list-wide">
              Labels
            </th>
          </tr>
        </thead>
        <tbody>
          <Space height={offsets[first]} />
          {sorted.slice(first, end).map((target, i) => (
            <Row key={target.id} target={target} index={first + i + 2} />
          ))}
          <Space height={offsets[sorted.length] - offsets[end]} />
        </tbody>
      </table>
    </div>
  )
}

function Row({ target, index }: { target: FleetTargetJson; index: number }) {
  const look = lookOf(target)
  const labels = Object.entries(target.labels).filter(([name]) => !SHOWN_LABELS.includes(name))
  return (
    <tr aria-rowindex={index}>
      <td>
        {look.band === 'unknown' ? (
          <span className="muted">{`${look.sign} ${look.word}`}</span>
        ) : (
          <LevelBadge level={target.level} />
        )}
      </td>
      <td>
        <a data-row={target.id} href={href(targetPath(target.id))}>
          {target.labels['instance'] ?? target.id}
        </a>
      </td>
      <td className="list-wide">{target.labels['job']}</td>
      <td className="list-wide muted">{labels.map(([name, value]) => `${name}=${value}`).join(' ')}</td>
    </tr>
  )
}

/** Stands for the rows that are not on the screen. */
function Space({ height }: { height: number }) {
  if (height <= 0) return null
  return (
    <tr className="list-space">
      <td colSpan={4} style={{ height }} />
    </tr>
  )
}

/** Alarms first, then by level; those without one last. */
function byLevel(targets: readonly FleetTargetJson[]): readonly FleetTargetJson[] {
  const rank = (target: FleetTargetJson) => (lookOf(target).band === 'unknown' ? -1 : (target.level ?? -1))
  return targets
    .map((target) => ({ target, rank: rank(target), key: naturalKey(target.id) }))
    .sort((a, b) => b.rank - a.rank || (a.key < b.key ? -1 : 1))
    .map(({ target }) => target)
}
