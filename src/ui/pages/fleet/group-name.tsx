import { formatCount, plural } from '../../format.ts'
import type { Group } from './group.ts'

/** The name of a group, how many are in it, and how many of them are in alarm. */
export function GroupName({ group, label }: { group: Group; label: string }) {
  const { targets, alarms } = group
  const name = group.name === '' ? `without ${label}` : group.name
  return (
    <h2 className="grid-heading" title={`${name}: ${plural(targets.length, 'target')}, ${plural(alarms, 'alarm')}`}>
      <span className="grid-name">{name}</span>
      <span className="muted number">
        {formatCount(targets.length)}
        <span className="sr-only"> targets</span>
      </span>
      {alarms > 0 && (
        <span className="text-red number">
          <span aria-hidden="true">▲</span>
          {formatCount(alarms)}
          <span className="sr-only"> in alarm</span>
        </span>
      )}
    </h2>
  )
}
