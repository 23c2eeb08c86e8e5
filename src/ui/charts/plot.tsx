import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useTheme } from '../app/theme.ts'
import { align } from './align.ts'
import { plotOptions } from './plot-options.ts'
import type { PlotProps } from './plot-types.ts'

/** uPlot on the page. Loaded only when a page has a chart: see `chart.tsx`. */
export function Plot(props: PlotProps) {
  const { lines, range, stepMs, spans, marks, threshold } = props
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const newest = useRef(props)
  const theme = useTheme()
  const kind = lines.map(({ label, look }) => `${look} ${label}`).join('\n')

  useEffect(() => {
    newest.current = props
  })

  // biome-ignore lint/correctness/useExhaustiveDependencies: another set of lines is another chart
  useEffect(() => {
    const element = box.current
    if (element === null) return
    const now = () => newest.current
    const made = new uPlot(plotOptions(now, element.clientWidth), align(now().lines, now().stepMs) as never, element)
    plot.current = made
    const reset = () => now().onReset()
    made.over.addEventListener('dblclick', reset)
    const observer = new ResizeObserver(() => {
      if (element.clientWidth !== made.width) made.setSize({ width: element.clientWidth, height: now().height })
    })
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
      plot.current = undefined
    }
  }, [kind])

  // biome-ignore lint/correctness/useExhaustiveDependencies: all of them are drawn
  useEffect(() => {
    plot.current?.setData(align(lines, stepMs) as never)
  }, [lines, stepMs, range, spans, marks, threshold])

  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read while drawing
  useEffect(() => {
    plot.current?.redraw(false)
  }, [theme])

  return <div ref={box} className="plot" />
}
