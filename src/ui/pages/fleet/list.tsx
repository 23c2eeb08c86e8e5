import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef } from 'react'
import type { FleetTargetJson } from '../../../api/contract.ts'
import { href, targetPath } from '../../app/router.ts'
import { LevelBadge } from '../../components/level-badge.tsx'
import { lookOf } from './condition.ts'
import { naturalKey } from './group.ts'
import { useRoom } from './use-room.ts'
import './list.css'

const ROW = 32
const COARSE_ROW = 48
const OVERSCAN = 10
/** They stand in columns of their own. */
const SHOWN_LABELS = ['instance', 'job']

/** Every target as a row, the highest level first. Only the rows on the screen are in the document. */
export function List({ targets }: { targets: readonly FleetTargetJson[] }) {
  const ref = useRef<HTMLDivElement>(null)
  const room = useRoom(ref)
  const sorted = useMemo(() => byLevel(targets), [targets])
  const height = room?.coarse ? COARSE_ROW : ROW
  const virtualizer = useWindowVirtualizer({
    count: sorted.length,
    estimateSize: () => height,
    getItemKey: (i) => sorted[i].id,
    overscan: OVERSCAN,
    scrollMargin: room?.top ?? 0,
  })
  const shown = virtualizer.getVirtualItems()
  const before = (shown[0]?.start ?? 0) - (shown.length > 0 ? (room?.top ?? 0) : 0)
  const after = virtualizer.getTotalSize() + (room?.top ?? 0) - (shown.at(-1)?.end ?? room?.top ?? 0)

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
          <Space height={before} />
          {shown.map(({ index }) => (
            <Row key={sorted[index].id} target={sorted[index]} index={index + 2} />
          ))}
          <Space height={after} />
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
