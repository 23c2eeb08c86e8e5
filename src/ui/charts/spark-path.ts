import type { Sample } from './spans.ts'

interface Box {
  /** ms at the left and the right edge */
  readonly from: number
  readonly to: number
  /** Values at the lower and the upper edge. */
  readonly extent: readonly [number, number]
  readonly width: number
  readonly height: number
}

/** Room for the stroke. */
const PADDING = 1.5

/** The least and the greatest value; a flat line lies in the middle. */
export function extentOf(samples: readonly Sample[]): readonly [number, number] {
  const values = samples.flatMap(({ value }) => (value === null ? [] : [value]))
  if (values.length === 0) return [0, 1]
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return low === high ? [low - 1, high + 1] : [low, high]
}

/** The line as SVG path data; it breaks where a value is null. */
export function pathOf(samples: readonly Sample[], { from, to, extent: [low, high], width, height }: Box): string {
  let path = ''
  let isDown = false
  for (const { at, value } of samples) {
    if (value === null || at < from || at > to) {
      isDown = false
      continue
    }
    const x = (width * (at - from)) / (to - from)
    const y = PADDING + (height - 2 * PADDING) * (1 - (Math.min(Math.max(value, low), high) - low) / (high - low))
    path += `${isDown ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`
    isDown = true
  }
  return path
}
