import { useQueryClient } from '@tanstack/react-query'
import { Suspense, useEffect, useRef } from 'react'
import { followEvents } from '../api/live.ts'
import { useMatters } from '../api/needs-me.ts'
import { StatePanel } from '../components/state-panel.tsx'
import type { Route } from './address.ts'
import { Announcer } from './announcer.tsx'
import { Bands } from './bands.tsx'
import { ErrorBoundary } from './error-boundary.tsx'
import { Header } from './header.tsx'
import { moveFocus, pressMarked, useKeys } from './keyboard.ts'
import { Page } from './pages.tsx'
import { navigate, useRoute } from './router.ts'

const TITLES: Readonly<Record<Route['page'], string>> = {
  fleet: 'Fleet',
  target: 'Target',
  incidents: 'Incidents',
  incident: 'Incident',
  actions: 'Actions',
  rules: 'Rules',
  models: 'Models',
  kpis: 'KPIs',
  status: 'Status',
  unknown: 'Not found',
}

/** What is around every page, for who may look. */
export function Shell() {
  const queries = useQueryClient()
  const route = useRoute()
  useEffect(() => followEvents(queries), [queries])
  useShellKeys()
  useTitle(route)
  useArrival(route)

  return (
    <>
      <button type="button" className="button skip-link" onClick={() => document.getElementById('main')?.focus()}>
        Skip to the content
      </button>
      <Header />
      <Bands />
      <main id="main" tabIndex={-1}>
        <ErrorBoundary key={`${route.page} ${route.id}`}>
          <Suspense fallback={<StatePanel state="loading" title="Loading the page" />}>
            <Page {...route} />
          </Suspense>
        </ErrorBoundary>
      </main>
      <Announcer />
    </>
  )
}

function useShellKeys(): void {
  useKeys({
    j: () => moveFocus(1),
    k: () => moveFocus(-1),
    a: () => pressMarked('a'),
    '/': () => {
      if (focusSearch()) return
      navigate('/')
      // Once the page is there.
      setTimeout(focusSearch, 50)
    },
  })
}

function focusSearch(): boolean {
  const search = document.querySelector<HTMLInputElement>('main input[type="search"]')
  search?.focus()
  search?.select()
  return search !== null
}

function useTitle({ page, id }: Route): void {
  const count = useMatters().matters?.needMe.length ?? 0
  useEffect(() => {
    const name = page === 'target' ? id : TITLES[page]
    document.title = `${count > 0 ? `(${count}) ` : ''}${name} · Homeostat`
  }, [page, id, count])
}

/** Who opens another page begins at its top, with the keyboard too; who goes back is where they were. */
function useArrival({ page, id }: Route): void {
  const opens = useRef(false)
  const place = `${page} ${id}`
  const before = useRef(place)
  useEffect(() => {
    const pressed = ({ target }: MouseEvent) => {
      opens.current = target instanceof Element && target.closest('a[href^="#"]') !== null
    }
    document.addEventListener('click', pressed, true)
    return () => document.removeEventListener('click', pressed, true)
  }, [])
  useEffect(() => {
    if (before.current === place) return
    before.current = place
    document.getElementById('main')?.focus({ preventScroll: true })
    if (opens.current) window.scrollTo(0, 0)
    opens.current = false
  }, [place])
}
