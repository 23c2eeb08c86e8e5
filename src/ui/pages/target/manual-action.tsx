import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { ActionDetailJson, ActionNameJson } from '../../../api/contract.ts'
import { postJson } from '../../api/client.ts'
import { useGet } from '../../api/queries.ts'
import { usePermissions } from '../../api/session.ts'
import { href } from '../../app/router.ts'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { deedOf } from '../../components/deed.ts'
import { Outcome } from '../../components/outcome.tsx'
import { NEEDS_OPERATE } from '../../components/roles.ts'
import { StateBadge } from '../../components/state-badge.tsx'
import { ACTION_LOOKS } from '../../components/states.ts'
import { words } from '../../format.ts'
import { type ParameterField, parameterFields, parametersOf } from './manual-parameters.ts'

const ACTIONS: readonly ActionNameJson[] = ['restart', 'scale_up', 'scale_down', 'throttle', 'exec', 'http']

/** An action that a person wants, through the same guards as those of the rules. */
export function ManualAction({ target }: { readonly target: string }) {
  const { operate } = usePermissions()
  const [action, setAction] = useState<ActionNameJson>('restart')
  const [values, setValues] = useState<Readonly<Record<string, string>>>({})
  const [reason, setReason] = useState('')
  const ask = useMutation<ActionDetailJson, Error>({
    mutationFn: () => postJson('actions', { target, action, parameters: parametersOf(action, values), reason }),
  })
  const missing = reason.trim() === '' ? 'say why first: it stands in the ledger' : undefined

  return (
    <div className="stack">
      <label className="field">
        <span className="field-label">what</span>
        <select
          className="select"
          value={action}
          disabled={!operate}
          onChange={(event) => setAction(event.target.value as ActionNameJson)}
        >
          {ACTIONS.map((each) => (
            <option key={each} value={each}>
              {words(each)}
            </option>
          ))}
        </select>
      </label>
      {parameterFields(action).map((field) => (
        <Field
          key={field.name}
          field={field}
          value={values[field.name] ?? ''}
          isOff={!operate}
          onChange={(value) => setValues({ ...values, [field.name]: value })}
        />
      ))}
      <label className="field">
        <span className="field-label">why</span>
        <input
          className="input"
          value={reason}
          maxLength={1000}
          disabled={!operate}
          onChange={(event) => setReason(event.target.value)}
        />
      </label>
      <div className="row">
        <ConfirmButton
          label="Act"
          deed={deedOf({ action, target })}
          detail="The guards are asked first; the exact call stands in the ledger."
          look="danger"
          disabledReason={operate ? missing : NEEDS_OPERATE}
          busy={ask.isPending}
          onConfirm={() => ask.mutate()}
        />
        {(!operate || missing !== undefined) && <span className="muted">{operate ? missing : NEEDS_OPERATE}</span>}
        <Outcome error={ask.error} />
      </div>
      {ask.data !== undefined && <Course id={ask.data.id} first={ask.data} />}
    </div>
  )
}

interface FieldProps {
  readonly field: ParameterField
  readonly value: string
  readonly isOff: boolean
  readonly onChange: (value: string) => void
}

function Field({ field, value, isOff, onChange }: FieldProps) {
  return (
    <label className="field">
      <span className="field-label">{field.words}</span>
      <input
        className="input"
        inputMode={field.isNumber ? 'decimal' : undefined}
        placeholder={field.placeholder}
        value={value}
        disabled={isOff}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  )
}

/** How it goes on with what was asked for; a refusal in the guard's words. */
function Course({ id, first }: { readonly id: string; readonly first: ActionDetailJson }) {
  const { state, reason } = useGet<ActionDetailJson>(`actions/${encodeURIComponent(id)}`).data ?? first
  return (
    <div role="status">
      <StateBadge {...ACTION_LOOKS[state]} /> {reason} <a href={href('/actions', { id })}>in the ledger</a>
    </div>
  )
}
