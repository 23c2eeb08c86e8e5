import { escapeHtml, oneLine } from './markup.ts'

export interface LevelPoint {
  /** ms since the epoch */
  readonly at: number
  /** In units of the alarm threshold. */
  readonly level: number
}

/** What a chart shows: the level against the threshold, which is 1 by definition. */
export interface LevelChart {
  readonly target: string
  /** Oldest first, at least two. */
  readonly points: readonly LevelPoint[]
  /** When the incident began, and ended if it has. */
  readonly detectedAt: number
  readonly recoveredAt?: number
  readonly actions: readonly { readonly at: number; readonly label: string }[]
}

export const CHART_FONT = 'DejaVu Sans Condensed'
const WIDTH = 720
const HEIGHT = 280
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 16, 40, 28]
/** Room above the threshold even where the level stays below it. */
const LOWEST_TOP = 1.5
/** Readings further apart are not joined. */
const GAP_MS = 120_000
const TICKS = [60_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000]

/** The chart as SVG, without anything from outside but the target's name and the actions' labels, both escaped. */
export function drawLevelChart(chart: LevelChart): string {
  const { points, detectedAt, recoveredAt } = chart
  const [from, to] = [points[0].at, Math.max((points.at(-1) as LevelPoint).at, points[0].at + 1)]
  const top = 1.1 * points.reduce((most, { level }) => Math.max(most, level), LOWEST_TOP)
  const x = (at: number) =>
    round(LEFT + ((Math.min(Math.max(at, from), to) - from) / (to - from)) * (WIDTH - LEFT - RIGHT))
  const y = (level: number) => round(HEIGHT - BOTTOM - (Math.min(level, top) / top) * (HEIGHT - TOP - BOTTOM))
  const [begin, end] = [x(detectedAt), x(recoveredAt ?? to)]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="${CHART_FONT}" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(LEFT, 18, `level of ${oneLine(chart.target, 80)} (UTC)`, '#1f2328', 'start', 14),
    `<rect x="${begin}" y="${TOP}" width="${Math.max(1, round(end - begin))}" height="${HEIGHT - TOP - BOTTOM}" fill="#fdecea"/>`,
    ...levelTicks(top).map((level) => text(LEFT - 6, y(level) + 4, short(level), '#656d76', 'end')),
    ...timeTicks(from, to).flatMap((at) => [
      line(x(at), TOP, x(at), HEIGHT - BOTTOM, '#eaeef2'),
      text(x(at), HEIGHT - 10, new Date(at).toISOString().slice(11, 16), '#656d76', 'middle'),
    ]),
    line(LEFT, y(0), WIDTH - RIGHT, y(0), '#afb8c1'),
    line(LEFT, y(1), WIDTH - RIGHT, y(1), '#cf222e', '6 4'),
    text(LEFT + 4, y(1) - 5, 'threshold', '#cf222e', 'start'),
    ...runs(points).map(
      (run) =>
        `<polyline fill="none" stroke="#0969da" stroke-width="2" stroke-linejoin="round" points="${run.map(({ at, level }) => `${x(at)},${y(level)}`).join(' ')}"/>`,
    ),
    ...chart.actions.flatMap(({ at, label }) => [
      line(x(at), TOP, x(at), HEIGHT - BOTTOM, '#8250df', '3 3'),
      text(x(at) + 4, TOP + 12, oneLine(label, 24), '#8250df', 'start'),
    ]),
    '</svg>',
  ].join('')
}

function runs(points: readonly LevelPoint[]): LevelPoint[][] {
  const found: LevelPoint[][] = []
  for (const [i, point] of points.entries()) {
    if (i === 0 || point.at - points[i - 1].at > GAP_MS) found.push([])
    found.at(-1)?.push(point)
  }
  return found
}

function levelTicks(top: number): number[] {
  const step = 10 ** Math.floor(Math.log10(top)) / 2
  const count = Math.floor(top / step)
  const every = count > 5 ? Math.ceil(count / 5) : 1
  return Array.from({ length: Math.floor(count / every) + 1 }, (_, i) => i * every * step)
}

function timeTicks(from: number, to: number): number[] {
  const step = TICKS.find((ms) => (to - from) / ms <= 8) ?? Math.ceil((to - from) / 8)
  const first = Math.ceil(from / step) * step
  return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, i) => first + i * step)
}

const round = (value: number) => Math.round(value * 10) / 10
const short = (level: number) => String(Number(level.toPrecision(3)))

function line(x1: number, y1: number, x2: number, y2: number, color: string, dashes = ''): string {
  const dashed = dashes === '' ? '' : ` stroke-dasharray="${dashes}"`
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${color}"${dashed}/>`
}

function text(x: number, y: number, words: string, color: string, anchor: string, size = 12): string {
  return `<text x="${x}" y="${y}" fill="${color}" text-anchor="${anchor}" font-size="${size}">${escapeHtml(words)}</text>`
}
