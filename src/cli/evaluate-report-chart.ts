import type { ReportHost } from './evaluate-report-data.ts'
import { downsample, type LinePoint } from './evaluate-report-downsample.ts'

const WIDTH = 1000
const HEIGHT = 240
const LEFT = 44
const RIGHT = 8
const TOP = 14
/** Below the curve: a lane of labelled segments, a lane of alarms, the time axis. */
const BOTTOM = 64
const LANE = 9
const PLOT_WIDTH = WIDTH - LEFT - RIGHT
const PLOT_HEIGHT = HEIGHT - TOP - BOTTOM

/** Text for XML: nothing a name holds can become markup. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** Minutes are enough for people: `2026-11-21 07:10`. */
export function formatTime(at: number): string {
  return Number.isFinite(at) ? new Date(at).toISOString().slice(0, 16).replace('T', ' ') : 'unknown'
}

/**
 * The level of one host over time as inline SVG, with the threshold at 1, alarms and labelled segments. Levels are drawn
 * as log₂(1 + level): 0, 1, 3, 7 lie evenly apart, so that the ordinary and the enormous are both seen.
 */
export function levelChart(host: ReportHost): string {
  const { times, level } = host
  const runs = downsample(level, PLOT_WIDTH)
  const highest = runs.flat().reduce((most, { value }) => Math.max(most, Math.min(value, 1e12)), 2)
  const top = Math.log2(1 + highest)
  const y = (value: number) => TOP + PLOT_HEIGHT * (1 - Math.log2(1 + Math.min(Math.max(value, 0), highest)) / top)
  const x = timeScale(times)
  const bands = (host.segments ?? []).map(({ from, to }) =>
    band(x(times[from]), x(times[to]), 'segment', TOP, PLOT_HEIGHT),
  )
  const label = `Level of ${host.name} from ${formatTime(times[0])} to ${formatTime(times[times.length - 1])} UTC`
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeXml(label)}">
${bands.join('')}${levelAxis(highest, y)}${timeAxis(times, x)}
${runs.map((run) => `<path class="line" d="${path(run, (index) => x(times[index]), y)}"/>`).join('')}
<line class="threshold" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(1).toFixed(1)}" y2="${y(1).toFixed(1)}"/>
${lanes(host, x)}</svg>`
}

function timeScale(times: ArrayLike<number>): (at: number) => number {
  const first = times[0]
  const span = times[times.length - 1] - first || 1
  return (at) => LEFT + (PLOT_WIDTH * (at - first)) / span
}

function path(run: readonly LinePoint[], x: (index: number) => number, y: (value: number) => number): string {
  const points = run.map(({ index, value }) => `${x(index).toFixed(1)} ${y(value).toFixed(1)}`)
  // A single reading between two gaps would draw nothing.
  return `M${points.length === 1 ? `${points[0]}h0.5` : points.join('L')}`
}

/** At least a pixel wide: the shortest alarm is seen too. */
function band(from: number, to: number, kind: string, top: number, height: number, title = ''): string {
  const tip = title === '' ? '' : `<title>${escapeXml(title)}</title>`
  const width = Math.max(1.2, to - from).toFixed(1)
  return `<rect class="${kind}" x="${from.toFixed(1)}" width="${width}" y="${top}" height="${height}">${tip}</rect>`
}

function lanes({ times, segments, alarms }: ReportHost, x: (at: number) => number): string {
  const top = TOP + PLOT_HEIGHT + 11
  const labelled = segments ?? []
  const known = labelled.map(({ from, to }) => band(x(times[from]), x(times[to]), 'truth', top, LANE))
  const raised = alarms.map(({ from, to, features }) =>
    band(
      x(times[from]),
      x(times[to]),
      'alarm',
      top + LANE + 3,
      LANE,
      `${formatTime(times[from])} ${features.join(', ')}`,
    ),
  )
  const name = (text: string, at: number) => `<text class="tick" x="${LEFT - 5}" y="${at + LANE - 1}">${text}</text>`
  return `${labelled.length > 0 ? name('known', top) : ''}${name('alarms', top + LANE + 3)}${known.join('')}${raised.join('')}`
}

function levelAxis(highest: number, y: (value: number) => number): string {
  const ticks = [0, 1]
  for (let tick = 3; tick <= highest; tick = 2 * tick + 1) ticks.push(tick)
  // Many octaves would write over one another; the threshold and the two ends stay.
  const every = Math.ceil(ticks.length / 8)
  const shown = ticks.filter((_, i) => i < 2 || i % every === 0)
  return shown
    .map((tick) => {
      const at = y(tick).toFixed(1)
      const text = `<text class="tick" x="${LEFT - 5}" y="${at}" dy="4">${tick < 1e4 ? tick : tick.toExponential(0)}</text>`
      return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/>${text}`
    })
    .join('')
}

