import { type Dashboard, dashboardJson } from './dashboard.ts'
import { fleet } from './fleet.ts'
import { health } from './health.ts'
import { host } from './host.ts'
import { services } from './services.ts'

/** By the name of their file in grafana/dashboards. */
export const DASHBOARDS: Readonly<Record<string, Dashboard>> = { fleet, host, services, health }

/** The text of a file in grafana/dashboards. */
export function dashboardText(dashboard: Dashboard): string {
  return `${JSON.stringify(dashboardJson(dashboard), null, 2)}\n`
}
