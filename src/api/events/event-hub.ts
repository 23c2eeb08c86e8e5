import { randomBytes } from 'node:crypto'
import type { Logger } from '../../platform/logger.ts'
import type { Metrics } from '../../platform/metrics.ts'
import { actionJson } from '../action-json.ts'
import type { LabelTest } from '../auth/label-scope.ts'
import type { Principal } from '../auth/principal.ts'
import type { EventsJson, StatusJson } from '../contract.ts'
import { freezeJson } from '../control-json.ts'
import type { Fleet } from '../fleet.ts'
import { incidentJson } from '../incident-json.ts'
import { createFleetMemory, type FleetChanges, targetsEventJson } from './fleet-changes.ts'
import type { Happening, Happenings } from './happenings.ts'
import { eventText } from './wire.ts'

/** Events but those of targets that are remembered for who comes back. */
const REMEMBERED = 1000
/** What pushed readings change is told together, so long after the first of them; and how Homeostat is, after actions. */
const SETTLE_MS = 1000

type EventName = keyof EventsJson
type Labels = Readonly<Record<string, string>>

export interface EventHubOptions {
  readonly happenings: Happenings
  readonly fleet: Pick<Fleet, 'firstCycleDone' | 'verdicts'>
  /** How Homeostat is, as somebody sees it. */
  readonly status: (principal: Principal) => Promise<StatusJson>
  /** ms since the epoch */
  readonly now: () => number
  readonly metrics: Pick<Metrics, 'eventStreamReset'>
  readonly logger: Pick<Logger, 'error'>
  readonly settleMs?: number
}

/** One who looks on. */
export interface Onlooker {
  readonly principal: Principal
  /** Must not throw. */
  send(text: Buffer): void
  /** Nothing follows any more: the process ends, or who may see what is asked anew. */
  end(): void
}

/** Tells who looks on of what happens, and who comes back of what they missed. */
export interface EventHub {
  /** Id of the newest event, to be shown when somebody comes back. */
  readonly newest: string
  /**
   * @param from the last event that was heard; undefined: what is to come is enough
   * @returns what ends it
   */
  join(onlooker: Onlooker, from: string | undefined): () => void
  /** What one is told that has missed something because it did not read. */
  resetText(): Buffer
  close(): void
}

/** An event that is remembered; without labels it is for everybody. */
interface Remembered {
  readonly number: number
  readonly name: EventName
  readonly data: object
  readonly labels?: Labels
}

