import type uPlot from 'uplot'
import { isolated, scaleOf } from './align.ts'
import { drawMarks, drawRibbon, drawThreshold, ink, RIBBON } from './draw.ts'
import type { LineLook, PlotProps } from './plot-types.ts'

const FONT = '11px system-ui, sans-serif'
/** Width of the axis of values: the same in all charts, so that their times stand above each other. */
const Y_AXIS = 58
const X_AXIS = 26
const DAY_SECONDS = 86_400

type Look = Pick<uPlot.Series, 'width' | 'dash'> & { readonly colour: string }
const LOOKS: Readonly<Record<LineLook, Look>> = {
  main: { colour: '--chart-line', width: 1.5 },
  expected: { colour: '--chart-expected', width: 1, dash: [4, 3] },
  second: { colour: '--accent', width: 1 },
}

/**
 * What uPlot is told. Data and ranges change while a chart lives, so they are read anew at each drawing.
 *
 * @param now gives the newest properties
 */
export function plotOptions(now: () => PlotProps, width: number): uPlot.Options {
  const { lines, height, group } = now()
  return {
    width,
    height,
    legend: { show: false },
    // To the right there is room for half of the last time below the axis.
    padding: [8, 20, 0, 0],
    cursor: {
      // Only where the crosshair is: a stroke of the mouse zooms once, not once for each chart.
      sync: { key: group, setSeries: false, filters: { pub: (type) => type === 'mousemove' || type === 'mouseleave' } },
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
      y: false,
    },
    scales: {
      x: { time: true, range: () => [now().range.from / 1000, now().range.to / 1000] },
      y: { range: (_plot, low, high) => scaleOf(low, high, now().threshold) },
    },
    axes: [timeAxis(), valueAxis(now)],
    series: [
      {},
      ...lines.map(({ label, look }) => {
        const { colour, ...drawn } = LOOKS[look]
        const stroke = () => ink(colour)
        return { label, stroke, points: pointsOf(stroke), spanGaps: false, ...drawn }
      }),
    ],
    hooks: hooks(now),
  }
}

/** Only where no line is. */
function pointsOf(stroke: () => string): uPlot.Series.Points {
  return {
    show: true,
    size: 5,
    stroke,
    fill: stroke,
    filter: ({ data }, series) => isolated([...data[series]]),
  }
}

function timeAxis(): uPlot.Axis {
  return {
    stroke: () => ink('--muted'),
    font: FONT,
    size: X_AXIS + RIBBON,
    gap: RIBBON + 2,
    space: 70,
    grid: { show: false },
    ticks: { show: false },
    values: (_plot, splits, _axis, _space, step) => splits.map((seconds) => timeLabel(seconds, step)),
  }
}

/** Hours and minutes; seconds or the date where the steps ask for them. */
function timeLabel(seconds: number, step: number): string {
  const date = new Date(seconds * 1000)
  const two = (part: number) => String(part).padStart(2, '0')
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0
  if (step >= DAY_SECONDS || isMidnight) return `${two(date.getMonth() + 1)}-${two(date.getDate())}`
  const minutes = `${two(date.getHours())}:${two(date.getMinutes())}`
  return step < 60 ? `${minutes}:${two(date.getSeconds())}` : minutes
}

function valueAxis(now: () => PlotProps): uPlot.Axis {
  return {
    stroke: () => ink('--muted'),
    font: FONT,
    size: Y_AXIS,
    space: 28,
    grid: { stroke: () => ink('--border'), width: 1 },
    ticks: { show: false },
    values: (_plot, splits) => splits.map((value) => now().format(value)),
  }
}

function hooks(now: () => PlotProps): uPlot.Hooks.Arrays {
  return {
    drawAxes: [(plot) => drawMarks(plot, now().marks)],
    draw: [
      (plot) => {
        const { threshold, spans } = now()
        if (threshold !== undefined) drawThreshold(plot, threshold)
        drawRibbon(plot, spans)
      },
    ],
    setSelect: [
      (plot) => {
        const { left, width } = plot.select
        if (width === 0) return
        const at = (x: number) => plot.posToVal(x, 'x') * 1000
        plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
        now().onZoom(at(left), at(left + width))
      },
    ],
    setCursor: [
      ({ cursor: { idx }, data }) => {
        const [times, ...columns] = data
        if (idx === null || idx === undefined) return now().onPoint(undefined, [])
        now().onPoint(
          times[idx] * 1000,
          columns.map((column) => column[idx] ?? null),
        )
      },
    ],
  }
}
