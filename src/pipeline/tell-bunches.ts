import type { Delivery } from './outbox.ts'
import type { Leg } from './receivers.ts'
import { isSaidAgain } from './tell-dependencies.ts'

/** Where more incidents than this begin at once, one message tells of all of them. */
const TOLD_ONE_BY_ONE = 10
/** What stands in for the handle of a message that told of many: it is never updated, as it is nobody's own. */
export const TOLD_TOGETHER = 'told together'

/** What goes out in one message. */
export interface Bunch {
  readonly leg: Leg
  /** Oldest first. */
  readonly deliveries: readonly Delivery[]
  /** Whether it tells of many that are not of one group. */
  readonly together?: boolean
}

/**
 * A storm of incidents is one message, and so is what follows from it later; what asks somebody something stays by itself,
 * and so does what stands in a message of its own already.
 */
export function joinedInStorm(bunches: readonly Bunch[]): readonly Bunch[] {
  const joining = bunches.filter(canJoin)
  const [before, fresh] = [joining.filter(wasTogether), joining.filter((bunch) => !wasTogether(bunch))]
  const joined = fresh.length > TOLD_ONE_BY_ONE ? joining : before
  if (joined.length < 2 && before.length === 0) return bunches
  const rest = bunches.filter((bunch) => !joined.includes(bunch))
  const deliveries = joined
    .flatMap((bunch) => bunch.deliveries)
    .sort((a, b) => a.message.at - b.message.at || (a.id < b.id ? -1 : 1))
  const groupIntervalMs = Math.max(...joined.map(({ leg }) => leg.groupIntervalMs))
  const leg = { ...joined[0].leg, groupKey: JSON.stringify({ together: true }), groupIntervalMs }
  return [...rest, { leg, deliveries, together: true }]
}

function canJoin({ deliveries }: Bunch): boolean {
  return deliveries.every(({ message, handle }) => {
    const own = handle !== undefined && handle !== TOLD_TOGETHER
    return message.incidentId !== undefined && message.kind !== 'waiting' && (!own || isSaidAgain(message))
  })
}

function wasTogether({ deliveries }: Bunch): boolean {
  return deliveries.some(({ handle, message }) => handle === TOLD_TOGETHER && !isSaidAgain(message))
}
