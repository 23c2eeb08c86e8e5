import { formatDuration } from './duration.ts'
import { finding } from './finding.ts'
import type { Finding } from './problem.ts'
import type { ParsedConfig } from './schema.ts'

/** Guards that guard, and selectors that name somebody. */
export function* remediationIsClear({ remediation }: ParsedConfig): Iterable<Finding> {
  const { guards } = remediation
  if (guards.max_unhealthy === 1 && !guards.allow_whole_group) {
    const hint = 'add allow_whole_group: true to say that every target may be acted on'
    yield finding('remediation.guards.max_unhealthy', '100% is no limit at all', hint, [
      'remediation.guards.allow_whole_group',
    ])
  }
  const { base, max } = guards.cooldown
  if (max < base) {
    const message = `${formatDuration(max)} is less than base, ${formatDuration(base)}`
    yield finding('remediation.guards.cooldown.max', message, 'the pause grows from base to max', [
      'remediation.guards.cooldown.base',
    ])
  }
}
