import { writeFileSync } from 'node:fs'
import { DASHBOARDS, dashboardText } from './grafana/dashboards.ts'

/** Writes grafana/dashboards; a test says when they are out of date. */
for (const [name, dashboard] of Object.entries(DASHBOARDS)) {
  writeFileSync(new URL(`../grafana/dashboards/${name}.json`, import.meta.url), dashboardText(dashboard))
}
