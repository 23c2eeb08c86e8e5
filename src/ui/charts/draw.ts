import type uPlot from 'uplot'
import type { Mark } from './plot-types.ts'
import type { Span } from './spans.ts'

/** Height of the ribbon, CSS pixels: what is anomalous is higher, for eyes that do not tell the colours apart. */
export const RIBBON = 8
const RIBBON_NORMAL = 3
const RIBBON_ANOMALOUS = 7
const MARK = 4

/** A colour of the page, by the name of its custom property. */
export function ink(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

/** The line of the threshold, over the whole width. */
export function drawThreshold(plot: uPlot, threshold: number): void {
  const { ctx, bbox } = plot
  const y = Math.round(plot.valToPos(threshold, 'y', true)) + 0.5
  ctx.save()
  ctx.strokeStyle = ink('--line-threshold')
  ctx.lineWidth = devicePixelRatio
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio])
  stroke(ctx, bbox.left, y, bbox.left + bbox.width, y)
  ctx.restore()
}

/** The thin stripe under the chart: grey normal, amber anomalous, nothing where nobody knows. */
export function drawRibbon(plot: uPlot, spans: readonly Span[]): void {
  const { ctx, bbox } = plot
  const top = bbox.top + bbox.height + devicePixelRatio
  for (const { from, to, anomalous } of spans) {
    const [left, right] = inside(plot, from, to)
    if (right <= left) continue
    ctx.fillStyle = anomalous ? ink('--level-amber') : ink('--border')
    ctx.fillRect(left, top, right - left, (anomalous ? RIBBON_ANOMALOUS : RIBBON_NORMAL) * devicePixelRatio)
  }
}

/** Incidents as a shade with a triangle where they began, actions as a line with a square. */
export function drawMarks(plot: uPlot, marks: readonly Mark[]): void {
  for (const mark of marks) {
    if (mark.kind === 'incident') drawIncident(plot, mark)
    else drawAction(plot, mark)
  }
}

function drawIncident(plot: uPlot, { at, to = at }: Mark): void {
  const { ctx, bbox } = plot
  const [left, right] = inside(plot, at, to)
  if (right > left) {
    ctx.save()
    ctx.globalAlpha = 0.1
    ctx.fillStyle = ink('--level-amber')
    ctx.fillRect(left, bbox.top, right - left, bbox.height)
    ctx.restore()
  }
  if (!isInside(plot, at)) return
  const size = MARK * devicePixelRatio
  ctx.fillStyle = ink('--level-amber')
  ctx.beginPath()
  ctx.moveTo(left, bbox.top)
  ctx.lineTo(left + 2 * size, bbox.top)
  ctx.lineTo(left, bbox.top + 2 * size)
  ctx.fill()
}

function drawAction(plot: uPlot, { at }: Mark): void {
  if (!isInside(plot, at)) return
  const { ctx, bbox } = plot
  const x = Math.round(plot.valToPos(at / 1000, 'x', true)) + 0.5
  const size = MARK * devicePixelRatio
  ctx.save()
  ctx.strokeStyle = ctx.fillStyle = ink('--accent')
  ctx.lineWidth = devicePixelRatio
  stroke(ctx, x, bbox.top, x, bbox.top + bbox.height)
  ctx.fillRect(x - size, bbox.top - size, 2 * size, 2 * size)
  ctx.restore()
}

function isInside(plot: uPlot, at: number): boolean {
  const { min = 0, max = 0 } = plot.scales.x
  return at / 1000 >= min && at / 1000 <= max
}

/** Pixels of a stretch of time, cut to the chart. */
function inside(plot: uPlot, from: number, to: number): [number, number] {
  const { left, width } = plot.bbox
  const cut = (at: number) => Math.min(Math.max(plot.valToPos(at / 1000, 'x', true), left), left + width)
  return [cut(from), cut(to)]
}

function stroke(ctx: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  ctx.beginPath()
  ctx.moveTo(x1, y1)
  ctx.lineTo(x2, y2)
  ctx.stroke()
}
