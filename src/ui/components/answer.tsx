import type { ReactNode } from 'react'
import { ApiProblem, OfflineError } from '../api/client.ts'
import type { Answer } from '../api/queries.ts'
import { type PanelState, StatePanel } from './state-panel.tsx'

const STATES: Readonly<Record<number, PanelState>> = { 403: 'not_allowed', 404: 'empty' }

/**
 * What was asked for, once it is there; until then, or instead, why not. What is shown stays when a later question fails:
 * the header says how old it is.
 *
 * @param props.what in a few words, with small letters: `the incidents`
 */
export function Shown<T>(props: { answer: Answer<T>; what: string; children: (data: T) => ReactNode }) {
  const { answer, what, children } = props
  if (answer.data !== undefined) return children(answer.data)
  if (answer.error === null) return <StatePanel state="loading" title={`Loading ${what}`} />
  return <Refusal error={answer.error} what={what} onRetry={() => void answer.refetch()} />
}

/** Why something could not be shown or done. */
export function Refusal({ error, what, onRetry }: { error: Error; what: string; onRetry?: () => void }) {
  if (error instanceof OfflineError) {
    return (
      <StatePanel state="disconnected" title={`Homeostat does not answer: ${what}`} onRetry={onRetry}>
        The page asks again by itself as soon as it does.
      </StatePanel>
    )
  }
  const state = error instanceof ApiProblem ? STATES[error.status] : undefined
  if (state !== undefined) {
    return (
      <StatePanel state={state} title={`${state === 'empty' ? 'Not there' : 'Not for you'}: ${what}`}>
        {error.message}
      </StatePanel>
    )
  }
  return (
    <StatePanel state="error" title={`Could not show ${what}`} onRetry={onRetry}>
      {error.message}
    </StatePanel>
  )
}
