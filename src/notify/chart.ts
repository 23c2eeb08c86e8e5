import { readFile } from 'node:fs/promises'
import { CHART_FONT, drawLevelChart, type LevelChart } from './chart-svg.ts'

/** Draws a chart as PNG. */
export type DrawChart = (chart: LevelChart) => Promise<Uint8Array>

/** Loads what it draws with when the first chart is asked for: some 30 MB that stay. */
export function createChartPainter(): DrawChart {
  let loading: Promise<(svg: string) => Uint8Array> | undefined
  return async (chart) => {
    loading ??= loadPainter()
    const paint = await loading
    return paint(drawLevelChart(chart))
  }
}

/** Everything comes with the packages: no font of the machine, nothing from the network. */
async function loadPainter(): Promise<(svg: string) => Uint8Array> {
  const { initWasm, Resvg } = await import('@resvg/resvg-wasm')
  const [wasm, font] = await Promise.all([
    readFile(new URL(import.meta.resolve('@resvg/resvg-wasm/index_bg.wasm'))),
    readFile(new URL(import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf'))),
  ])
  // Once in a process, whoever asks.
  await initWasm(wasm).catch((error: Error) => {
    if (!/already/i.test(error.message)) throw error
  })
  return (svg) => {
    const picture = new Resvg(svg, {
      font: { fontBuffers: [font], loadSystemFonts: false, defaultFontFamily: CHART_FONT },
    })
    const pixels = picture.render()
    const png = pixels.asPng()
    pixels.free()
    picture.free()
    return png
  }
}
