import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'
import type { IncidentDetailJson } from '../../api/contract.ts'
import { postJson } from '../api/client.ts'
import { keyOf } from '../api/queries.ts'
import { usePermissions } from '../api/session.ts'
import { ConfirmButton } from './confirm-button.tsx'
import { instanceOf } from './deed.ts'
import { Outcome } from './outcome.tsx'
import { NEEDS_OPERATE } from './roles.ts'

const DURATIONS = { '30m': '30 min', '1h': '1 h', '4h': '4 h', '1d': '1 day', '7d': '7 days' } as const
type Duration = keyof typeof DURATIONS

/** Leaves a target alone for a while: no action, and nobody is told. */
export function Silence({ incidentId, target }: { readonly incidentId: string; readonly target: string }) {
  const queries = useQueryClient()
  const { operate } = usePermissions()
  const [duration, setDuration] = useState<Duration>('1h')
  const [text, setText] = useState('')
  const id = useId()
  const path = `incidents/${encodeURIComponent(incidentId)}`
  const silence = useMutation<IncidentDetailJson, Error>({
    mutationFn: () => postJson(`${path}/silence`, { duration, text }),
    onSuccess: (incident) => {
      queries.setQueryData(keyOf(path), incident)
      void queries.invalidateQueries({ queryKey: keyOf(`targets/${encodeURIComponent(target)}`), exact: true })
    },
  })

  return (
    <div className="stack">
      <div className="row">
        <label className="field">
          <span className="field-label">for</span>
          <select
            className="select"
            value={duration}
            disabled={!operate}
            onChange={(event) => setDuration(event.target.value as Duration)}
          >
            {Object.entries(DURATIONS).map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <label className="field field-wide" htmlFor={id}>
          <span className="field-label">why</span>
          <input
            id={id}
            className="input"
            value={text}
            maxLength={1000}
            disabled={!operate}
            placeholder="for those who look later"
            onChange={(event) => setText(event.target.value)}
          />
        </label>
      </div>
      <div className="row">
        <ConfirmButton
          label="Silence"
          deed={`Silence ${instanceOf(target)} for ${DURATIONS[duration]}`}
          detail="Nothing is done about it, and nobody is told, until then."
          disabledReason={operate ? undefined : NEEDS_OPERATE}
          busy={silence.isPending}
          onConfirm={() => silence.mutate()}
        />
        {!operate && <span className="muted">{NEEDS_OPERATE}</span>}
        <Outcome error={silence.error} done={silence.isSuccess ? 'Silenced.' : undefined} />
      </div>
    </div>
  )
}
