import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { type CSSProperties, type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { plural } from '../../format.ts'
import { columnsFor, type Density, densityFor, HEADING, type Line, lineHeight, linesOf, type Room } from './density.ts'
import type { Group } from './group.ts'
import { commonEnd } from './short-name.ts'
import { Tile } from './tile.tsx'
import { useRoom } from './use-room.ts'
import './grid.css'

/** Height of the header that stays, and of a line or two around what has the focus, px. */
const MARGIN = 80
const OVERSCAN = 8

/** Every target as a tile, in groups. Only the lines on the screen are in the document. */
export function Grid({ groups, label }: { groups: readonly Group[]; label: string }) {
  const ref = useRef<HTMLDivElement>(null)
  const room = useRoom(ref)
  return (
    <div ref={ref} className="grid-frame">
      {room !== undefined && <Lines groups={groups} label={label} room={room} />}
    </div>
  )
}

function Lines({ groups, label, room }: { groups: readonly Group[]; label: string; room: Room & { top: number } }) {
  const sizes = groups.map(({ targets }) => targets.length)
  const density = densityFor(sizes, room)
  const columns = columnsFor(density, room)
  const lines = useMemo(() => linesOf(groups, columns), [groups, columns])
  const [focused, setFocused] = useState<string>()
  const virtualizer = useWindowVirtualizer({
    count: lines.length,
    estimateSize: (i) => (lines[i].kind === 'heading' ? HEADING : lineHeight(density, room)),
    // A line of tiles is another height than a heading: what was a heading may be tiles after a change.
    getItemKey: (i) => `${density} ${lines[i].kind} ${i}`,
    overscan: OVERSCAN,
    scrollMargin: room.top,
    scrollPaddingStart: MARGIN,
  })
  const shown = virtualizer.getVirtualItems()
  const stop = stopOf(
    shown.map(({ index }) => lines[index]),
    focused,
  )
  const ends = useMemo(() => new Map(groups.map((group) => [group.name, endOf(group)])), [groups])

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be read as part of a form
    <div
      role="group"
      aria-label="Targets"
      className="grid-lines"
      style={{ height: virtualizer.getTotalSize(), '--columns': columns } as CSSProperties}
      onFocus={({ target }) => setFocused(target.closest<HTMLElement>('[data-row]')?.dataset['row'])}
      onKeyDown={(event) => walk(event, columns)}
    >
      {shown.map(({ key, index, start, size }) => (
        <div key={key} className="grid-line" style={{ height: size, transform: `translateY(${start - room.top}px)` }}>
          <LineOf line={lines[index]} label={label} density={density} ends={ends} stop={stop} />
        </div>
      ))}
    </div>
  )
}

interface LineProps {
  readonly line: Line<Group>
  readonly label: string
  readonly density: Density
  readonly ends: ReadonlyMap<string, string>
  readonly stop: string | undefined
}

function LineOf({ line, label, density, ends, stop }: LineProps) {
  const { group } = line
  if (line.kind === 'heading') {
    return (
      <h2 className="grid-heading">
        {group.name === '' ? (label === '' ? 'All' : `without ${label}`) : group.name}
        <span className="muted"> {plural(group.targets.length, 'target')}</span>
        {group.alarms > 0 && <span className="text-red"> {plural(group.alarms, 'alarm')}</span>}
      </h2>
    )
  }
  return (
    <div className="grid-tiles">
      {group.targets.slice(line.from, line.to).map((target) => (
        <Tile
          key={target.id}
          target={target}
          density={density}
          end={ends.get(group.name) ?? ''}
          isStop={target.id === stop}
        />
      ))}
    </div>
  )
}

/** The tile that the tabulator comes to: the one that had the focus, or the first that is there. */
function stopOf(lines: readonly Line<Group>[], focused: string | undefined): string | undefined {
  const there = lines.flatMap((line) => (line.kind === 'tiles' ? line.group.targets.slice(line.from, line.to) : []))
  return there.some(({ id }) => id === focused) ? focused : there[0]?.id
}

function endOf({ targets }: Group): string {
  return commonEnd(targets.map(({ id }) => id))
}

/** The arrows go from tile to tile; what they come to is scrolled to. */
function walk(event: KeyboardEvent<HTMLElement>, columns: number): void {
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: columns,
    ArrowUp: -columns,
  }
  if (!Object.hasOwn(steps, event.key)) return
  const tiles = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')]
  const at = tiles.indexOf(document.activeElement as HTMLElement)
  if (at === -1) return
  event.preventDefault()
  const next = Math.min(Math.max(at + steps[event.key], 0), tiles.length - 1)
  tiles[next].focus({ preventScroll: true })
  tiles[next].scrollIntoView({ block: 'nearest' })
}
