import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'
import type { FreezeJson } from '../../api/contract.ts'
import { postJson } from '../api/client.ts'
import { keyOf, useGet } from '../api/queries.ts'
import { usePermissions } from '../api/session.ts'
import { Dialog } from '../components/dialog.tsx'
import { useKeys } from './keyboard.ts'

const FREEZE_NEEDS = 'Freezing needs the role operate, for the whole fleet.'
const UNFREEZE_NEEDS = 'Unfreezing needs the role admin, for the whole fleet.'

/** The kill switch, always in the same corner. */
export function FreezeControl() {
  const [isAsking, setAsking] = useState(false)
  const { data: freeze } = useGet<FreezeJson>('freeze')
  const may = usePermissions()
  const reasonId = useId()
  useKeys({ f: () => setAsking(true) })
  const isFrozen = freeze?.frozen === true
  const reason = isFrozen ? (may.unfreeze ? undefined : UNFREEZE_NEEDS) : may.freeze ? undefined : FREEZE_NEEDS

  return (
    <>
      <button
        type="button"
        className={`button ${isFrozen ? 'button-primary' : 'button-danger'}`}
        title={reason ?? (isFrozen ? 'No action begins; press to see why, or to unfreeze' : 'Stop all actions (f)')}
        // Pressed all the same it says why: a title is not for fingers.
        aria-disabled={reason !== undefined}
        aria-describedby={reason === undefined ? undefined : reasonId}
        onClick={() => setAsking(true)}
      >
        {isFrozen ? 'Unfreeze' : 'Freeze'}
      </button>
      {reason !== undefined && (
        <span id={reasonId} className="freeze-reason">
          {reason}
        </span>
      )}
      {isAsking &&
        (isFrozen ? (
          <UnfreezeDialog close={() => setAsking(false)} />
        ) : (
          <FreezeDialog close={() => setAsking(false)} />
        ))}
    </>
  )
}

function useSwitch(path: 'freeze' | 'unfreeze', close: () => void) {
  const queries = useQueryClient()
  return useMutation<FreezeJson, Error, { reason: string } | undefined>({
    mutationFn: (body) => postJson(path, body),
    onSuccess: (freeze) => {
      queries.setQueryData(keyOf('freeze'), freeze)
      close()
    },
  })
}

function FreezeDialog({ close }: { close: () => void }) {
  const [reason, setReason] = useState('')
  const { freeze: isAllowed } = usePermissions()
  const thrown = useSwitch('freeze', close)

  return (
    <Dialog title="Freeze all actions" onClose={close}>
      <p>
        No action begins from now on, by a rule or by hand, on any target. What is under way ends. Watching goes on.
      </p>
      {isAllowed ? (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault()
            thrown.mutate({ reason })
          }}
        >
          <label className="field">
            <span className="field-label">Why (others will read it)</span>
            <input
              className="input"
              value={reason}
              maxLength={1000}
              autoComplete="off"
              onChange={(event) => setReason(event.target.value)}
            />
          </label>
          <Failure error={thrown.error} />
          <div className="dialog-actions">
            <button type="button" className="button" onClick={close}>
              Cancel
            </button>
            <button type="submit" className="button button-danger" disabled={thrown.isPending}>
              Freeze all actions
            </button>
          </div>
        </form>
      ) : (
        <NotAllowed close={close}>{FREEZE_NEEDS}</NotAllowed>
      )}
    </Dialog>
  )
}

function UnfreezeDialog({ close }: { close: () => void }) {
  const { unfreeze: isAllowed } = usePermissions()
  const thrown = useSwitch('unfreeze', close)

  return (
    <Dialog title="Unfreeze actions" onClose={close}>
      <p>Actions begin again, as rules, modes and guards allow.</p>
      {isAllowed ? (
        <>
          <Failure error={thrown.error} />
          <div className="dialog-actions">
            <button type="button" className="button" onClick={close}>
              Leave frozen
            </button>
            <button
              type="button"
              className="button button-danger"
              disabled={thrown.isPending}
              onClick={() => thrown.mutate(undefined)}
            >
              Unfreeze actions
            </button>
          </div>
        </>
      ) : (
        <NotAllowed close={close}>{UNFREEZE_NEEDS}</NotAllowed>
      )}
    </Dialog>
  )
}

function NotAllowed({ close, children }: { close: () => void; children: string }) {
  return (
    <>
      <p className="text-amber">{children}</p>
      <div className="dialog-actions">
        <button type="button" className="button" onClick={close}>
          Close
        </button>
      </div>
    </>
  )
}

function Failure({ error }: { error: Error | null }) {
  if (error === null) return null
  return (
    <p role="alert" className="field-error">
      {error.message}
    </p>
  )
}
