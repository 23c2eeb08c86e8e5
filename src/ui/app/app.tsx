import { QueryClientProvider } from '@tanstack/react-query'
import { Suspense, useEffect, useState } from 'react'
import { followEvents } from '../api/live.ts'
import { createQueries } from '../api/queries.ts'
import { StatePanel } from '../components/state-panel.tsx'
import { Page } from './pages.tsx'
import { useRoute } from './router.ts'

export function App() {
  const [queries] = useState(createQueries)
  useEffect(() => followEvents(queries), [queries])
  const route = useRoute()
  return (
    <QueryClientProvider client={queries}>
      <main id="main" tabIndex={-1}>
        <Suspense fallback={<StatePanel state="loading" title="Loading the page" />}>
          <Page {...route} />
        </Suspense>
      </main>
    </QueryClientProvider>
  )
}
