import { type ReactNode, useEffect, useState } from 'react'
import './state-panel.css'

/** Why a part of a page shows no data, or older data than it should. */
export type PanelState = 'loading' | 'empty' | 'warming_up' | 'stale' | 'disconnected' | 'not_allowed' | 'error'

interface StatePanelProps {
  readonly state: PanelState
  /** What it is about, in a few words: `Loading incidents`, `No incidents`. */
  readonly title: string
  /** What to know, and what to do. */
  readonly children?: ReactNode
  readonly onRetry?: () => void
}

const SIGNS: Readonly<Record<PanelState, string>> = {
  loading: '…',
  empty: '○',
  warming_up: '◔',
  stale: '◌',
  disconnected: '⇎',
  not_allowed: '⊘',
  error: '!',
}
const LATE_MS = 5000

/** Every state in which there is nothing, or not all, to show: designed, and none a spinner for ever. */
export function StatePanel({ state, title, children, onRetry }: StatePanelProps) {
  const isLoud = state === 'error' || state === 'disconnected'
  return (
    <div className={`state-panel state-${state}`} role={isLoud ? 'alert' : 'status'}>
      <span className="state-sign" aria-hidden="true">
        {SIGNS[state]}
      </span>
      <div className="state-text">
        <strong>{title}</strong>
        {children !== undefined && <div>{children}</div>}
        {state === 'loading' && <Late />}
        {onRetry !== undefined && (
          <button type="button" className="button button-plain" onClick={onRetry}>
            Try again
          </button>
        )}
      </div>
    </div>
  )
}

function Late() {
  const [isLate, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), LATE_MS)
    return () => clearTimeout(timer)
  }, [])
  return isLate && <div className="muted">It takes longer than it should; the daemon may be busy or not reachable.</div>
}
