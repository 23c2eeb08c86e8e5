import { setParams, useRoute } from '../../app/router.ts'
import { DEFAULT_PRESET, PRESETS, presetOf, rangeOf } from '../../charts/range.ts'
import { formatClock, formatDuration, formatMoment } from '../../format.ts'

/** Which time all charts of the page show. It lives in the address. */
export function RangePicker() {
  const { params } = useRoute()
  const preset = presetOf(params)
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be read as part of a form
    <div className="row range-picker" role="group" aria-label="Time shown">
      {preset === undefined && <Fixed {...rangeOf(params, 0)} />}
      {Object.keys(PRESETS).map((each) => (
        <button
          key={each}
          type="button"
          className="button"
          aria-pressed={each === preset}
          title={`the last ${formatDuration(PRESETS[each as keyof typeof PRESETS] / 1000)}`}
          onClick={() => showPreset(each)}
        >
          {each}
        </button>
      ))}
    </div>
  )
}

function Fixed({ from, to }: { readonly from: number; readonly to: number }) {
  return (
    <>
      <span className="number">
        {formatMoment(from, Date.now())} – {formatClock(to)}
      </span>
      <button type="button" className="button" onClick={() => zoomOut(from, to)}>
        Zoom out
      </button>
    </>
  )
}

export function showPreset(preset: string): void {
  setParams({ range: preset === DEFAULT_PRESET ? undefined : preset, from: undefined, to: undefined })
}

/** Twice the time around the same middle, but not into the future. */
function zoomOut(from: number, to: number): void {
  const more = (to - from) / 2
  const end = Math.min(to + more, Date.now())
  setParams({ from: new Date(from - more).toISOString(), to: new Date(end).toISOString() })
}
