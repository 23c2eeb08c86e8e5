import { type CSSProperties, type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { heightOfLine, type Layout, type Line, layoutFor, linesOf, type Room } from './density.ts'
import type { Group } from './group.ts'
import { GroupName } from './group-name.tsx'
import { commonEnd } from './short-name.ts'
import { Tile } from './tile.tsx'
import { useRoom } from './use-room.ts'
import { useVisible } from './use-visible.ts'
import { offsetsOf } from './windowing.ts'
import './grid.css'

/** Every target as a tile, in groups. Only the lines on the screen are in the document. */
export function Grid({ groups, label }: { groups: readonly Group[]; label: string }) {
  const ref = useRef<HTMLDivElement>(null)
  const room = useRoom(ref)
  return <div ref={ref}>{room !== undefined && <Lines groups={groups} label={label} room={room} />}</div>
}

function Lines({ groups, label, room }: { groups: readonly Group[]; label: string; room: Room & { top: number } }) {
  const layout = layoutFor(groups, room)
  const { columns, headings } = layout
  const lines = useMemo(() => linesOf(groups, { headings, columns }), [groups, headings, columns])
  const offsets = offsetsOf(lines.map((line) => heightOfLine(line, layout)))
  const [first, end] = useVisible(offsets, room.top)
  const shown = lines.slice(first, end)
  const [focused, setFocused] = useState<string>()
  const stop = stopOf(shown, focused)
  const ends = useMemo(() => new Map(groups.map((group) => [group.name, endOf(group)])), [groups])

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be read as part of a form
    <div
      role="group"
      aria-label="Targets"
      className={`grid-lines grid-${headings}`}
      style={{ height: offsets[lines.length], '--columns': columns } as CSSProperties}
      onFocus={({ target }) => setFocused(target.closest<HTMLElement>('[data-row]')?.dataset['row'])}
      onKeyDown={(event) => walk(event, columns)}
    >
      {shown.map((line, i) => (
        <div
          key={`${line.kind === 'tiles' ? line.from : 'heading'} ${line.group.name}`}
          className="grid-line"
          style={{
            height: offsets[first + i + 1] - offsets[first + i],
            transform: `translateY(${offsets[first + i]}px)`,
          }}
        >
          {(line.kind === 'heading' || (headings === 'beside' && line.isFirst)) && (
            <GroupName group={line.group} label={label} />
          )}
          {line.kind === 'tiles' && (
            <Tiles line={line} layout={layout} end={ends.get(line.group.name) ?? ''} stop={stop} />
          )}
        </div>
      ))}
    </div>
  )
}

interface TilesProps {
  readonly line: Extract<Line<Group>, { kind: 'tiles' }>
  readonly layout: Layout
  readonly end: string
  readonly stop: string | undefined
}

function Tiles({ line, layout, end, stop }: TilesProps) {
  return (
    <div className="grid-tiles">
      {line.group.targets.slice(line.from, line.to).map((target) => (
        <Tile key={target.id} target={target} density={layout.density} end={end} isStop={target.id === stop} />
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
