import { useMutation, useQueryClient } from '@tanstack/react-query'
import { reloadConfiguration } from '../../api/client.ts'
import { keyOf } from '../../api/queries.ts'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { Outcome } from '../../components/outcome.tsx'

/** Loads the configuration again; one that is wrong is refused, and the old one stays. */
export function Reload({ mayReload }: { mayReload: boolean }) {
  const queries = useQueryClient()
  const asked = useMutation<void, Error>({
    mutationFn: reloadConfiguration,
    onSettled: () => queries.invalidateQueries({ queryKey: keyOf('status') }),
  })
  return (
    <div className="row">
      <Outcome error={asked.error} done={asked.isSuccess ? 'Loaded again.' : undefined} />
      <ConfirmButton
        label="Reload"
        deed="Reload the configuration"
        detail="Sessions end: everybody signs in again."
        disabledReason={mayReload ? undefined : 'this needs the role admin, for the whole fleet'}
        busy={asked.isPending}
        onConfirm={() => asked.mutate()}
      />
    </div>
  )
}
