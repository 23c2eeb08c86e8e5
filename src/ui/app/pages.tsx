import { lazy } from 'react'
import { ActionsPage } from '../pages/actions/actions-page.tsx'
import { FleetPage } from '../pages/fleet/fleet-page.tsx'
import { IncidentPage } from '../pages/incidents/incident-page.tsx'
import { IncidentsPage } from '../pages/incidents/incidents-page.tsx'
import { KpisPage } from '../pages/kpis/kpis-page.tsx'
import { ModelsPage } from '../pages/models/models-page.tsx'
import { RulesPage } from '../pages/rules/rules-page.tsx'
import { StatusPage } from '../pages/status/status-page.tsx'
import { href, type Route } from './address.ts'

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
    case 'rules':
      return <RulesPage />
    case 'models':
      return <ModelsPage />
    case 'kpis':
      return <KpisPage />
    case 'status':
      return <StatusPage />
    case 'fleet':
      return <FleetPage />
    default:
      return <NotFound />
  }
}

function NotFound() {
  return (
    <>
      <h1>There is no such page</h1>
      <p>
        <a href={href('/')}>To the fleet</a>
      </p>
    </>
  )
}