const HOUR = 3_600_000
const STEPS = [1 / 60, 1 / 12, 1 / 4, 1, 3, 6, 12, 24, 48, 168, 336, 720, 2160, 8760].map((hours) => hours * HOUR)

function timeAxis(times: ArrayLike<number>, x: (at: number) => number): string {
  const first = times[0]
  const last = times[times.length - 1]
  const step = STEPS.find((candidate) => (last - first) / candidate <= 9) ?? (last - first) / 9
  const ticks: string[] = []
  for (let at = Math.ceil(first / step) * step; at <= last; at += step) {
    const text = step >= 24 * HOUR ? formatTime(at).slice(5, 10) : formatTime(at).slice(5)
    // At the edges the text leans inwards, so that it stays whole and its mark stays where it is.
    const anchor = x(at) < LEFT + 30 ? 'start' : x(at) > WIDTH - 40 ? 'end' : 'middle'
    ticks.push(`<text class="tick ${anchor}" x="${x(at).toFixed(1)}" y="${HEIGHT - 6}">${text}</text>`)
    ticks.push(
      `<line class="grid" x1="${x(at).toFixed(1)}" x2="${x(at).toFixed(1)}" y1="${TOP}" y2="${TOP + PLOT_HEIGHT}"/>`,
    )
  }
  return ticks.join('')
}

/** Training and validation loss by epoch, logarithmic, as inline SVG. */
export function lossChart(train: readonly number[], validation: readonly number[]): string {
  const known = [...train, ...validation].filter((loss) => loss > 0 && Number.isFinite(loss))
  if (known.length === 0) return ''
  const low = Math.log10(Math.min(...known))
  const high = Math.max(Math.log10(Math.max(...known)), low + 0.1)
  const epochs = Math.max(train.length, validation.length)
  const x = (epoch: number) => 60 + (420 * epoch) / Math.max(1, epochs - 1)
  const y = (loss: number) => 12 + 120 * (1 - (Math.log10(loss) - low) / (high - low))
  const line = (losses: readonly number[], kind: string) => {
    const drawn = losses.map((loss) => (loss > 0 && Number.isFinite(loss) ? loss : Number.NaN))
    return downsample(drawn, 420)
      .map((run) => `<path class="${kind}" d="${path(run, x, y)}"/>`)
      .join('')
  }
  const ticks = [10 ** low, 10 ** high].map(
    (loss) => `<text class="tick" x="54" y="${(y(loss) + 4).toFixed(1)}">${loss.toPrecision(2)}</text>`,
  )
  return `<svg class="loss" viewBox="0 0 500 160" role="img" aria-label="Loss by epoch">
<line class="grid" x1="60" x2="480" y1="132" y2="132"/>${ticks.join('')}
<text class="tick middle" x="60" y="150">1</text><text class="tick end" x="480" y="150">epoch ${epochs}</text>
${line(train, 'line')}${line(validation, 'validation')}</svg>`
}