export function createEventHub(options: EventHubOptions): EventHub {
  const { happenings, fleet, status, now, logger, metrics, settleMs = SETTLE_MS } = options
  /** Tells the events of this process from those of the one before. */
  const epoch = randomBytes(6).toString('hex')
  const onlookers = new Set<Onlooker>()
  const memory = createFleetMemory()
  let remembered: Remembered[] = []
  /** Up to this one, events have been forgotten. */
  let forgotten = 0
  let number = 0
  let freeze = freezeJson(undefined)
  let settling: NodeJS.Timeout | undefined
  let statusSoon: NodeJS.Timeout | undefined
  /** Another engine has begun, and has not looked at its fleet yet. */
  let isBeginning = false

  const idOf = (one: number) => `${epoch}-${one}`
  const iso = () => new Date(now()).toISOString()

  function publish(name: EventName, data: object, labels?: Labels): void {
    number++
    const event = { number, name, data, labels }
    remembered.push(event)
    if (remembered.length > 2 * REMEMBERED) {
      forgotten = remembered[REMEMBERED - 1].number
      remembered = remembered.slice(REMEMBERED)
    }
    let text: Buffer | undefined
    for (const onlooker of onlookers) {
      if (!isFor(event, onlooker.principal.sees)) continue
      text ??= eventText(name, data, idOf(number))
      onlooker.send(text)
    }
  }

  function isFor({ labels }: Remembered, sees: LabelTest | undefined): boolean {
    return sees === undefined || labels === undefined || sees(labels)
  }

  function tellTargets(): void {
    clearTimeout(settling)
    settling = undefined
    const changes = memory.flush(number + 1)
    if (changes === undefined) return
    number++
    let whole: Buffer | undefined
    for (const onlooker of onlookers) {
      if (onlooker.principal.sees === undefined) {
        whole ??= targetsText(changes, undefined, number)
        onlooker.send(whole!)
      } else {
        const text = targetsText(changes, onlooker.principal.sees, number)
        if (text !== undefined) onlooker.send(text)
      }
    }
  }

  function targetsText(changes: FleetChanges, sees: LabelTest | undefined, as: number): Buffer | undefined {
    const data = targetsEventJson(changes, iso(), sees)
    return data && eventText('targets', data, idOf(as))
  }

  /** @param some who see the same, at least one */
  async function sendStatus(some: readonly Onlooker[]): Promise<void> {
    try {
      const text = eventText('status', await status(some[0].principal), idOf(number))
      for (const onlooker of some) if (onlookers.has(onlooker)) onlooker.send(text)
    } catch (err) {
      logger.error({ err }, 'nobody could be told how Homeostat is')
    }
  }

  function tellStatus(): void {
    clearTimeout(statusSoon)
    statusSoon = undefined
    // Counting a large fleet anew for everybody would cost too much.
    const alike = Map.groupBy(onlookers, ({ principal }) => (principal.sees === undefined ? principal.role : principal))
    for (const some of alike.values()) void sendStatus(some)
  }

  /** A storm writes hundreds of actions at once: what has become of all of them is counted once. */
  function tellStatusSoon(): void {
    statusSoon ??= setTimeout(tellStatus, settleMs).unref()
  }

  /** The newest labels of a target count, which no sender of alerts can choose. */
  const labelsOf = (target: string, labels: Labels): Labels => ({ ...labels, ...memory.labelsOf(target) })

  function hear(happening: Happening): void {
    switch (happening.kind) {
      case 'cycle':
        noteFleet()
        tellTargets()
        tellStatus()
        break
      case 'reading':
        if (memory.note(happening.verdict)) settling ??= setTimeout(tellTargets, settleMs).unref()
        break
      case 'incident':
        tellIncident(happening)
        break
      case 'action': {
        const { action, labels } = happening
        publish('action', actionJson(action), labelsOf(action.target, labels))
        tellStatusSoon()
        break
      }
      case 'freeze':
        tellFreeze(happening)
        break
      case 'reloaded':
        isBeginning = true
        endAll()
    }
  }

  function noteFleet(): void {
    // Until a first cycle is done, whoever is missing is only not known yet: the cycle was that of the engine before.
    if (!fleet.firstCycleDone) {
      for (const verdict of fleet.verdicts()) memory.note(verdict)
      return
    }
    memory.noteAll(fleet.verdicts())
    // Who asked for the fleet in between was shown next to nothing of it.
    if (isBeginning) memory.tellAnew()
    isBeginning = false
  }

  function tellIncident({ incident, opened }: Extract<Happening, { kind: 'incident' }>): void {
    const change = opened ? 'opened' : 'changed'
    publish('incident', { change, incident: incidentJson(incident) }, labelsOf(incident.target, incident.labels))
  }

  function tellFreeze(happening: Extract<Happening, { kind: 'freeze' }>): void {
    // Told by whoever changed it, and again by whoever looks at it now and then.
    const data = freezeJson(happening.freeze)
    if (JSON.stringify(data) === JSON.stringify(freeze)) return
    freeze = data
    publish('freeze', data)
    tellStatusSoon()
  }

  function endAll(): void {
    for (const onlooker of [...onlookers]) onlooker.end()
  }

  /** Number of an event of this process; undefined for any other. */
  function numberOf(id: string): number | undefined {
    const [, mark, text] = /^([0-9a-f]{12})-(\d{1,15})$/.exec(id) ?? []
    return mark === epoch && Number(text) <= number ? Number(text) : undefined
  }

  /** What was missed; undefined where that is no longer known. */
  function missed(after: number, sees: LabelTest | undefined): Buffer[] | undefined {
    const changes = memory.since(after)
    if (changes === undefined || after < forgotten) return undefined
    const events = remembered.filter((one) => one.number > after && isFor(one, sees))
    // Where the line breaks again before the rest is heard, all is told again.
    const targets = targetsText(changes, sees, after)
    return [...(targets ? [targets] : []), ...events.map((one) => eventText(one.name, one.data, idOf(one.number)))]
  }

  function reset(reason: EventsJson['reset']['reason']): Buffer {
    metrics.eventStreamReset(reason)
    return eventText('reset', { at: iso(), reason } satisfies EventsJson['reset'], idOf(number))
  }

  const silence = happenings.listen((happening) => {
    try {
      hear(happening)
    } catch (err) {
      // Whoever tells of something has done it: that goes on.
      logger.error({ err, happening: happening.kind }, 'what happened could not be told')
    }
  })
  return {
    get newest() {
      return idOf(number)
    },
    join(onlooker, from) {
      const { sees } = onlooker.principal
      const after = from === undefined ? number : numberOf(from)
      const past = after === undefined ? undefined : missed(after, sees)
      const begun = past === undefined ? number : after!
      onlooker.send(eventText('hello', { at: iso(), id: idOf(begun) } satisfies EventsJson['hello'], idOf(begun)))
      if (past === undefined) onlooker.send(reset(after === undefined ? 'restarted' : 'too_old'))
      for (const text of past ?? []) onlooker.send(text)
      onlookers.add(onlooker)
      void sendStatus([onlooker])
      return () => void onlookers.delete(onlooker)
    },
    resetText: () => reset('slow'),
    close() {
      silence()
      clearTimeout(settling)
      clearTimeout(statusSoon)
      endAll()
    },
  }
}
