import { createLogger } from '../../platform/logger.ts'
import { createEventHub, type EventHub, type EventHubOptions } from '../events/event-hub.ts'
import { createHappenings } from '../events/happenings.ts'
import type { Fleet } from '../fleet.ts'
import type { StatusFacts, StatusSource } from '../status.ts'
import { statusJson } from '../status-json.ts'
import { fakeFleet } from './fake-fleet.ts'
import { NOON } from './fake-incidents.ts'

/** A process that has just started and of which all is well, changed where a test needs it. */
export function fakeStatus(changes: Partial<StatusFacts> = {}): StatusSource {
  const facts: StatusFacts = {
    at: NOON,
    version: '1.2.3',
    startedAt: NOON - 60_000,
    uptimeMs: 60_000,
    intervalMs: 15_000,
    cycle: { at: NOON - 5000, tookMs: 12, failures: 0 },
    sources: [{ kind: 'local', state: 'up', newestAt: NOON - 5000, targets: 1, problems: [] }],
    training: { minHistoryMs: 3_600_000, intervalMs: 86_400_000 },
    receivers: [],
    configuration: { loadedAt: NOON - 60_000, warnings: [] },
    ongoing: [],
    actions: [],
    freeze: undefined,
    ...changes,
  }
  return { read: async () => facts }
}

/** Events of what is told to `happenings`; of nothing unless they are given. */
export function fakeEvents(fleet: Fleet = fakeFleet(), given: Partial<EventHubOptions> = {}): EventHub {
  return createEventHub({
    happenings: createHappenings(),
    fleet,
    status: async (principal) => statusJson(await fakeStatus().read(), fleet, principal),
    now: () => NOON,
    metrics: { eventStreamReset() {} },
    logger: createLogger('error', { write() {} }),
    ...given,
  })
}
