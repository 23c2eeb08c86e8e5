/** Of `GET /api/v1/targets`, what the story needs. */
export interface TargetSeen {
  readonly id: string
  readonly state: string
  readonly level: number | null
  readonly detected: boolean
}

/** Of `GET /api/v1/incidents/{id}`. */
export interface IncidentSeen {
  readonly id: string
  readonly target: string
  readonly state: string
  readonly severity: number | null
  readonly cause: string | null
  readonly opened_at: string
  readonly closed_at: string | null
  readonly diagnosis: { readonly root_target: string } | null
  readonly actions: readonly { readonly action: string; readonly rule: string; readonly state: string }[]
}

/** Not of the rule that only tells people. */
const BEGUN = new Set(['PLANNED', 'CLAIMED', 'STARTED', 'SUCCEEDED', 'VERIFIED', 'FAILED', 'UNKNOWN', 'ESCALATED'])

/** Tells what happens in lines; each thing once. */
export function createStory() {
  const normal = new Set<string>()
  const told = new Map<string, string>()
  let healed = 0

  function anomaly(incident: IncidentSeen): string | undefined {
    const { id, target, severity, cause, actions, diagnosis } = incident
    const root = diagnosis?.root_target ?? target
    const action = actions.find((one) => BEGUN.has(one.state))
    if (action === undefined && root === target) return undefined
    const what = action === undefined ? `waits for ${nameOf(root)}` : `${action.action} (rule ${action.rule})`
    const line = `[ANOMALY] ${nameOf(target)} ${cause ?? 'unknown'} severity=${(severity ?? 0).toFixed(2)} → ${what}`
    return changed(id, what) ? line : undefined
  }

  function recovered({ id, target, opened_at, closed_at, actions }: IncidentSeen): string | undefined {
    if (closed_at === null || !told.has(id) || !changed(id, 'recovered')) return undefined
    if (actions.some(({ action, state }) => action !== 'alert' && state === 'VERIFIED')) healed++
    const seconds = Math.round((Date.parse(closed_at) - Date.parse(opened_at)) / 1000)
    return `[RECOVERED] ${nameOf(target)} after ${seconds} s`
  }

  function changed(id: string, what: string): boolean {
    if (told.get(id) === what) return false
    told.set(id, what)
    return true
  }

  return {
    /** Incidents that recovered after an action that was verified. */
    healed: () => healed,
    /** @returns the lines to be said of what is seen now */
    lines(targets: readonly TargetSeen[], incidents: readonly IncidentSeen[]): string[] {
      const services = targets.filter(({ id }) => id.endsWith('@push'))
      const calm = services.filter(({ id, state, detected }) => state === 'fresh' && !detected && !normal.has(id))
      for (const { id } of calm) normal.add(id)
      const settled = calm.map(({ id, level }) => `[NORMAL] ${nameOf(id)} level=${(level ?? 0).toFixed(2)}`)
      const events = incidents
        .filter(({ target }) => target.endsWith('@push'))
        .flatMap((incident) => {
          const over = incident.state === 'recovered' || incident.state === 'closed'
          const line = over ? recovered(incident) : anomaly(incident)
          return line === undefined ? [] : [line]
        })
      return [...settled, ...events]
    },
  }
}

function nameOf(target: string): string {
  return target.replace(/@push$/, '')
}
