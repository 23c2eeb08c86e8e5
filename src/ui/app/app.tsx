import { QueryClientProvider } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { createQueries } from '../api/queries.ts'
import { isUnauthorized, useSession } from '../api/session.ts'
import { Refusal } from '../components/answer.tsx'
import { StatePanel } from '../components/state-panel.tsx'
import { SignInPage } from '../pages/sign-in/sign-in-page.tsx'
import { Shell } from './shell.tsx'

const RETRY_MS = 3000

export function App() {
  const [queries] = useState(createQueries)
  return (
    <QueryClientProvider client={queries}>
      <Gate />
    </QueryClientProvider>
  )
}

/** The pages are for who may look. */
function Gate() {
  const { data: session, error, refetch } = useSession()
  const isAway = session === undefined && error !== null && !isUnauthorized(error)
  useEffect(() => {
    if (!isAway) return
    const timer = setInterval(() => void refetch(), RETRY_MS)
    return () => clearInterval(timer)
  }, [isAway, refetch])

  if (session === null || isUnauthorized(error)) return <SignInPage />
  if (session !== undefined) return <Shell />
  return (
    <main>
      {error === null ? (
        <StatePanel state="loading" title="Connecting to Homeostat" />
      ) : (
        <Refusal error={error} what="the dashboard" onRetry={() => void refetch()} />
      )}
    </main>
  )
}
