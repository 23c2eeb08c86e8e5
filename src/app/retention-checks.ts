import { formatDuration } from '../config/duration.ts'
import type { Finding, Path } from '../config/problem.ts'
import type { Config } from '../config/resolve.ts'
import type { Rules } from '../decide/rules/rule.ts'
import { limitsOf, reachesOf } from './policy.ts'

const RETENTION: Path = ['store', 'retention']

/** Actions that the store has forgotten would be missing in what guards count, and let more of them pass. */
export function* retentionCoversGuards({ store, remediation }: Config): Iterable<Finding> {
  for (const [name, ms] of reachesOf(limitsOf(remediation.guards))) {
    const path = ['remediation', 'guards', name]
    if (ms > store.retention) yield tooShort(store.retention, path.join('.'), ms, path)
  }
}

/** The same of guards that rules have for themselves. */
export function* retentionCoversRules({ store }: Config, { ordered }: Rules): Iterable<Finding> {
  for (const rule of ordered) {
    for (const [name, ms] of reachesOf(rule.limits)) {
      if (ms > store.retention)
        yield tooShort(store.retention, `${name} of the rule ${rule.name}`, ms, ['remediation', 'rules'])
    }
  }
}

function tooShort(retention: number, guard: string, reach: number, read: Path): Finding {
  const message = `${formatDuration(retention)} is less than how far ${guard} looks back, ${formatDuration(reach)}`
  const hint = 'keep actions at least that long, or shorten what the guard counts over'
  return { path: RETENTION, message, hint, reads: [RETENTION, read] }
}
