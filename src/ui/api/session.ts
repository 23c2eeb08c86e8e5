import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect } from 'react'
import type { PermissionsJson, SessionJson } from '../../api/contract.ts'
import { type ApiProblem, deleteJson, onUnauthorized, postJson, setCsrfToken } from './client.ts'
import { type Answer, keyOf, useGet } from './queries.ts'

const KEY = keyOf('session')
const NOTHING: PermissionsJson = { operate: false, freeze: false, unfreeze: false, reload: false, whole_fleet: false }

export type Credential = { readonly token: string } | { readonly username: string; readonly password: string }

/** Who has signed in; null where nobody has, and somebody must. */
export function useSession(): Answer<SessionJson | null> {
  const queries = useQueryClient()
  const answer = useGet<SessionJson | null>('session')
  const { data } = answer
  useEffect(() => onUnauthorized(() => queries.setQueryData(KEY, null)), [queries])
  useEffect(() => setCsrfToken(data?.csrf_token ?? null), [data])
  return answer
}

/** What who has signed in may do; nothing until it is known. */
export function usePermissions(): PermissionsJson {
  return useGet<SessionJson | null>('session').data?.permissions ?? NOTHING
}

/** @throws {ApiProblem} `unauthorized` where the credential is not known, `too_many_attempts` */
export function useSignIn(): (credential: Credential) => Promise<void> {
  const queries = useQueryClient()
  return useCallback(
    async (credential) => {
      const session = await postJson<SessionJson>('session', credential)
      setCsrfToken(session.csrf_token)
      // What somebody else was shown is not for whoever comes next.
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' })
      queries.setQueryData(KEY, session)
    },
    [queries],
  )
}

export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient()
  return useCallback(async () => {
    await deleteJson('session')
    setCsrfToken(null)
    queries.setQueryData(KEY, null)
  }, [queries])
}

export function isUnauthorized(error: unknown): boolean {
  return (error as ApiProblem | null)?.code === 'unauthorized'
}
