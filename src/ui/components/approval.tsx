import { useMutation } from '@tanstack/react-query'
import type { ActionDetailJson, ActionJson } from '../../api/contract.ts'
import { postJson } from '../api/client.ts'
import { usePermissions } from '../api/session.ts'
import { ConfirmButton } from './confirm-button.tsx'
import { deedOf } from './deed.ts'
import { NEEDS_OPERATE } from './roles.ts'

type Answer = 'approve' | 'deny'

/**
 * Yes or no to an action that waits for a person, saying exactly what would be done.
 *
 * @param props.isCallShown whether target and call stand beside it already
 */
export function Approval({ action, isCallShown = false }: { action: ActionJson; isCallShown?: boolean }) {
  const { operate } = usePermissions()
  const given = useMutation<ActionDetailJson, Error, Answer>({
    mutationFn: (answer) => postJson(`actions/${encodeURIComponent(action.id)}/${answer}`),
  })
  // It stays "given" until events tell the new state.
  const isGiven = given.isPending || given.isSuccess
  const disabledReason = operate ? undefined : NEEDS_OPERATE
  const deed = deedOf(action)

  return (
    <div className="row">
      <ConfirmButton
        label="Approve"
        deed={deed}
        detail={isCallShown ? undefined : <Call {...action} />}
        look="primary"
        shortcut="a"
        disabledReason={disabledReason}
        busy={isGiven && given.variables === 'approve'}
        onConfirm={() => given.mutate('approve')}
      />
      <ConfirmButton
        label="Deny"
        deed={`Do not ${deed.charAt(0).toLowerCase()}${deed.slice(1)}`}
        disabledReason={disabledReason}
        busy={isGiven && given.variables === 'deny'}
        onConfirm={() => given.mutate('deny')}
      />
      {disabledReason !== undefined && <span className="muted">{disabledReason}</span>}
      {given.error !== null && (
        <span role="alert" className="field-error">
          {given.error.message}
        </span>
      )}
    </div>
  )
}

function Call({ target, call }: ActionJson) {
  return (
    <>
      On <strong className="wrap">{target}</strong>
      {call !== '' && (
        <>
          {': '}
          <code>{call}</code>
        </>
      )}
    </>
  )
}
