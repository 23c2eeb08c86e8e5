import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { FreezeJson } from '../../api/contract.ts'
import { postJson } from '../api/client.ts'
import { keyOf, useGet } from '../api/queries.ts'
import { usePermissions } from '../api/session.ts'
import { Dialog } from '../components/dialog.tsx'
import { useKeys } from './keyboard.ts'

/** The kill switch, always in the same corner. */
export function FreezeControl() {
  const [isAsking, setAsking] = useState(false)
  const { data: freeze } = useGet<FreezeJson>('freeze')
  useKeys({ f: () => setAsking(true) })
  const isFrozen = freeze?.frozen === true

  return (
    <>
      <button
        type="button"
        className={`button ${isFrozen ? 'button-primary' : 'button-danger'}`}
        title={isFrozen ? 'No action begins; press to see why, or to unfreeze' : 'Stop all actions (f)'}
        onClick={() => setAsking(true)}
      >
        {isFrozen ? 'Unfreeze' : 'Freeze'}
      </button>
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
        <NotAllowed close={close}>Freezing needs the role operate, for the whole fleet.</NotAllowed>
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
        <NotAllowed close={close}>Unfreezing needs the role admin, for the whole fleet.</NotAllowed>
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
