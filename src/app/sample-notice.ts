import type { Action } from '../domain/action.ts'
import { acknowledged, opened } from '../domain/incident.ts'
import { acted, diagnosed } from '../domain/incident-course.ts'
import type { LevelChart } from '../notify/chart-svg.ts'
import type { IncidentMatter, Matter } from '../notify/compose.ts'

const TARGET = 'homeostat-test@test'
const LABELS = { instance: 'homeostat-test', job: 'test' } as const
const MINUTE_MS = 60_000

/** An incident that never was, to see what messages look like. @param at ms since the epoch */
export function sampleMatter(at: number): Matter {
  const matter = sampleIncident(at)
  const { id, target, labels } = matter.incident
  const text = 'This is a test: nothing has happened.'
  const message = {
    key: `test:${at}`,
    kind: 'detected',
    at,
    severity: 'low',
    incidentId: id,
    target,
    labels,
    text,
  } as const
  return {
    key: `test:${at}`,
    messages: [message],
    attention: true,
    incidents: [matter],
    buttons: [],
    links: [{ label: 'Homeostat', url: 'https://homeostat.example.org/' }],
  }
}

function sampleIncident(at: number): IncidentMatter {
  const contributions = [
    { feature: 'memory_used_ratio', share: 0.61, actual: 0.973, expected: 0.42 },
    { feature: 'memory_change', share: 0.22, actual: 0.031, expected: 0 },
    { feature: 'context_switches', share: 0.09, actual: 41_200, expected: 18_300 },
  ]
  const began = at - 5 * MINUTE_MS
  const peak = { at: began, level: 1.7, contributions }
  const evidence = ['memory_used_ratio 0.973, expected 0.42']
  const diagnosis = { cause: 'memory_leak', confidence: 0.8, evidence, rootTarget: TARGET } as const
  const unwell = diagnosed(opened('test', TARGET, peak, { labels: LABELS, group: 'test' }), diagnosis, began)
  const acting = acted(unwell, 'acting', at - 4 * MINUTE_MS, 'restart is planned', {})
  return { incident: acknowledged(acting, at, 'nobody: a test'), severity: 'low', actions: [sampleAction(at)] }
}

function sampleAction(at: number): Action {
  return {
    id: 'test',
    incidentId: 'test',
    key: 'test',
    target: TARGET,
    group: 'test',
    action: 'restart',
    parameters: {},
    severity: 'low',
    mode: 'observe',
    rule: 'test',
    step: 0,
    verification: { afterMs: MINUTE_MS, withinMs: 5 * MINUTE_MS },
    state: 'DRY_RUN',
    reason: 'a test',
    by: 'homeostat',
    call: 'systemctl restart web.service',
    epoch: 0,
    createdAt: at - 4 * MINUTE_MS,
    expiresAt: at,
  }
}

/** Its chart: an hour of a level that rises beyond the threshold. */
export function sampleChart(at: number): LevelChart {
  const points = Array.from({ length: 121 }, (_, i) => {
    const wave = 0.35 + 0.08 * Math.sin(i / 5) + 0.04 * Math.sin(i * 1.7)
    return { at: at - (120 - i) * 30_000, level: wave + Math.max(0, i - 100) * 0.09 }
  })
  return {
    target: TARGET,
    points,
    detectedAt: at - 5 * MINUTE_MS,
    actions: [{ at: at - 4 * MINUTE_MS, label: 'restart' }],
  }
}
