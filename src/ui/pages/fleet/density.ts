/** How large tiles are drawn: `wide` with name and level, `narrow` with the name, `small` with colour and sign alone. */
export type Density = 'wide' | 'narrow' | 'small'

/** px. Tiles stand 24 apart and more, so that a finger hits the right one. */
const GAP = 2
const SIZES: Readonly<Record<Density, { readonly width: number; readonly height: number }>> = {
  wide: { width: 150, height: 26 },
  narrow: { width: 72, height: 22 },
  small: { width: 22, height: 22 },
}
/** For a finger. */
const COARSE = 40
/** Of a heading above its tiles. */
const HEADING = 28
/** The column of headings beside their tiles, with the gap after it. The style sheet has it too. */
const HEADING_COLUMN = 176
/** From here on there is room for that column. */
const WIDE_SCREEN = 900
const GROUP_GAP = 4

export interface Room {
  /** px */
  readonly width: number
  readonly height: number
  /** Whether it is pointed at by finger. */
  readonly coarse: boolean
}

/** Where the names of groups stand; `none` where there is but one, which has no name. */
export type Headings = 'beside' | 'above' | 'none'

/** One line of the grid. */
export type Line<T> =
  | { readonly kind: 'heading'; readonly group: T }
  | { readonly kind: 'tiles'; readonly group: T; readonly from: number; readonly to: number; readonly isFirst: boolean }

export interface Layout {
  readonly density: Density
  readonly headings: Headings
  readonly columns: number
  /** Of a line of tiles, with the gap below it, px. */
  readonly lineHeight: number
}

/** The layout with the largest tiles that shows all groups in the room, or the one with the smallest there are. */
export function layoutFor(
  groups: readonly { readonly name: string; readonly targets: readonly unknown[] }[],
  room: Room,
): Layout {
  const isNamed = groups.some(({ name }) => name !== '')
  const headings = !isNamed ? 'none' : room.width >= WIDE_SCREEN ? 'beside' : 'above'
  const layouts = (['wide', 'narrow', 'small'] as const).map((density) => layout(density, headings, room))
  const sizes = groups.map(({ targets }) => targets.length)
  return layouts.find((each) => heightOf(sizes, each) <= room.height) ?? layouts[2]
}

/** Of all groups, px. @param sizes how many targets are in each */
export function heightOf(sizes: readonly number[], { headings, columns, lineHeight }: Layout): number {
  const lines = sizes.reduce((sum, size) => sum + Math.ceil(size / columns), 0)
  const each = headings === 'above' ? HEADING : headings === 'beside' ? GROUP_GAP : 0
  return lines * lineHeight + sizes.length * each
}

/** Of one line with what is around it, px. */
export function heightOfLine(line: Line<unknown>, { headings, lineHeight }: Layout): number {
  if (line.kind === 'heading') return HEADING
  return lineHeight + (headings === 'beside' && line.isFirst ? GROUP_GAP : 0)
}

/** The lines of the grid from top to bottom: of each group its heading, unless it stands beside, and then its tiles. */
export function linesOf<T extends { readonly targets: readonly unknown[] }>(
  groups: readonly T[],
  { headings, columns }: Pick<Layout, 'headings' | 'columns'>,
): readonly Line<T>[] {
  const lines: Line<T>[] = []
  for (const group of groups) {
    if (headings === 'above') lines.push({ kind: 'heading', group })
    for (let from = 0; from < group.targets.length; from += columns) {
      const to = Math.min(from + columns, group.targets.length)
      lines.push({ kind: 'tiles', group, from, to, isFirst: from === 0 })
    }
  }
  return lines
}

function layout(density: Density, headings: Headings, { width, coarse }: Room): Layout {
  const size = SIZES[density]
  const least = density === 'small' && coarse ? COARSE : size.width
  const left = headings === 'beside' ? width - HEADING_COLUMN : width
  const columns = Math.max(1, Math.floor((left + GAP) / (least + GAP)))
  return { density, headings, columns, lineHeight: (coarse ? COARSE : size.height) + GAP }
}
