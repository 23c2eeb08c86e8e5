import { setParams } from '../../app/router.ts'
import { zoomed } from '../../charts/range.ts'
import type { Picture } from './picture.ts'

/** What all charts of the page have in common: axis, crosshair and zoom. */
export function axisOf({ range, stepMs, spans }: Picture) {
  return {
    range,
    stepMs,
    spans,
    group: 'target',
    onZoom: (from: number, to: number) => {
      const params = zoomed(from, to)
      if (params !== undefined) setParams(params)
    },
    onReset: () => setParams({ from: undefined, to: undefined }),
  }
}
