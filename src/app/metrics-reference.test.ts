import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { metricsReference } from './metrics-reference.ts'

const written = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')

it('docs/metrics.md lists the series as they are; write it anew with node scripts/write-metrics-reference.ts', async () => {
  expect(written).toBe(await metricsReference())
})

it('names labels and their closed sets, and leaves out what the configuration chooses', () => {
  expect(written).toContain('| `anomaly_contribution` | gauge | `instance`, `job`, `feature` |')
  expect(written).toContain('| `homeostat_actions_total` | counter | `action`, `state` |')
  expect(written).toContain('- `homeostat_decisions_total{verdict}`: `execute`, `ask`, `observe`, `refuse`, `none`\n')
  expect(written).not.toContain('{receiver}`:')
})
