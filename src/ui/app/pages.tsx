import { lazy } from 'react'
import { ActionsPage } from '../pages/actions/actions-page.tsx'
import { IncidentPage } from '../pages/incidents/incident-page.tsx'
import { IncidentsPage } from '../pages/incidents/incidents-page.tsx'
import type { Route } from './address.ts'

/** With the charts, which the first picture does without. */
const TargetPage = lazy(async () => ({ default: (await import('../pages/target/target-page.tsx')).TargetPage }))

export function Page({ page, id }: Route) {
  switch (page) {
    case 'target':
      return <TargetPage key={id} id={id} />
    case 'incidents':
      return <IncidentsPage />
    case 'incident':
      return <IncidentPage key={id} id={id} />
    case 'actions':
      return <ActionsPage />
    default:
      return <h1>Fleet</h1>
  }
}
