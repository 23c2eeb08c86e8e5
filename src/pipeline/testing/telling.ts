import { type Incident, opened } from '../../domain/incident.ts'
import type { Message } from '../../domain/message.ts'
import type { Store } from '../../store/sql/store.ts'
import { openMemoryStore } from '../../store/sql/testing/memory-store.ts'
import { createRateLimiter } from '../rate-limiter.ts'
import { type Bulletin, type Dispatch, type Leg, NotifyError, type Receiver } from '../receivers.ts'
import { createTell, type Tell } from '../tell.ts'
import type { TellDependencies } from '../tell-dependencies.ts'
import { type ManualClock, manualClock } from './manual-clock.ts'

export const START = Date.parse('2026-11-21T10:00:00Z')

/** A receiver that writes down what it is sent, and does to each try what it is told to. */
export interface ScriptedReceiver extends Receiver {
  readonly sent: { readonly at: number; readonly bulletin: Bulletin }[]
  readonly tries: number[]
  /** Next answers: an error, or `hang`; afterwards all goes well. */
  readonly script: (NotifyError | Error | 'hang')[]
}

export interface Telling {
  readonly store: Store
  readonly clock: ManualClock
  readonly tell: Tell
  readonly counts: Record<string, number>
  say(...messages: readonly Message[]): Promise<void>
  save(...incidents: readonly Incident[]): Promise<void>
  pass(seconds: number): Promise<void>
  stop(): Promise<void>
}

export function scripted(
  name: string,
  clock: ManualClock,
  can: Partial<Pick<Receiver, 'updates' | 'limits' | 'refreshMs' | 'silencesItself'>> = {},
): ScriptedReceiver {
  const sent: ScriptedReceiver['sent'] = []
  const tries: number[] = []
  const script: ScriptedReceiver['script'] = []
  return {
    name,
    updates: 'in_place',
    limits: [],
    ...can,
    sent,
    tries,
    script,
    async send(bulletin) {
      tries.push(clock.now())
      const step = script.shift()
      if (step === 'hang') return new Promise(() => undefined)
      if (step !== undefined) throw step
      sent.push({ at: clock.now(), bulletin })
      return { handle: bulletin.handle ?? `${name}-${sent.length}` }
    },
  }
}

/** Everything to all receivers, each incident by itself, at once; a leg can be changed. */
export function toAll(receivers: readonly Receiver[], change: Partial<Leg> = {}): Dispatch {
  return (message) => {
    const names = message.addressed === undefined ? receivers.map(({ name }) => name) : [message.addressed.to]
    return names.map((receiver) => ({
      receiver,
      groupKey: message.incidentId ?? message.key,
      groupWaitMs: 0,
      groupIntervalMs: 60_000,
      repeatIntervalMs: 0,
      heldUntil: () => undefined,
      ...change,
    }))
  }
}

export async function telling(
  receivers: (clock: ManualClock) => readonly Receiver[],
  options: Partial<TellDependencies> & { readonly on?: Store; readonly at?: number } = {},
): Promise<Telling> {
  const clock = manualClock(options.at ?? START)
  const all = receivers(clock)
  const store = options.on ?? (await openMemoryStore(clock))
  const counts: Record<string, number> = {}
  const count = (key: string) => {
    counts[key] = (counts[key] ?? 0) + 1
  }
  const silent = { warn: () => undefined, error: () => undefined } as unknown as TellDependencies['logger']
  const tell = createTell({
    outbox: store,
    journal: store,
    dispatch: toAll(all),
    receivers: all,
    clock,
    limiter: createRateLimiter(clock),
    random: () => 0.5,
    logger: silent,
    metrics: {
      sent: (receiver) => count(`${receiver} sent`),
      failed: (receiver, reason) => count(`${receiver} failed ${reason}`),
      dropped: (receiver, why) => count(`${receiver} dropped ${why}`),
      waiting: () => undefined,
    },
    ...options,
  })
  const stop = new AbortController()
  const running = tell.run(stop.signal)
  return {
    ...{ store, clock, tell, counts },
    say: (...messages) => store.transaction((entries) => entries.say(messages)),
    save: (...incidents) => store.transaction((entries) => entries.saveIncidents(incidents)),
    async pass(seconds) {
      for (let i = 0; i < seconds; i++) {
        await clock.advance(1_000)
        for (let turn = 0; turn < 12; turn++) await new Promise((resolve) => setImmediate(resolve))
      }
    },
    async stop() {
      stop.abort(new Error('stopping'))
      await running
    },
  }
}

export function incidentOf(target: string, id = `incident-${target}`, at = START): Incident {
  const contributions = [{ feature: 'cpu', share: 1, actual: 0.9, expected: 0.2 }]
  return opened(id, target, { at, level: 2, contributions }, { labels: { job: 'node' }, group: 'node' })
}

export function messageOf(incident: Incident, kind: Message['kind'], at = START): Message {
  const { id, target, labels } = incident
  return { key: `${id}:${kind}`, kind, at, severity: 'medium', incidentId: id, target, labels, text: kind }
}

export const unavailable = () => new NotifyError('unavailable', 'down')
