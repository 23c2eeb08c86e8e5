import { feature, gauge, sum } from './builders.ts'
import type { Preset } from './preset.ts'

/**
 * The optional extra of preset `classic`. postgres_exporter is scraped under its own `instance` and `job`, so this
 * makes a target of its own unless relabelling gives it those of its host.
 */
export const database: Preset = {
  heartbeat: 'pg_stat_database_numbackends',
  features: [
    feature(
      'database_connections',
      'count',
      'Open connections to PostgreSQL, over all databases',
      sum(gauge('pg_stat_database_numbackends')),
    ),
  ],
}
