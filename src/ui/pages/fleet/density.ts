/** How large tiles are drawn: `wide` with name and level, `narrow` with the name, `small` with colour and sign alone. */
export type Density = 'wide' | 'narrow' | 'small'

/** px. Tiles stand 24 apart and more, so that a finger hits the right one. */
export const GAP = 2
const SIZES: Readonly<Record<Density, { readonly width: number; readonly height: number }>> = {
  wide: { width: 150, height: 26 },
  narrow: { width: 72, height: 22 },
  small: { width: 22, height: 22 },
}
/** For a finger. */
const COARSE = 40
export const HEADING = 28

export interface Room {
  /** px */
  readonly width: number
  readonly height: number
  /** Whether it is pointed at by finger. */
  readonly coarse: boolean
}

/** One line of the grid. */
export type Line<T> =
  | { readonly kind: 'heading'; readonly group: T }
  | { readonly kind: 'tiles'; readonly group: T; readonly from: number; readonly to: number }

export function columnsFor(density: Density, { width, coarse }: Room): number {
  const least = density === 'small' && coarse ? COARSE : SIZES[density].width
  return Math.max(1, Math.floor((width + GAP) / (least + GAP)))
}

/** Height of a line of tiles with the gap below it, px. */
export function lineHeight(density: Density, { coarse }: Room): number {
  return (coarse ? COARSE : SIZES[density].height) + GAP
}

/** The largest tiles with which all groups fit the room, or the smallest there are. @param sizes of the groups */
export function densityFor(sizes: readonly number[], room: Room): Density {
  const fits = (density: Density) => heightOf(sizes, density, room) <= room.height
  if (fits('wide')) return 'wide'
  return fits('narrow') ? 'narrow' : 'small'
}

export function heightOf(sizes: readonly number[], density: Density, room: Room): number {
  const columns = columnsFor(density, room)
  const lines = sizes.reduce((sum, size) => sum + Math.ceil(size / columns), 0)
  return lines * lineHeight(density, room) + sizes.length * HEADING
}

/** The lines of the grid from top to bottom: of each group its heading, and then its tiles. */
export function linesOf<T extends { readonly targets: readonly unknown[] }>(
  groups: readonly T[],
  columns: number,
): readonly Line<T>[] {
  const lines: Line<T>[] = []
  for (const group of groups) {
    lines.push({ kind: 'heading', group })
    for (let from = 0; from < group.targets.length; from += columns) {
      lines.push({ kind: 'tiles', group, from, to: Math.min(from + columns, group.targets.length) })
    }
  }
  return lines
}
