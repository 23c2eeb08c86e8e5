import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { IncidentDetailJson } from '../../../api/contract.ts'
import { postJson } from '../../api/client.ts'
import { keyOf } from '../../api/queries.ts'
import { usePermissions } from '../../api/session.ts'
import { Outcome } from '../../components/outcome.tsx'
import { NEEDS_OPERATE } from '../../components/roles.ts'
import { isOpenIncident } from '../../components/states.ts'

interface Said {
  readonly path: 'acknowledge' | 'feedback'
  readonly body?: { readonly useful: boolean }
}

/** What a person can say of an incident; all of it can be said again, so nothing is asked twice. */
export function IncidentButtons({ incident }: { readonly incident: IncidentDetailJson }) {
  const queries = useQueryClient()
  const { operate } = usePermissions()
  const path = `incidents/${encodeURIComponent(incident.id)}`
  const say = useMutation<IncidentDetailJson, Error, Said>({
    mutationFn: (said) => postJson(`${path}/${said.path}`, said.body),
    onSuccess: (changed) => queries.setQueryData(keyOf(path), changed),
  })
  const isOff = !operate || say.isPending
  const press = (said: Said) => () => !isOff && say.mutate(said)
  const { acknowledged_at, feedback } = incident
  const reason = operate ? undefined : NEEDS_OPERATE

  return (
    <div className="row">
      {isOpenIncident(incident) && (
        <button
          type="button"
          className="button"
          title={reason}
          aria-disabled={isOff || acknowledged_at !== null}
          onClick={acknowledged_at === null ? press({ path: 'acknowledge' }) : undefined}
        >
          {acknowledged_at === null ? 'Acknowledge' : 'Acknowledged'}
        </button>
      )}
      {[true, false].map((useful) => (
        <button
          key={String(useful)}
          type="button"
          className="button"
          title={reason}
          aria-disabled={isOff}
          aria-pressed={feedback?.useful === useful}
          onClick={press({ path: 'feedback', body: { useful } })}
        >
          {useful ? 'Useful' : 'Not useful'}
        </button>
      ))}
      {reason !== undefined && <span className="muted">{reason}</span>}
      <Outcome error={say.error} />
    </div>
  )
}
